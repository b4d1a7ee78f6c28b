#include "engine_process/process_engine.hpp"

#include <signal.h>

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "engine_process/engine_test_bench.hpp"
#include "engine_process/fake_machine.hpp"
#include "engine_process/run_folder.hpp"
#include "os/file.hpp"

using namespace pintle;
using engine_process::Bench;
using engine_process::FakeMachine;
using engine_process::Options;
using testing::output_of;

namespace {

void check_contract(const std::vector<std::string>& launcher_command) {
    const testing::TempFolder folder;
    testing::Subject subject;
    subject.shared_folder = folder.path();
    subject.open = [&](engine::Engine::Sink sink) -> std::unique_ptr<engine::Engine> {
        Options options;
        options.folder = folder.path() + "/run";
        options.cache_folder = folder.path() + "/cache";
        options.launcher_command = launcher_command;
        auto opened = engine_process::ProcessEngine::open(options, std::move(sink));
        REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
        return std::move(*opened);
    };
    testing::check_conformance(subject);
}

}  // namespace

TEST_CASE("the process engine keeps the contract of engines") { check_contract({}); }

TEST_CASE("the process engine keeps the contract of engines with a launcher that is a program of its own") {
    check_contract({PINTLE_TEST_LAUNCHER});
}

TEST_CASE("a log holds every byte of the output, whatever the bytes are") {
    Bench bench;
    const auto launch = bench.launch("for i in {0..255}; do printf \"\\\\x$(printf %x $i)\"; done");
    CHECK(bench.run(launch).exit_code == 0);
    std::string expected;
    for (int i = 0; i < 256; ++i) expected.push_back(static_cast<char>(i));
    CHECK(output_of(launch) == expected);
}

TEST_CASE("a replica's environment is what the launch gives, the basics and nothing of the server's") {
    ::setenv("PINTLE_TEST_SECRET", "hidden", 1);
    Options options;
    options.declared_kinds = {{"A100", 0, 4, true}};
    Bench bench(options);
    auto launch = bench.launch(
        "env -0 | sort -z | tr '\\0' '\\n' | grep -vE "
        "'^(PATH|HOME|LC_CTYPE|USER|LOGNAME|TMPDIR|TZ|PWD|OLDPWD|SHLVL|_)='");
    launch.environment = {
        {"A", "with space and 'quotes' and $dollar"}, {"TERM", "mine"}, {"CUDA_VISIBLE_DEVICES", "7"}};
    launch.devices = {1, 3};
    CHECK(bench.run(launch).exit_code == 0);
    CHECK(output_of(launch) ==
          fmt::format("A=with space and 'quotes' and "
                      "$dollar\nCUDA_DEVICE_ORDER=PCI_BUS_ID\nCUDA_VISIBLE_DEVICES=1,3\nHIP_VISIBLE_DEVICES=0,1\n"
                      "PINTLE_ATTEMPT={}\nROCR_VISIBLE_DEVICES=1,3\nTERM=mine\n",
                      launch.id.str()));
    ::unsetenv("PINTLE_TEST_SECRET");
}

TEST_CASE("a replica sees the GPUs that it was given, and none is started with one that is away") {
    const FakeMachine machine;
    machine.set_nvml("gpu uuid=GPU-a\ngpu uuid=GPU-b\n");
    Options options;
    options.nvml_library = FakeMachine::kNvml;
    options.machine_root = machine.root();
    Bench bench(options);
    auto launch = bench.launch("echo \"$CUDA_VISIBLE_DEVICES\"");
    launch.devices = {1};
    CHECK(bench.run(launch).exit_code == 0);
    CHECK(output_of(launch) == "GPU-b\n");
    machine.set_nvml("gpu uuid=GPU-b\n");
    for (int i = 0; i < 2; ++i) REQUIRE(bench.engine().inventory().has_value());
    auto refused = bench.launch("true");
    refused.devices = {0};
    const auto started = bench.engine().start(refused);
    REQUIRE_FALSE(started.has_value());
    CHECK(started.error().message == "GPU 0 (NVIDIA GPU, GPU-a) cannot be used: the driver no longer lists it");
    CHECK(bench.engine().list().value().size() == 1);
}

TEST_CASE("a replica without GPUs is shown none, and reads nothing from the server's input") {
    Bench bench;
    const auto launch = bench.launch("echo \"[${CUDA_VISIBLE_DEVICES-unset}]\"; cat; echo done");
    CHECK(bench.run(launch).exit_code == 0);
    CHECK(output_of(launch) == "[]\ndone\n");
}

TEST_CASE("the work folder is expanded by the shell; without one a replica begins in a scratch folder of its own") {
    Bench bench;
    REQUIRE(os::make_folders(bench.path() + "/src dir/sub").has_value());
    auto in_folder = bench.launch("pwd");
    in_folder.environment = {{"SRC_DIR", bench.path() + "/src dir"}};
    in_folder.work_dir = "$SRC_DIR/sub";
    CHECK(bench.run(in_folder).exit_code == 0);
    CHECK(output_of(in_folder) == bench.path() + "/src dir/sub\n");

    const auto scratch = bench.launch("pwd; touch left");
    CHECK(bench.run(scratch).exit_code == 0);
    const std::string folder(trim(output_of(scratch)));
    CHECK(folder == fmt::format("{}/scratch/{}.{}", bench.options().folder, scratch.id.job.str(), scratch.id.replica));
    CHECK(os::exists(folder + "/left"));
    REQUIRE(bench.engine().forget(scratch.id).has_value());
    CHECK_FALSE(os::exists(folder));
}

TEST_CASE("a work folder that is not there fails with the shell's words in the log") {
    Bench bench;
    auto launch = bench.launch("echo never");
    launch.work_dir = "/no/such/folder";
    CHECK(bench.run(launch).exit_code == 1);
    CHECK(output_of(launch) == "bash: line 1: cd: /no/such/folder: No such file or directory\n");
}

TEST_CASE("with a process that ends go all that it started, also those that left its session") {
    Options options;
    options.leftover_grace = Duration(20);
    Bench bench(options);
    testing::Signal pids(bench.path() + "/pids"), go(bench.path() + "/go");
    // Two forks and a session of its own, deaf to TERM, its output elsewhere.
    const std::string daemon = fmt::format(
        "(setsid bash -c 'trap \"\" TERM HUP; echo $BASHPID > {}; while true; do sleep 1000; done' > /dev/null 2>&1 "
        "&); ",
        pids.path());
    SUBCASE("when it ends by itself") {
        const auto launch = bench.start(daemon + fmt::format("read line < {}; exit 6", go.path()));
        const pid_t pid = static_cast<pid_t>(parse_int(pids.wait()).value());
        go.send("on");
        CHECK(bench.recorder().exit_of(launch.id).exit_code == 6);
        CHECK(engine_process::wait_until_gone(pid));
    }
    SUBCASE("when it is stopped") {
        const auto launch = bench.start(daemon + "exec sleep 1000");
        const pid_t pid = static_cast<pid_t>(parse_int(pids.wait()).value());
        REQUIRE(bench.engine().stop(launch.id, Duration(50)).has_value());
        CHECK(bench.recorder().exit_of(launch.id).exit_code == 128 + SIGTERM);
        CHECK(engine_process::wait_until_gone(pid));
    }
}

TEST_CASE("a second stop with less patience is honoured") {
    Bench bench;
    testing::Signal ready(bench.path() + "/ready");
    const auto launch =
        bench.start(fmt::format("trap '' TERM; echo ready > {}; while true; do sleep 1000 & wait; done", ready.path()));
    ready.wait();
    REQUIRE(bench.engine().stop(launch.id, std::chrono::hours(1)).has_value());
    REQUIRE(bench.engine().stop(launch.id, Duration(0)).has_value());
    const auto exit = bench.recorder().exit_of(launch.id);
    CHECK(exit.exit_code == 128 + SIGKILL);
    CHECK(exit.message == "stopped at once with KILL");
}

TEST_CASE("a replica that uses its grace to end well is waited for") {
    Bench bench;
    testing::Signal ready(bench.path() + "/ready");
    const auto launch = bench.start(engine_process::ends_on_term(ready.path(), 0));
    ready.wait();
    REQUIRE(bench.engine().stop(launch.id, std::chrono::minutes(1)).has_value());
    CHECK(bench.recorder().exit_of(launch.id).exit_code == 0);
    CHECK(output_of(launch) == "saving\n");
}

TEST_CASE("a signal from elsewhere is named in words") {
    Bench bench;
    const auto launch = bench.launch("kill -SEGV $$");
    const auto exit = bench.run(launch);
    CHECK(exit.exit_code == 128 + SIGSEGV);
    CHECK(exit.message == launch.id.replica + " was ended by signal 11 (SEGV)");
}

TEST_CASE("a flood of output keeps to the limit of the log and loses none of its end") {
    Options options;
    options.log_segment_bytes = 256 << 10;
    options.log_total_bytes = 1 << 20;
    Bench bench(options);
    const auto launch = bench.launch("head -c 100000000 /dev/zero | tr '\\0' 'x' | fold -w 99; echo the end");
    CHECK(bench.run(launch).exit_code == 0);
    const std::string output = output_of(launch);
    CHECK(output.size() <= 1 << 20);
    CHECK(output.size() > 256 << 10);
    CHECK(output.substr(output.size() - 8) == "the end\n");
}

TEST_CASE("a later attempt of the same replica keeps its scratch folder when an earlier one is forgotten") {
    Bench bench;
    auto first = bench.launch("echo kept > file");
    CHECK(bench.run(first).exit_code == 0);
    auto second = first;
    second.id.attempt = 2;
    second.log_folder += "-2";
    second.command = "cat file";
    CHECK(bench.run(second).exit_code == 0);
    REQUIRE(bench.engine().forget(first.id).has_value());
    CHECK(
        os::exists(fmt::format("{}/scratch/{}.{}/file", bench.options().folder, first.id.job.str(), first.id.replica)));
    CHECK(output_of(second) == "kept\n");
}

TEST_CASE("hostile names and launches are refused with a reason") {
    Bench bench;
    auto launch = bench.launch("true");
    launch.id.replica = "../../escape";
    CHECK(bench.engine().start(launch).error().code == ErrorCode::kInvalid);
    launch.id.replica = "";
    CHECK(bench.engine().start(launch).error().code == ErrorCode::kInvalid);
    CHECK(bench.engine().stop(launch.id, Duration(0)).error().code == ErrorCode::kInvalid);
    CHECK(bench.engine().forget(launch.id).error().code == ErrorCode::kInvalid);
    launch = bench.launch("true");
    launch.log_folder.clear();
    CHECK(bench.engine().start(launch).error().code == ErrorCode::kInvalid);
    launch = bench.launch(std::string(17 << 20, 'x'));
    CHECK(bench.engine().start(launch).error().code == ErrorCode::kExhausted);
    launch = bench.launch("true");
    launch.environment = {{"NO=NAME", "x"}};
    CHECK(bench.engine().start(launch).error().message.find("NO=NAME") != std::string::npos);
    CHECK(bench.engine().list().value().empty());
}

TEST_CASE("a command larger than the system allows is reported as one that could not be started") {
    Bench bench;
    const auto exit = bench.run(bench.launch("true " + std::string(3 << 20, 'x')));
    CHECK(exit.exit_code == 126);
    CHECK(exit.message.find("larger than the system lets a program be given") != std::string::npos);
}

TEST_CASE("a log that cannot be opened is the reason why an attempt was not run") {
    Bench bench;
    REQUIRE(os::write_file_atomic(bench.path() + "/file", "").has_value());
    auto launch = bench.launch(fmt::format("touch {}/ran", bench.path()));
    launch.log_folder = bench.path() + "/file/log";
    const auto exit = bench.run(launch);
    CHECK(exit.exit_code == 126);
    CHECK(exit.message.find("could not be started") != std::string::npos);
    CHECK_FALSE(os::exists(bench.path() + "/ran"));
}
