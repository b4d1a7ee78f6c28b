#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace pintle::source {

/// A mount that a helper process makes and, being a file system of its own, keeps up. The process outlives the server;
/// beside the mount point lies `MOUNT_POINT.pid`, by which a later server finds it, and `MOUNT_POINT.log`.
///
/// Threading: any thread, one at a time for a mount point. Nothing here asks the mounted file system, so that one which
/// does not answer cannot hold up the caller.
struct MountCommand {
    std::vector<std::string> argv;  ///< argv[0] is a path, or looked up on PATH.
    std::vector<std::pair<std::string, std::string>> environment;  ///< As of os::SpawnPlan.
    std::string mount_point;                                       ///< Made when it is not there.
    Duration patience = std::chrono::seconds(30);                  ///< For the mount to appear.
};

/// Starts the process and waits until the mount is there. kTimeout when it is not in time; otherwise, when the process
/// ends first, what it said last, as kNotFound, kDenied or kUnavailable by its exit code 3, 4 or any other. Nothing is
/// left of it then.
[[nodiscard]] Result<void> start_mount(const MountCommand& command);

/// Whether the mount is there and its process, if it has one, is alive.
[[nodiscard]] bool is_mount_alive(const std::string& mount_point);
[[nodiscard]] bool is_mounted(const std::string& mount_point);
/// All mount points within the folder, the innermost first.
[[nodiscard]] std::vector<std::string> mounts_within(const std::string& folder);
/// The same of the text of a `mountinfo` file. Pure.
[[nodiscard]] std::vector<std::string> mounts_in(std::string_view mountinfo, const std::string& folder);

/// Takes the mount away at once, whoever still uses it: their calls end with errors. Its process gets `grace` to end
/// before it is killed. Idempotent; fails when the kernel still has the mount.
[[nodiscard]] Result<void> undo_mount(const std::string& mount_point, Duration grace);

/// Why this machine cannot mount file systems of programs, as a sentence; empty when it can.
[[nodiscard]] std::string fuse_fault();

}  // namespace pintle::source
