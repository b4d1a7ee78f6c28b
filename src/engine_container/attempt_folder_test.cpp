#include "engine_container/attempt_folder.hpp"

#include <sys/stat.h>

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using engine_container::AttemptFolder;
using engine_container::decode_launch;
using engine_container::encode;
using engine_container::read_report;

namespace {

engine::ReplicaLaunch a_full_launch() {
    engine::ReplicaLaunch launch;
    launch.id = {domain::JobId("01HZZZZZZZZZZZZZZZZZZZZZZZ"), "worker-1", 2};
    launch.command = "echo \"é\"\npython x.py";
    launch.work_dir = "$SRC_DIR";
    launch.environment = {{"A", "1=2"}, {"EMPTY", ""}};
    launch.image = "host:5000/team/image:tag";
    launch.mounts = {{"/data/a b", "/workspace/a", true}, {"/c", "/d", false}};
    launch.host_name = "train-worker-1-1.worker-1";
    launch.address = "127.64.0.2";
    launch.hosts = {{"127.64.0.1", "train-worker-1-0.worker-1"}, {"127.64.0.2", "train-worker-1-1.worker-1"}};
    launch.limits = {1500, std::int64_t{8} << 30};
    launch.devices = {0, 3};
    launch.log_folder = "/logs/x";
    return launch;
}

}  // namespace

TEST_CASE("a launch is read back as it was written") {
    CHECK(decode_launch(encode(a_full_launch())).value() == a_full_launch());
    CHECK(decode_launch("{}").error().code == ErrorCode::kCorrupt);
    CHECK_FALSE(decode_launch("[").has_value());
}

TEST_CASE("an attempt is there with its launch, and its start, stop and end are kept") {
    const testing::TempFolder root;
    const AttemptFolder folder(root.path() + "/containers");
    REQUIRE(folder.prepare().has_value());
    REQUIRE(folder.prepare().has_value());
    REQUIRE(os::write_file_atomic(root.path() + "/init", "program", 0755, false).has_value());
    const auto launch = a_full_launch();
    const std::string id = launch.id.str();
    CHECK(folder.attempts().value().empty());
    REQUIRE(folder.accept(launch, root.path() + "/init").has_value());
    REQUIRE(folder.accept(launch, root.path() + "/init").has_value());
    CHECK(folder.attempts().value() == std::vector{id});
    CHECK(folder.launch(id).value() == launch);
    CHECK_FALSE(folder.started(id));
    REQUIRE(folder.note_started(id).has_value());
    CHECK(folder.started(id));
    CHECK_FALSE(folder.stop(id).has_value());
    REQUIRE(folder.write_stop(id, Duration(1500)).has_value());
    CHECK(folder.stop(id) == Duration(1500));
    CHECK_FALSE(folder.exit(id).has_value());
    const domain::ReplicaExit exit{137, true, "out of memory", time_from_ms(5)};
    REQUIRE(folder.write_exit(id, exit).has_value());
    CHECK(folder.exit(id) == exit);
    REQUIRE(folder.remove(id).has_value());
    CHECK(folder.attempts().value().empty());
}

TEST_CASE("what a container's user needs can be opened by anybody in the box, and nothing else can be reached") {
    const testing::TempFolder root;
    const AttemptFolder folder(root.path() + "/containers");
    REQUIRE(folder.prepare().has_value());
    REQUIRE(os::write_file_atomic(root.path() + "/init", "program", 0755, false).has_value());
    const auto launch = a_full_launch();
    REQUIRE(folder.accept(launch, root.path() + "/init").has_value());
    const auto mode = [](const std::string& path) {
        struct stat status {};
        REQUIRE(::stat(path.c_str(), &status) == 0);
        return status.st_mode & 0777;
    };
    const std::string box = folder.box(launch.id.str());
    CHECK(mode(box + "/output") == 0666);
    CHECK(mode(box + "/report") == 0666);
    CHECK(mode(box + "/init") == 0755);
    CHECK(mode(folder.path(launch.id.str()) + "/launch") == 0600);
    CHECK(mode(folder.root()) == 0700);
}

TEST_CASE("a report of the first process is believed as far as it can be read") {
    CHECK(read_report("oom 2\nstatus 9\n") == engine_container::Report{"", 9, 2});
    CHECK(read_report("setup the image has neither bash nor sh\n").setup_failure ==
          "the image has neither bash nor sh");
    CHECK(read_report("cpu 1500\nstatus 0\n") == engine_container::Report{"", 0, 0, 1500});
    CHECK(read_report("") == engine_container::Report{});
    CHECK(read_report("status x\nnonsense\n oom\nstatus -1") == engine_container::Report{"", 0xffff, 0});
}
