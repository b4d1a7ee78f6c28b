#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine_process/cgroup.hpp"
#include "engine_process/proc.hpp"

namespace pintle::engine_process {

/// Ends every process of an attempt whose supervisor is gone, found by its cgroups, its session and the variable in
/// its environment. Blocks until they have ended or cannot be; returns how many are left. Any thread.
[[nodiscard]] int end_leftovers(const std::string& id, const std::optional<ProcessId>& main_process,
                                const std::vector<CgroupFolder>& cgroups);

/// The members of the session that `main_process` leads, unless its pid by now means somebody else. Pure.
[[nodiscard]] std::vector<pid_t> session_members(const std::vector<ProcStat>& processes, const ProcessId& main_process);

}  // namespace pintle::engine_process
