#pragma once

#include <string_view>
#include <vector>

#include "domain/job.hpp"

namespace pintle::domain {

/// The state of one process or container, in the words that people know from other platforms.
enum class PodStatus {
    kPending,            ///< It has no place yet.
    kContainerCreating,  ///< Its place is its own; sources and packages are prepared, it is started.
    kRunning,
    kCompleted,          ///< It ended well, or because it was to end.
    kError,
    kTerminating,        ///< It is being ended.
    kCrashLoopBackOff,   ///< It ended by itself again and again, and is started again later.
};
[[nodiscard]] std::string_view to_string(PodStatus status);  ///< "ContainerCreating"

/// Of a replica of a job that has not ended.
[[nodiscard]] PodStatus pod_status(const Job& job, const Replica& replica);

/// Of all processes together: the most frequent one. Of two different ones Terminating goes before ContainerCreating,
/// then Running where the other has completed, then CrashLoopBackOff. Of none: Pending.
[[nodiscard]] PodStatus combined_status(const std::vector<PodStatus>& pods);

/// Whether there is nothing to worry about, so that nobody is shown its events.
[[nodiscard]] bool is_healthy(PodStatus status);

}  // namespace pintle::domain
