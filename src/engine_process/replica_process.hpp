#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.hpp"
#include "engine_process/launch_plan.hpp"
#include "os/unique_fd.hpp"

namespace pintle::engine_process {

/// A replica's main process on its way to becoming a shell.
struct ReplicaProcess {
    pid_t pid = 0;
    os::UniqueFd output;  ///< Everything it and its children print. Does not block.
    os::UniqueFd setup;   ///< Ends when the shell runs; until then, a sentence about why it cannot. Does not block.
    os::UniqueFd users;   ///< Readable when admit_users() is due (privileges.hpp); empty when it never is.
};

/// Forks the replica: a session of its own, its cgroups, limits and namespaces, then bash. For the supervisor,
/// which has one thread.
[[nodiscard]] Result<ReplicaProcess> spawn_replica(const LaunchPlan& plan, const std::string& root_folder);

}  // namespace pintle::engine_process
