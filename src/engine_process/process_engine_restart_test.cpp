#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "engine_process/engine_test_bench.hpp"
#include "engine_process/run_folder.hpp"
#include "os/file.hpp"

using namespace pintle;
using engine_process::Bench;
using engine_process::Options;
using engine_process::RunFolder;
using testing::output_of;
using Kind = engine::Observation::Kind;

namespace {

constexpr int kReplicas = 24;

engine::ReplicaLaunch counted(const std::string& folder, int number) {
    return testing::a_launch(folder, fmt::format("echo x >> {}/runs-{}; echo printed", folder, number), number);
}

/// A server of its own that starts the replicas, tells after each, and is killed by us after `starts` of them.
void be_killed_after(int starts, const Options& options, const std::string& folder) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t server = ::fork();
    REQUIRE(server >= 0);
    if (server == 0) {
        auto engine = engine_process::ProcessEngine::open(options, [](engine::Observation) {});
        if (!engine) ::_exit(1);
        for (int i = 0; i < kReplicas; ++i) {
            if (!(*engine)->start(counted(folder, i)) || ::write(ends[1], "x", 1) != 1) ::_exit(1);
        }
        while (true) ::pause();
    }
    ::close(ends[1]);
    char byte = 0;
    for (int i = 0; i < starts; ++i) REQUIRE(::read(ends[0], &byte, 1) == 1);
    ::kill(server, SIGKILL);
    ::waitpid(server, nullptr, 0);
    ::close(ends[0]);
}

}  // namespace

TEST_CASE("after a kill of the server at any moment every replica has run once, and its exit and its log are there") {
    for (const int starts : {0, 1, 2, 5, 11, 23, kReplicas}) {
        const testing::TempFolder folder;
        Options options;
        options.folder = folder.path() + "/run";
        be_killed_after(starts, options, folder.path());

        testing::Recorder recorder;
        auto engine = engine_process::ProcessEngine::open(options, recorder.sink()).value();
        std::vector<engine::ReplicaLaunch> launches;
        for (int i = 0; i < kReplicas; ++i) launches.push_back(counted(folder.path(), i));
        // What the core does after a restart: all that it wants to run, it asks for again.
        for (const auto& launch : launches) REQUIRE(engine->start(launch).has_value());
        const auto ended_before = engine->list().value();
        for (const auto& launch : launches) {
            const auto listed = std::find_if(ended_before.begin(), ended_before.end(),
                                             [&](const auto& seen) { return seen.id == launch.id; });
            REQUIRE(listed != ended_before.end());
            const auto exit = listed->kind == Kind::kExited ? listed->exit : recorder.exit_of(launch.id);
            CHECK_MESSAGE(exit.exit_code == 0, exit.message);
            CHECK(recorder.count(launch.id, Kind::kExited) <= 1);
            CHECK(output_of(launch) == "printed\n");
        }
        for (int i = 0; i < kReplicas; ++i) {
            CHECK(os::read_file(fmt::format("{}/runs-{}", folder.path(), i)).value() == "x\n");
        }
    }
}

TEST_CASE("a replica whose supervisor is killed is reported as failed, and its processes are ended") {
    Bench bench;
    testing::Signal pids(bench.path() + "/pids");
    // The second leaves the session and its environment behind.
    const auto launch = bench.start(fmt::format(
        "setsid bash -c 'echo $BASHPID > {0}; exec sleep 1000' & echo $$ > {0}; exec -c sleep 1000", pids.path()));
    const pid_t first = static_cast<pid_t>(parse_int(pids.wait()).value());
    const pid_t second = static_cast<pid_t>(parse_int(pids.wait()).value());
    bench.recorder().wait_until_running(launch.id);
    const RunFolder folder(bench.options().folder);
    const auto supervisor = folder.claimed_by(launch.id.str());
    REQUIRE(supervisor.has_value());
    const auto check_reported = [&](const domain::ReplicaExit& exit) {
        CHECK(exit.exit_code == 128 + SIGKILL);
        CHECK(exit.message == "its supervisor was killed, and all its processes were ended");
        CHECK(engine_process::wait_until_gone(first));
        CHECK(engine_process::wait_until_gone(second));
    };
    SUBCASE("while the server watches") {
        REQUIRE(::kill(supervisor->pid, SIGKILL) == 0);
        check_reported(bench.recorder().exit_of(launch.id));
    }
    SUBCASE("while the server is away") {
        bench.close();
        REQUIRE(::kill(supervisor->pid, SIGKILL) == 0);
        REQUIRE(engine_process::wait_until_gone(supervisor->pid));
        bench.reopen();
        const auto listed = bench.engine().list().value();
        REQUIRE(listed.size() == 1);
        REQUIRE(listed[0].kind == Kind::kExited);
        check_reported(listed[0].exit);
        CHECK(bench.recorder().exit_of(launch.id).exit_code == 128 + SIGKILL);
    }
}

TEST_CASE("a supervisor that is asked to end by hand ends its replica") {
    Bench bench;
    const auto launch = bench.start("exec sleep 1000");
    bench.recorder().wait_until_running(launch.id);
    const auto supervisor = RunFolder(bench.options().folder).claimed_by(launch.id.str());
    REQUIRE(supervisor.has_value());
    for (const int signal : {SIGHUP, SIGINT}) REQUIRE(::kill(supervisor->pid, signal) == 0);  // As a terminal would.
    REQUIRE(::kill(supervisor->pid, SIGTERM) == 0);
    CHECK(bench.recorder().exit_of(launch.id).exit_code == 128 + SIGTERM);
}

TEST_CASE("a launcher that has died is replaced, and the replicas it started go on") {
    Bench bench;
    testing::Signal ready(bench.path() + "/ready");
    const auto before = bench.start(engine_process::ends_on_term(ready.path(), 3));
    ready.wait();
    // The launcher is the parent of the supervisor.
    const auto supervisor = RunFolder(bench.options().folder).claimed_by(before.id.str());
    const auto stat = engine_process::read_stat(supervisor.value().pid);
    REQUIRE(::kill(stat.value().parent, SIGKILL) == 0);
    const auto after = bench.start("exit 4");
    CHECK(bench.recorder().exit_of(after.id).exit_code == 4);
    REQUIRE(bench.engine().stop(before.id, std::chrono::minutes(1)).has_value());
    CHECK(bench.recorder().exit_of(before.id).exit_code == 3);
}

TEST_CASE("an attempt that an earlier life wrote down and never started is started when it is asked for again") {
    Bench bench;
    const auto launch = bench.launch("exit 2");
    const RunFolder folder(bench.options().folder);
    bench.close();
    REQUIRE(folder.write_plan(launch.id.str(), {}).has_value());
    bench.reopen();
    CHECK(bench.engine().list().value().empty());
    CHECK(bench.run(launch).exit_code == 2);
}

TEST_CASE("an attempt that was claimed in an earlier life of the machine is lost") {
    Bench bench;
    const auto launch = bench.launch("true");
    const RunFolder folder(bench.options().folder);
    bench.close();
    REQUIRE(folder.write_plan(launch.id.str(), {}).has_value());
    REQUIRE(folder.claim(launch.id.str(), {1, 1, "another boot"}).value());
    bench.reopen();
    const auto listed = bench.engine().list().value();
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].exit.message == "the machine went down while it ran");
}

TEST_CASE("two engines on one folder start an attempt once") {
    Bench bench;
    testing::Recorder recorder;
    auto other = engine_process::ProcessEngine::open(bench.options(), recorder.sink()).value();
    const auto launch = bench.launch(fmt::format("echo x >> {}/runs", bench.path()));
    REQUIRE(bench.engine().start(launch).has_value());
    REQUIRE(other->start(launch).has_value());
    bench.recorder().exit_of(launch.id);
    recorder.exit_of(launch.id);
    other.reset();
    CHECK(os::read_file(bench.path() + "/runs").value() == "x\n");
}
