#pragma once

#include <string>

#include "base/result.hpp"
#include "engine_process/launch_plan.hpp"
#include "engine_process/mount_plan.hpp"

namespace pintle::engine_process {

/// What a replica's own view of the file system can offer on this machine, found by trying in a child process.
struct NamespaceSupport {
    NamespaceMode mode = NamespaceMode::kNone;
    bool mounts = false;
    bool names = false;  ///< /etc/hosts can be replaced.
    bool own_users = false;  ///< Replicas of root can be given user namespaces, so that they cannot look into others.
    std::string reason;      ///< Why something is missing.
};
/// `folder`: an empty folder to try in.
[[nodiscard]] NamespaceSupport probe_namespaces(const std::string& folder);

/// What is at a path of this machine, symbolic links followed.
[[nodiscard]] PathKind look_at_path(const std::string& path);

/// The mount at that path and those below it.
[[nodiscard]] Result<void> make_read_only(const std::string& path);

/// Gives the calling process, which must be single-threaded and about to run the replica, namespaces of its own and
/// fills them. `root_folder` is an empty folder of the host. There is no way back; on failure the process must end.
[[nodiscard]] Result<void> enter_namespaces(const LaunchPlan& plan, const std::string& root_folder);

}  // namespace pintle::engine_process
