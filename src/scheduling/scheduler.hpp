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
/// Each pool has a queue, ordered by priority, then (where its group asks for fair share) by which owner uses the
/// fewest GPUs, then CPU, of what was queued there, then by rank. In it stand two lines: of those that ask for GPUs,
/// and of those that do not; the latter form one line over all pools. Held workloads are passed over.
///
/// The first of a line that cannot start is its head, and has a reservation: the earliest moment at which, by the
/// expected ends of what runs, it will fit, and the places where it then does. An overdue job is given a tenth of its
/// median run time at a time; what is ending is about to end. Whoever comes after the head, in whichever pool, starts
/// only if it leaves those places alone: because it will have ended by then, 9 times of 10, or because there is enough
/// on the node for both. So nothing delays a head beyond its own forecast. Where that moment is unknown the head keeps
/// all it could use: the GPUs of its model in its pool, and on their nodes CPU and memory for itself. At most
/// `backfill_depth` workloads of a line are tried behind its head; of equal ones that cannot start one is.
/// A workload that no end of anything would let start (its pool has shrunk, GPUs are unhealthy) is no head: it is
/// passed over, and told that it waits for GPUs.
///
/// Immediate ones do not queue: they get what is free in their own pool before all others, and wait for CPU and memory
/// only.
///
/// A workload is put on one node where it fits, else on as few as possible; GPUs are taken from the nodes that have
/// the fewest to spare; GPUs of one workload are of one model.
///
/// A group with Borrowing uses at most its nominal share and its limit in all. The head of its line may use idle GPUs
/// of pools of its cohort besides its own, of those pools in which no head waits; those of one replica are of several
/// pools only if nothing else lets it start, its own pool's first. If it does not find enough there,
/// stays within its nominal share and may reclaim, it gets back what it lacks of its own pool: from the fewest
/// borrowers (see fewest.hpp) of the lowest priorities that suffice, the latest started first.
///
/// Pure and deterministic. Costs what can change, not the length of the queue: equal workloads that cannot start are
/// looked at once, and pools in which nothing has changed since the last look not at all.
[[nodiscard]] Plan plan(const Snapshot& snapshot, Time now);

/// Why the workload could not run even if nothing else did, with the numbers, and what to do; nothing when it could.
[[nodiscard]] std::optional<std::string> why_never(const Snapshot& snapshot, const Workload& workload);

}  // namespace pintle::scheduling
