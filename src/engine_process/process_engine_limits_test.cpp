#include <signal.h>

#include <doctest/doctest.h>

#include "engine_process/engine_test_bench.hpp"
#include "engine_process/run_folder.hpp"
#include "os/file.hpp"

using namespace pintle;
using engine_process::Bench;
using engine_process::Options;

namespace {

constexpr std::int64_t kLimit = 64 << 20;
constexpr const char* kGreedy = "head -c 300M /dev/zero | tail > /dev/null";  // tail keeps it all: it is one line.

}  // namespace

TEST_CASE("a replica at its memory limit is ended by the kernel and says so") {
    Bench bench;
    if (!bench.can("memory limits")) return;
    auto launch = bench.launch(kGreedy);
    launch.limits.memory_bytes = kLimit;
    const auto exit = bench.run(launch);
    CHECK(exit.exit_code == 137);
    CHECK(exit.out_of_memory);
    CHECK(exit.message == launch.id.replica +
                              " was ended by the kernel for memory: it used all of its limit of 64Mi. Raise the limit "
                              "or let it use less");
}

TEST_CASE("a replica that fails after the kernel ended one of its processes says so") {
    Bench bench;
    if (!bench.can("memory limits")) return;
    auto launch = bench.launch(std::string(kGreedy) + "; exit 3");
    launch.limits.memory_bytes = kLimit;
    const auto exit = bench.run(launch);
    CHECK(exit.exit_code == 3);
    CHECK_FALSE(exit.out_of_memory);
    CHECK(exit.message ==
          "the kernel ended 1 process of " + launch.id.replica + " for memory: its limit of 64Mi was used up");
}

TEST_CASE("a replica within its limits runs, and its cgroups are gone afterwards") {
    Bench bench;
    if (!bench.can("memory limits") || !bench.can("CPU limits")) return;
    testing::Signal ready(bench.path() + "/ready"), go(bench.path() + "/go");
    auto launch = bench.launch(fmt::format("echo ready > {}; read < {}", ready.path(), go.path()));
    launch.limits = {500, kLimit};
    bench.start(launch);
    ready.wait();
    const auto plan = engine_process::RunFolder(bench.options().folder).read_plan(launch.id.str()).value();
    REQUIRE_FALSE(plan.cgroups.empty());
    for (const auto& group : plan.cgroups) {
        REQUIRE(os::exists(group.path));
        CHECK_FALSE(engine_process::cgroup_processes({group}).empty());
        for (const auto& setting : group.settings) {
            if (setting.required) CHECK(os::read_file(group.path + "/" + setting.file).value() == setting.value + "\n");
        }
    }
    go.send("go");
    CHECK(bench.recorder().exit_of(launch.id).exit_code == 0);
    for (const auto& group : plan.cgroups) CHECK_FALSE(os::exists(group.path));
}

TEST_CASE("cgroups left by a killed supervisor are removed") {
    Bench bench;
    if (!bench.can("memory limits")) return;
    auto launch = bench.launch("exec sleep 1000");
    launch.limits.memory_bytes = kLimit;
    bench.start(launch);
    bench.recorder().wait_until_running(launch.id);
    const engine_process::RunFolder folder(bench.options().folder);
    const auto plan = folder.read_plan(launch.id.str()).value();
    REQUIRE(::kill(folder.claimed_by(launch.id.str()).value().pid, SIGKILL) == 0);
    bench.recorder().exit_of(launch.id);
    for (const auto& group : plan.cgroups) CHECK_FALSE(os::exists(group.path));
}

TEST_CASE("without cgroups memory is limited for each process, and a failure mentions it") {
    Options options;
    options.use_cgroups = false;
    Bench bench(options);
    auto launch = bench.launch(kGreedy);
    launch.limits.memory_bytes = kLimit;
    const auto exit = bench.run(launch);
    CHECK(exit.exit_code == 1);
    CHECK_FALSE(exit.out_of_memory);
    CHECK(exit.message.find("each of its processes may use 64Mi of memory") != std::string::npos);
    CHECK(testing::output_of(launch).find("memory exhausted") != std::string::npos);
    for (const engine::Finding& finding : bench.engine().doctor()) {
        if (finding.subject == "memory limits" || finding.subject == "CPU limits") {
            CHECK(finding.level == engine::Finding::Level::kLimited);
        }
    }
}
