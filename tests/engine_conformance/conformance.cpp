#include "engine_conformance/conformance.hpp"

#include <unistd.h>

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "os/file.hpp"

namespace pintle::testing {
namespace {

using engine::Observation;
using Kind = Observation::Kind;

class Conformance {
public:
    explicit Conformance(const Subject& subject) : subject_(subject) { reopen(); }

    void reopen() {
        engine_.reset();
        engine_ = subject_.open(recorder_.sink());
        REQUIRE(engine_ != nullptr);
    }

    engine::ReplicaLaunch launch(const std::string& command, int number = 0) const {
        auto made = a_launch(subject_.shared_folder, command, number);
        subject_.complete(made);
        return made;
    }

    engine::ReplicaLaunch start(const std::string& command, int number = 0) {
        auto made = launch(command, number);
        REQUIRE(engine_->start(made).has_value());
        return made;
    }

    [[nodiscard]] std::vector<Observation> listed(const engine::AttemptId& id) {
        std::vector<Observation> found;
        std::vector<Observation> all = engine_->list().value();
        for (Observation& seen : all) {
            if (seen.id == id) found.push_back(std::move(seen));
        }
        return found;
    }

    engine::Engine& engine() { return *engine_; }
    Recorder& recorder() { return recorder_; }

private:
    const Subject& subject_;
    Recorder recorder_;
    std::unique_ptr<engine::Engine> engine_;
};

}  // namespace

engine::ReplicaLaunch a_launch(const std::string& folder, const std::string& command, int number, int attempt) {
    engine::ReplicaLaunch launch;
    // An engine ends whatever process carries the attempt's id, so test programs that run side by side need their own.
    static const domain::JobId job(fmt::format("01HZZZZZZZZZZZZZZZ{:08}", ::getpid()));
    launch.id = {job, fmt::format("worker-{}", number), attempt};
    launch.command = command;
    launch.host_name = fmt::format("test-worker-1-{0}.worker-{0}", number);
    launch.address = "127.0.0.1";
    launch.log_folder = fmt::format("{}/logs/{}", folder, launch.id.str());
    return launch;
}

std::string output_of(const engine::ReplicaLaunch& launch) {
    std::string output;
    for (const std::string& name : os::list_folder(launch.log_folder).value_or(std::vector<std::string>())) {
        if (name.size() > 4 && name.substr(name.size() - 4) == ".log") {
            output += os::read_file(launch.log_folder + "/" + name, 1 << 30).value();
        }
    }
    return output;
}

void check_conformance(const Subject& subject) {
    Conformance test(subject);
    const std::string& shared = subject.shared_folder;

    SUBCASE("an exit code comes back as it was, after the replica was seen to run") {
        const auto good = test.start("exit 0", 0), bad = test.start("exit 7", 1);
        CHECK(test.recorder().exit_of(good.id).exit_code == 0);
        CHECK(test.recorder().exit_of(bad.id).exit_code == 7);
        for (const auto& id : {good.id, bad.id}) {
            CHECK(test.recorder().count(id, Kind::kRunning) == 1);
            CHECK(test.recorder().count(id, Kind::kExited) == 1);
        }
        const auto all = test.recorder().all();
        const auto first =
            std::find_if(all.begin(), all.end(), [&](const Observation& seen) { return seen.id == bad.id; });
        CHECK(first->kind == Kind::kRunning);
    }
    SUBCASE("output and errors are in the log in the order they were written") {
        const auto launch = test.start("echo one; echo two >&2; printf three");
        test.recorder().exit_of(launch.id);
        CHECK(output_of(launch) == "one\ntwo\nthree");
    }
    SUBCASE("the same attempt started twice runs once, also for a later engine") {
        const auto launch = test.launch(fmt::format("echo x >> {}/runs", shared));
        REQUIRE(test.engine().start(launch).has_value());
        REQUIRE(test.engine().start(launch).has_value());
        test.recorder().exit_of(launch.id);
        REQUIRE(test.engine().start(launch).has_value());
        test.reopen();
        REQUIRE(test.engine().start(launch).has_value());
        REQUIRE(test.listed(launch.id).size() == 1);
        CHECK(test.listed(launch.id)[0].kind == Kind::kExited);
        CHECK(os::read_file(shared + "/runs").value() == "x\n");
    }
    SUBCASE("a stop ends a replica that would run for ever, in words") {
        const auto launch = test.start("exec sleep 1000");
        test.recorder().wait_until_running(launch.id);
        REQUIRE(test.engine().stop(launch.id, Duration(60'000)).has_value());
        const auto exit = test.recorder().exit_of(launch.id);
        CHECK(exit.exit_code == 128 + 15);
        CHECK(exit.message == "stopped");
    }
    SUBCASE("a replica that ignores TERM is killed when the grace is over") {
        Signal ready(shared + "/ready");
        const auto launch =
            test.start(fmt::format("trap '' TERM; echo ready > {}; while true; do sleep 1000; done", ready.path()));
        ready.wait();
        REQUIRE(test.engine().stop(launch.id, Duration(50)).has_value());
        const auto exit = test.recorder().exit_of(launch.id);
        CHECK(exit.exit_code == 128 + 9);
        CHECK(exit.message == "stopped with KILL: it did not end within 50 ms of being asked to");
    }
    SUBCASE("a stop that overtakes its start wins") {
        const auto launch = test.launch(fmt::format("echo x >> {}/runs", shared));
        REQUIRE(test.engine().stop(launch.id, Duration(1000)).has_value());
        REQUIRE(test.engine().start(launch).has_value());
        CHECK(test.recorder().exit_of(launch.id).message == "stopped before it was started");
        test.reopen();
        REQUIRE(test.engine().start(launch).has_value());
        REQUIRE(test.listed(launch.id).size() == 1);
        CHECK(test.listed(launch.id)[0].kind == Kind::kExited);
        CHECK_FALSE(os::exists(shared + "/runs"));
    }
    SUBCASE("to stop what has ended is not an error and changes nothing") {
        const auto launch = test.start("exit 4");
        test.recorder().exit_of(launch.id);
        REQUIRE(test.engine().stop(launch.id, Duration(0)).has_value());
        CHECK(test.listed(launch.id).at(0).exit.exit_code == 4);
        CHECK(test.recorder().count(launch.id, Kind::kExited) == 1);
    }
    SUBCASE("a later engine lists what ran and what ended, and hears the end of what still runs") {
        Signal release(shared + "/release");
        const auto ended = test.start("exit 3", 0),
                   running = test.start(fmt::format("read line < {}; echo got $line; exit 5", release.path()), 1);
        test.recorder().exit_of(ended.id);
        test.recorder().wait_until_running(running.id);
        test.reopen();
        REQUIRE(test.listed(ended.id).size() == 1);
        CHECK(test.listed(ended.id)[0].exit.exit_code == 3);
        REQUIRE(test.listed(running.id).size() == 1);
        CHECK(test.listed(running.id)[0].kind == Kind::kRunning);
        release.send("it");
        CHECK(test.recorder().exit_of(running.id).exit_code == 5);
        CHECK(output_of(running) == "got it\n");
    }
    SUBCASE("a forgotten attempt is listed no more, and one that runs cannot be forgotten") {
        const auto ended = test.start("true", 0), running = test.start("exec sleep 1000", 1);
        test.recorder().exit_of(ended.id);
        test.recorder().wait_until_running(running.id);
        REQUIRE(test.engine().forget(ended.id).has_value());
        REQUIRE(test.engine().forget(ended.id).has_value());
        CHECK(test.listed(ended.id).empty());
        CHECK(test.engine().forget(running.id).error().code == ErrorCode::kConflict);
        test.reopen();
        CHECK(test.listed(ended.id).empty());
        REQUIRE(test.engine().stop(running.id, Duration(10'000)).has_value());
        test.recorder().exit_of(running.id);
    }
    SUBCASE("what cannot be run is refused or reported, never lost") {
        auto launch = test.launch("true");
        launch.environment = {{"BAD", std::string("a\0b", 3)}};
        CHECK(test.engine().start(launch).error().code == ErrorCode::kInvalid);
        launch = test.launch("no-such-program-anywhere", 1);
        REQUIRE(test.engine().start(launch).has_value());
        const auto exit = test.recorder().exit_of(launch.id);
        CHECK(exit.exit_code == 127);
        CHECK(exit.message.find("the command was not found") != std::string::npos);
    }
    SUBCASE("what a running replica uses is told, of its children too, and nothing of one that is unknown") {
        Signal ready(shared + "/ready"), release(shared + "/release");
        const auto launch = test.start(fmt::format("(for i in $(seq 200000); do :; done); echo ready > {}; read line < {}",
                                                   ready.path(), release.path()));
        ready.wait();
        const engine::AttemptId unknown{launch.id.job, "nobody-0", 1};
        const auto used = test.engine().usage({launch.id, unknown});
        REQUIRE(used.size() == 1);
        const engine::Usage& now = used.at(launch.id);
        REQUIRE(now.cpu_us.has_value());
        CHECK(*now.cpu_us >= 20'000);
        REQUIRE(now.memory_bytes.has_value());
        CHECK(*now.memory_bytes > 50'000);
        CHECK(*now.memory_bytes < 200'000'000);
        CHECK_FALSE(now.ended_at.has_value());
        test.reopen();
        CHECK(test.engine().usage({launch.id}).at(launch.id).cpu_us.value_or(0) >= *now.cpu_us);
        release.send("it");
        test.recorder().exit_of(launch.id);
        const auto total = test.engine().usage({launch.id});
        if (total.empty()) return;  // An engine need not know it of what has ended.
        CHECK(total.at(launch.id).cpu_us.value_or(0) >= *now.cpu_us);
        CHECK(total.at(launch.id).ended_at.has_value());
        REQUIRE(test.engine().forget(launch.id).has_value());
        CHECK(test.engine().usage({launch.id}).empty());
    }
    SUBCASE("the machine's own use is told where machines are counted") {
        const auto used = test.engine().machine_usage();
        REQUIRE(used.empty() != subject.has_machines);
        if (used.empty()) return;
        CHECK(used.begin()->second.cpu_us.value_or(0) > 0);
        CHECK(used.begin()->second.memory_bytes.value_or(0) > 0);
        CHECK(test.engine().device_usage().has_value());
    }
    SUBCASE("many replicas at once are each reported exactly once") {
        std::vector<engine::AttemptId> ids;
        for (int i = 0; i < subject.many; ++i) ids.push_back(test.start("true", i).id);
        for (const auto& id : ids) CHECK(test.recorder().exit_of(id).exit_code == 0);
        for (const auto& id : ids) CHECK(test.recorder().count(id, Kind::kExited) == 1);
    }
    SUBCASE("the machines have a name, processors and memory") {
        const auto nodes = test.engine().inventory().value();
        CHECK_FALSE(test.engine().doctor().empty());
        REQUIRE(nodes.empty() != subject.has_machines);
        if (nodes.empty()) return;
        CHECK_FALSE(nodes[0].name.empty());
        CHECK(nodes[0].cpu_millis > 0);
        CHECK(nodes[0].memory_bytes > 0);
    }
}

}  // namespace pintle::testing
