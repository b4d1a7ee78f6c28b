#include "server/run_folder.hpp"

#include <unistd.h>

#include <filesystem>

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
namespace fs = std::filesystem;

TEST_CASE("the run folder is found again, also after its memory was emptied") {
    const testing::TempFolder data;
    const std::string folder = server::open_run_folder(data.path()).value();
    REQUIRE(os::write_file_atomic(folder + "/mark", "x").has_value());
    CHECK(server::open_run_folder(data.path()).value() == folder);
    CHECK(os::exists(data.path() + "/run/mark"));
    if (fs::is_symlink(data.path() + "/run")) {
        REQUIRE(os::remove_tree(folder).has_value());
        CHECK(server::open_run_folder(data.path()).value() == folder);
        CHECK(fs::is_directory(folder));
        CHECK(fs::equivalent(folder + "/scratch", data.path() + "/scratch"));
        REQUIRE(os::remove_tree(folder).has_value());
    }
}

TEST_CASE("a run folder on the disk that holds attempts stays where it is") {
    const testing::TempFolder data;
    REQUIRE(os::make_folders(data.path() + "/run/attempts/one").has_value());
    CHECK(server::open_run_folder(data.path()).value() == data.path() + "/run");
    CHECK(os::exists(data.path() + "/run/attempts/one"));
}

TEST_CASE("a folder in memory that belongs to somebody else, or is open to others, is not used") {
    const testing::TempFolder data;
    const std::string folder = server::open_run_folder(data.path()).value();
    if (!fs::is_symlink(data.path() + "/run")) return;  // Only root gets one in memory.
    fs::permissions(folder, fs::perms::all);
    CHECK(server::open_run_folder(data.path()).value() != folder);
    fs::remove_all(folder);
}
