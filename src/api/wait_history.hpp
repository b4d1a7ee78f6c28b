#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/job_event.hpp"

namespace pintle::api {

/// A job that had GPUs, or only CPUs and memory, of the pool at some time.
struct PoolUser {
    domain::JobId job;  ///< Empty: the reader may not know which.
    std::string name;   ///< For sentences.
    int gpus = 0;
    int priority = 0;
    std::int64_t rank = 0;  ///< Among equal priorities, the lower went first.
    Time started_at{};
    Time ended_at{};  ///< 0: it still has them.
    bool operator==(const PoolUser&) const = default;
};

struct HeldSpan {
    Time from{};
    Time to{};  ///< Its release; the end of the waiting where it was never released.
    std::string by;
    std::string reason;
    bool operator==(const HeldSpan&) const = default;
};

/// It had to give its resources back.
struct RequeuedAt {
    Time at{};
    std::string reason;
    bool operator==(const RequeuedAt&) const = default;
};

/// Why a job that does not wait any more waited as long as it did.
struct WaitHistory {
    Duration waited{};  ///< Of all times that it waited.
    std::vector<std::string> sentences;
    int jobs_ahead = 0;  ///< That were to go before it, and got their resources while it waited.
    /// Those whose end let it start: as many of those that ended last as its GPUs need; the last to end comes first.
    /// At most kPastBlockersMost of `blockers_in_all`.
    std::vector<PoolUser> blockers;
    std::size_t blockers_in_all = 0;
    std::vector<HeldSpan> held;
    std::vector<RequeuedAt> requeues;
    bool operator==(const WaitHistory&) const = default;
};
inline constexpr std::size_t kPastBlockersMost = 10;

/// From the job, all its events in their order, and who used its pool while it waited, in any order. A job that has
/// been sent back to the queue is explained by its last wait; the sum of all is told. Pure.
[[nodiscard]] WaitHistory wait_history(const domain::Job& job, const std::vector<domain::JobEvent>& events,
                                       std::vector<PoolUser> users);

/// The last time that the job had to give its resources back; nothing when it never had to. Pure.
[[nodiscard]] std::optional<RequeuedAt> last_requeue(const std::vector<domain::JobEvent>& events);

/// When the last wait of the job, which does not wait any more, began.
[[nodiscard]] Time last_wait_began(const domain::Job& job, const std::vector<domain::JobEvent>& events);

}  // namespace pintle::api
