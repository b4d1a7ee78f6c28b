#pragma once

#include <string>
#include <vector>

#include "scheduling/snapshot.hpp"

namespace pintle::scheduling {

/// The workload gets these places now, one per replica in the order of its needs. An immediate one may get fewer
/// devices than it asked for, even none.
struct Start {
    domain::JobId id;
    std::vector<Place> places;
    bool operator==(const Start&) const = default;
};
/// It is this workload's turn, and GPUs are what is missing.
struct AwaitGpus {
    domain::JobId id;
    int gpus = 0;  ///< As many as it asks for.
    std::string reason;
    bool operator==(const AwaitGpus&) const = default;
};
/// It uses GPUs that another group lent; that group wants them back. It is to be stopped and queued again.
struct Reclaim {
    domain::JobId id;
    domain::JobId by;
    std::string reason;
    bool operator==(const Reclaim&) const = default;
};

struct Plan {
    std::vector<Start> starts;
    std::vector<AwaitGpus> awaits;  ///< Heads of queues only.
    std::vector<Reclaim> reclaims;
    bool operator==(const Plan&) const = default;
};

/// Decides who starts now.
///
/// Each pool has a queue, ordered by priority, then (where the group asks for fair share) by who uses least, then by
/// rank. The first that cannot start is the head; it has a reservation: the places that will be free for it soonest,
/// as far as run times are known. Others behind it start only where they do not touch that: on resources that the
/// head has no use for, or because they will have ended by then. What a head lacks of CPU or memory is kept for it
/// from the queues of all pools. Held workloads are passed over.
///
/// A workload is put on one node where it fits, else on as few as possible; GPUs are taken from the nodes that have
/// the fewest to spare; GPUs of one workload are of one model. A group with Borrowing may use idle GPUs of pools of
/// its cohort when its own do not suffice, up to its limit.
///
/// Pure and deterministic. Costs what can change, not the length of the queue: equal workloads that cannot start are
/// looked at once.
[[nodiscard]] Plan plan(const Snapshot& snapshot, Time now);

/// Why the workload could not run even if nothing else did, with the numbers, and what to do; nothing when it could.
[[nodiscard]] std::optional<std::string> why_never(const Snapshot& snapshot, const Workload& workload);

}  // namespace pintle::scheduling
