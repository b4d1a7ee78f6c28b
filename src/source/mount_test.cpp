#include "source/mount.hpp"

#include <doctest/doctest.h>

#include "testing/temp_folder.hpp"

namespace pintle::source {

TEST_CASE("mounts within a folder are found in the kernel's table, the innermost first") {
    const std::string table =
        "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
        "40 22 0:31 / /data/jobs/a/nfs/data rw - fuse.pintle nfs rw\n"
        "41 40 0:32 / /data/jobs/a/nfs/data/deep rw - tmpfs x rw\n"
        "42 22 0:33 / /data/jobs/ab rw - tmpfs x rw\n"
        "43 22 0:34 / /data/jobs/a/with\\040space rw - tmpfs x rw\n"
        "cut off";
    CHECK(mounts_in(table, "/data/jobs/a") ==
          std::vector<std::string>{"/data/jobs/a/nfs/data/deep", "/data/jobs/a/with space", "/data/jobs/a/nfs/data"});
    CHECK(mounts_in(table, "/data/jobs/c").empty());
    CHECK(mounts_in("", "/").empty());
}

TEST_CASE("a helper that ends without a mount gives its last words as the reason") {
    const testing::TempFolder folder;
    MountCommand command;
    command.mount_point = folder.path() + "/mount";
    command.argv = {"/bin/sh", "-c", "echo first; echo no such export >&2; exit 3"};
    const auto started = start_mount(command);
    REQUIRE_FALSE(started);
    CHECK(started.error().code == ErrorCode::kNotFound);
    CHECK(started.error().message == "no such export");
    CHECK_FALSE(is_mount_alive(command.mount_point));
}

TEST_CASE("a helper that never mounts is ended when patience is") {
    const testing::TempFolder folder;
    MountCommand command;
    command.mount_point = folder.path() + "/mount";
    command.patience = std::chrono::milliseconds(100);
    command.argv = {"/bin/sh", "-c", "trap '' TERM; echo busy; exec tail -f /dev/null"};
    const auto started = start_mount(command);
    REQUIRE_FALSE(started);
    CHECK(started.error().code == ErrorCode::kTimeout);
    CHECK(started.error().message.find("busy") != std::string::npos);
    CHECK(undo_mount(command.mount_point, Duration(0)));
}

}  // namespace pintle::source
