#include "engine_process/launcher.hpp"

#include <filesystem>

#include <doctest/doctest.h>

#include "engine_process/engine_test_bench.hpp"
#include "os/file.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::engine_process;

namespace {

/// Starts a supervisor for an attempt that is not there, which ends at once.
void check_starts(Launcher& launcher, const std::string& folder) {
    REQUIRE(launcher.start().has_value());
    const auto supervisor = launcher.start_supervisor(folder, "01HZZZZZZZZZZZZZZZZZZZZZZZ.worker-1.1");
    REQUIRE_MESSAGE(supervisor.has_value(), supervisor.error().message);
    CHECK(wait_until_gone(supervisor->pid));
}

/// The name of the file that the launcher runs.
std::string program_of(const Launcher& launcher) {
    return std::filesystem::read_symlink(fmt::format("/proc/{}/exe", launcher.pid())).string();
}

}  // namespace

TEST_CASE("a launcher is run from memory when its file is there") {
    testing::TempFolder folder;
    const std::string image = os::read_file(PINTLE_TEST_LAUNCHER).value();
    Launcher launcher({"/no/such/program"}, image);
    check_starts(launcher, folder.path());
    CHECK(program_of(launcher).find("pintle-launcher") != std::string::npos);
}

TEST_CASE("where nothing can be run from memory the launcher is the command") {
    testing::TempFolder folder;
    Launcher launcher({PINTLE_TEST_LAUNCHER}, "not a program");
    check_starts(launcher, folder.path());
    CHECK(program_of(launcher) == std::filesystem::canonical(PINTLE_TEST_LAUNCHER).string());
}
