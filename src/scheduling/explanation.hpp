#pragma once

#include <string>
#include <vector>

#include "scheduling/snapshot.hpp"

namespace pintle::scheduling {

/// When a workload will probably start: half of the time no later than `median`, 9 times of 10 no later than `high`.
struct Forecast {
    Time median{};
    Time high{};
    bool operator==(const Forecast&) const = default;
};

/// Forecasts of everything that waits, by walking through the future of the queues with expected run times, strictly
/// in the order of turns: those that may overtake start earlier than told. What depends on a job of unknown run time
/// has none, and neither have held ones nor those that could not start if all ended.
[[nodiscard]] std::map<domain::JobId, Forecast> forecast(const Snapshot& snapshot, Time now);

/// The kind of reason for waiting, for programs. The names are the API's.
enum class WaitCode {
    kStarting,     ///< "starting": it starts with the next pass.
    kHeld,         ///< "held"
    kBehind,       ///< "behind": others come first, and would be delayed.
    kGpus,         ///< "gpus"
    kCpu,          ///< "cpu"
    kMemory,       ///< "memory"
    kPlace,        ///< "place": enough of everything, but not at once on any node.
    kUnhealthy,    ///< "unhealthy": GPUs would suffice if all were healthy.
    kPoolTooSmall, ///< "pool_too_small": the pool has shrunk below what it asks for.
    kQuota,        ///< "quota": its group has borrowed as much as it may.
};
[[nodiscard]] std::string_view to_string(WaitCode code);

/// A workload that another waits for; of whatever group: who shows it knows who may see its name.
struct Blocker {
    domain::JobId id;
    std::string name;
    int gpus = 0;
    bool waiting = false;           ///< It is ahead in the queue; else it runs.
    std::optional<Forecast> ends;   ///< Of a running one, where its run time is known.
    bool operator==(const Blocker&) const = default;
};

/// A change that would let it start now: each was tried.
struct Remedy {
    enum class Kind { kFewerGpus, kPriority, kOtherModel, kImmediate, kRelease };
    Kind kind = Kind::kFewerGpus;
    int gpus = 0;       ///< kFewerGpus: in all.
    int priority = 0;   ///< kPriority: the least that would do.
    std::string model;  ///< kOtherModel
    std::string text;   ///< "with 1 GPU"
    bool operator==(const Remedy&) const = default;
};

/// Why a workload waits and what would help.
struct Explanation {
    WaitCode code = WaitCode::kStarting;
    /// A sentence's end: "it needs 4 A100 and 1 of 8 in pool research is free (6 in use, 1 unhealthy)". It names no
    /// jobs of other groups.
    std::string reason;
    std::vector<std::string> nodes;  ///< kStarting: where its replicas start, each node once.
    int gpus_missing = 0;
    std::size_t position = 0;  ///< In its pool's queue; 1 is first.
    std::size_t queue_length = 0;
    /// The fewest jobs whose end lets it start: running ones, or the one ahead of it; those that end first where
    /// several sets are equally small. The least there is among up to 12 jobs on up to 64 nodes; of more, those that
    /// are in the way where room for it comes first. At most kBlockersMost are listed; `blockers_in_all` counts all.
    std::vector<Blocker> waits_for;
    std::size_t blockers_in_all = 0;
    std::vector<Remedy> remedies;
    std::optional<Forecast> forecast;
    bool operator==(const Explanation&) const = default;
};
inline constexpr std::size_t kBlockersMost = 10;

/// Of a workload that waits.
[[nodiscard]] Explanation explain(const Snapshot& snapshot, const domain::JobId& id, Time now);
/// Of one that is not there: what would happen if it were submitted now, with the highest rank of all. kStarting: it
/// would start at once.
[[nodiscard]] Explanation what_if(const Snapshot& snapshot, const Workload& workload, Time now);

}  // namespace pintle::scheduling
