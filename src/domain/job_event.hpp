#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/job.hpp"

namespace pintle::domain {

/// What can happen to a job. The events of a job, in order, are its whole truth: replaying them through apply()
/// gives the job again, and the job's own log is these events in words.
namespace event {

struct Submitted {
    JobId id;
    ProjectId project_id;
    int build = 0;
    JobSpec spec;
    UserId owner;
    GroupId group = kDefaultGroup;
    PoolId pool = kDefaultPool;
    SchedulingWish wish;
    std::int64_t rank = 0;
    std::string by;
    std::string cloned_from;
    JobKind kind = JobKind::kTask;
    bool operator==(const Submitted&) const = default;
};
/// It is its turn, but `gpus` GPUs are missing.
struct GpusAwaited {
    int gpus = 0;
    std::string reason;
    bool operator==(const GpusAwaited&) const = default;
};
/// It must not start until it is released.
struct Held {
    std::string reason;
    std::string by;
    bool by_operator = false;
    bool operator==(const Held&) const = default;
};
struct Released {
    std::string by;
    bool operator==(const Released&) const = default;
};
/// It was given another place in the queue.
struct Reordered {
    int priority = 0;
    std::int64_t rank = 0;
    std::string by;
    bool operator==(const Reordered&) const = default;
};
/// It queues elsewhere: its owner is in another group, or the group has another pool.
struct Regrouped {
    GroupId group;
    PoolId pool;
    std::string reason;
    bool operator==(const Regrouped&) const = default;
};
/// Every replica has a place.
struct Admitted {
    std::vector<Placement> placements;
    int network_slot = 0;
    bool operator==(const Admitted&) const = default;
};
/// Sources and environments are ready; the engine is asked to start every replica.
struct Prepared {
    Preparation preparation;
    bool operator==(const Prepared&) const = default;
};
/// A source could not be made ready, or not be given what the job wrote; it is tried again.
struct SourcesDelayed {
    std::string reason;
    int tries = 1;
    Time since{};  ///< Of the first of them.
    bool operator==(const SourcesDelayed&) const = default;
};
struct ReplicaStarted {
    std::string replica;
    int attempt = 1;
    bool operator==(const ReplicaStarted&) const = default;
};
struct ReplicaEnded {
    std::string replica;
    int attempt = 1;
    ReplicaExit exit;
    bool operator==(const ReplicaEnded&) const = default;
};
/// A failed replica is started again, as `attempt`.
struct ReplicaRetried {
    std::string replica;
    int attempt = 2;
    bool operator==(const ReplicaRetried&) const = default;
};
/// The program reported values; a training job is then seen as training.
struct PropertiesSet {
    std::map<std::string, PropertyValue> properties;
    bool operator==(const PropertiesSet&) const = default;
};
/// The job is to end, as `state`, as soon as no replica runs; Queued: it is to wait again.
struct EndBegun {
    JobState state = JobState::kStopped;
    std::string reason;
    std::string by;  ///< Who asked, for a stop; else empty.
    bool operator==(const EndBegun&) const = default;
};
/// Its resources went to another; it waits again, from the beginning of its work.
struct Requeued {
    std::string reason;
    bool operator==(const Requeued&) const = default;
};
/// Nothing of it runs any more; its resources are free.
struct Ended {
    JobState state = JobState::kComplete;
    std::string reason;
    bool operator==(const Ended&) const = default;
};

}  // namespace event

using JobEventBody =
    std::variant<event::Submitted, event::GpusAwaited, event::Held, event::Released, event::Reordered, event::Regrouped,
                 event::Admitted, event::Prepared, event::SourcesDelayed, event::ReplicaStarted, event::ReplicaEnded,
                 event::ReplicaRetried, event::PropertiesSet, event::EndBegun, event::Requeued, event::Ended>;

/// One event of one job. `sequence` counts from 1 without gaps.
struct JobEvent {
    JobId job;
    std::int64_t sequence = 0;
    Time at{};
    JobEventBody body;
    bool operator==(const JobEvent&) const = default;
};

/// "submitted", "replica_ended", …: the name on disk and on the wire.
/// "source data: …; tried 3 times since 2026-03-01T12:00:00Z".
[[nodiscard]] std::string delay_in_words(const std::string& reason, int tries, Time since);
[[nodiscard]] std::string_view kind_of(const JobEventBody& body);
/// The event as a line of the job's own log.
[[nodiscard]] std::string in_words(const JobEventBody& body);

}  // namespace pintle::domain
