#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/synchronized.hpp"
#include "engine/engine.hpp"
#include "engine_process/proc.hpp"
#include "engine_process/run_folder.hpp"

namespace pintle::engine_process {

/// What replicas use: their cgroups tell, and where they have none, or not all of them, their processes. Of one that
/// has ended, what its supervisor wrote down.
///
/// Threading: any thread. Reads files only.
class UsageMeter {
public:
    /// `folder` outlives it.
    explicit UsageMeter(const RunFolder& folder) : folder_(folder) {}

    [[nodiscard]] std::map<engine::AttemptId, engine::Usage> usage(const std::vector<engine::AttemptId>& ids) const;
    void forget(const std::string& id);

private:
    struct Known {
        ProcessId supervisor;
        std::vector<std::string> cgroups;
    };
    [[nodiscard]] std::optional<Known> known(const std::string& id) const;

    const RunFolder& folder_;
    mutable Synchronized<std::map<std::string, Known>> known_;  ///< What does not change while it runs.
};

/// Processes by their parents, as they were at one moment.
class ProcessTree {
public:
    /// Pure.
    explicit ProcessTree(const std::vector<ProcStat>& processes);
    /// What the supervisor with this pid looks after has used, from the tree and from what /proc tells of each.
    [[nodiscard]] engine::Usage usage_below(pid_t supervisor, bool with_memory) const;
    /// Processor time of all below, in clock ticks: of those that are there, and of those that were waited for. Pure.
    [[nodiscard]] std::uint64_t ticks_below(pid_t supervisor) const;

private:
    [[nodiscard]] std::vector<pid_t> below(pid_t root) const;

    std::map<pid_t, ProcStat> by_pid_;
    std::multimap<pid_t, pid_t> by_parent_;
};

}  // namespace pintle::engine_process
