#include "domain/job_transition.hpp"

#include <algorithm>
#include <set>

#include "base/check.hpp"

namespace pintle::domain {
namespace {

tl::unexpected<Error> refuse(const Job& job, std::string_view what) {
    return fail(ErrorCode::kConflict, "{} is {}: {}", job.display_name(), to_string(job.state), what);
}

bool holds_resources(JobState state) {
    return state == JobState::kStarting || state == JobState::kRunning || state == JobState::kTraining ||
           state == JobState::kStopping;
}

std::vector<Replica> replicas_of(const Task& task) {
    std::vector<Replica> replicas;
    for (const Resource& resource : task.resources) {
        for (int i = 0; i < resource.replicas; ++i) {
            Replica replica;
            replica.resource = resource.name;
            replica.index = i;
            replicas.push_back(std::move(replica));
        }
    }
    return replicas;
}

Result<Job> on(Job, const event::Submitted& e, Time at) {
    Job job;
    job.id = e.id;
    job.project_id = e.project_id;
    job.kind = e.kind;
    job.build = e.build;
    job.spec = e.spec;
    job.owner = e.owner;
    job.group = e.group;
    job.pool = e.pool;
    job.wish = e.wish;
    job.rank = e.rank;
    job.submitted_by = e.by;
    job.cloned_from = e.cloned_from;
    job.replicas = replicas_of(e.spec.task);
    job.submitted_at = at;
    return job;
}

Result<Job> on(Job job, const event::GpusAwaited& e, Time) {
    if (!is_waiting(job.state)) return refuse(job, "only a queued job waits for GPUs");
    job.state = JobState::kWaitingForGpus;
    job.reason = e.reason;
    return job;
}

Result<Job> on(Job job, const event::Held& e, Time at) {
    if (!is_waiting(job.state)) return refuse(job, "only a waiting job can be held");
    job.state = JobState::kQueued;
    job.hold = Hold{e.reason, e.by, e.by_operator, at};
    job.reason = e.reason.empty() ? fmt::format("held by {}", e.by) : fmt::format("held by {}: {}", e.by, e.reason);
    return job;
}

Result<Job> on(Job job, const event::Released&, Time) {
    if (!job.hold) return refuse(job, "it is not held");
    job.hold.reset();
    job.reason.clear();
    return job;
}

Result<Job> on(Job job, const event::Reordered& e, Time) {
    if (!is_waiting(job.state)) return refuse(job, "only a waiting job has a place in the queue");
    job.wish.priority = e.priority;
    job.rank = e.rank;
    return job;
}

Result<Job> on(Job job, const event::Regrouped& e, Time) {
    if (!is_waiting(job.state)) return refuse(job, "it keeps the resources that it has");
    job.group = e.group;
    job.pool = e.pool;
    if (job.state == JobState::kWaitingForGpus) {
        job.state = JobState::kQueued;
        job.reason.clear();
    }
    return job;
}

bool has_live_replica(const Job& job) {
    return std::any_of(job.replicas.begin(), job.replicas.end(), [](const Replica& replica) {
        return replica.state == ReplicaState::kStarting || replica.state == ReplicaState::kRunning;
    });
}

Result<Job> on(Job job, const event::Admitted& e, Time at) {
    if (!is_waiting(job.state) || job.hold) return refuse(job, "only a waiting job is given resources");
    check(e.placements.size() == job.replicas.size(), "a job is placed whole or not at all");
    for (std::size_t i = 0; i < job.replicas.size(); ++i) job.replicas[i].placement = e.placements[i];
    job.state = JobState::kStarting;
    job.reason = "preparing its sources";
    job.network_slot = e.network_slot;
    job.started_at = at;
    job.source_tries = 0;
    job.source_trouble_since = Time{};
    return job;
}

Result<Job> on(Job job, const event::Prepared& e, Time) {
    if (job.state != JobState::kStarting || job.preparation) return refuse(job, "it is not waiting for its sources");
    job.preparation = e.preparation;
    job.source_tries = 0;
    job.source_trouble_since = Time{};
    job.reason = "starting its replicas";
    for (Replica& replica : job.replicas) replica.state = ReplicaState::kStarting;
    return job;
}

Result<Job> on(Job job, const event::SourcesDelayed& e, Time) {
    const bool prepares = job.state == JobState::kStarting && !job.preparation;
    const bool writes_back = job.state == JobState::kStopping && job.preparation && !has_live_replica(job);
    if (!prepares && !writes_back) return refuse(job, "it is not waiting for its sources");
    job.source_tries = e.tries;
    job.source_trouble_since = e.since;
    job.reason = delay_in_words(e.reason, e.tries, e.since);
    return job;
}

bool all_have_started(const Job& job) {
    for (const Replica& replica : job.replicas) {
        if (replica.started_at == Time{}) return false;
    }
    return true;
}

Result<Job> on(Job job, const event::ReplicaStarted& e, Time at) {
    if (!holds_resources(job.state)) return refuse(job, "none of its replicas can start");
    Replica* replica = job.find_replica(e.replica);
    if (replica == nullptr || replica->attempt != e.attempt || replica->state != ReplicaState::kStarting) {
        return refuse(job, "this replica is not being started");
    }
    replica->state = ReplicaState::kRunning;
    replica->started_at = at;
    if (job.state == JobState::kStarting && all_have_started(job)) {
        const bool has_reported = job.spec.task.kind == TaskKind::kTraining && !job.properties.empty();
        job.state = has_reported ? JobState::kTraining : JobState::kRunning;
        job.reason.clear();
        job.running_at = at;
    }
    return job;
}

Result<Job> on(Job job, const event::ReplicaEnded& e, Time at) {
    if (!holds_resources(job.state)) return refuse(job, "none of its replicas can end");
    Replica* replica = job.find_replica(e.replica);
    if (replica == nullptr || replica->attempt != e.attempt || is_final(replica->state))
        return refuse(job, "this replica does not run");
    const bool asked_to_end = job.state == JobState::kStopping;
    replica->state = e.exit.exit_code == 0 ? ReplicaState::kSucceeded
                     : asked_to_end        ? ReplicaState::kStopped
                                           : ReplicaState::kFailed;
    replica->exit = e.exit;
    // A short program has ended before anybody heard of its start; it did not end before it began.
    replica->ended_at = std::max(e.exit.at == Time{} ? at : e.exit.at, replica->started_at);
    return job;
}

Result<Job> on(Job job, const event::ReplicaRetried& e, Time) {
    if (!holds_resources(job.state) || job.state == JobState::kStopping)
        return refuse(job, "none of its replicas is started again");
    Replica* replica = job.find_replica(e.replica);
    if (replica == nullptr || replica->state != ReplicaState::kFailed || e.attempt != replica->attempt + 1)
        return refuse(job, "this replica has not failed");
    replica->state = ReplicaState::kStarting;
    replica->attempt = e.attempt;
    replica->restarts += 1;
    replica->exit.reset();
    replica->ended_at = Time{};
    return job;
}

Result<Job> on(Job job, const event::PropertiesSet& e, Time) {
    if (is_waiting(job.state)) return refuse(job, "it has not run yet");
    for (const auto& [name, value] : e.properties) job.properties.insert_or_assign(name, value);
    if (job.state == JobState::kRunning && job.spec.task.kind == TaskKind::kTraining) job.state = JobState::kTraining;
    return job;
}

Result<Job> on(Job job, const event::EndBegun& e, Time) {
    if (is_final(job.state)) return refuse(job, "it has already ended");
    const bool requeues = e.state == JobState::kQueued;
    // Somebody may still stop for good what is only being sent back to the queue.
    const bool being_requeued =
        job.state == JobState::kStopping && job.ending && job.ending->state == JobState::kQueued;
    if (job.state == JobState::kStopping && (requeues || !being_requeued)) return refuse(job, "it is already ending");
    check(is_final(e.state) || requeues, "a job ends in a final state or goes back to the queue");
    if (requeues && !holds_resources(job.state)) return refuse(job, "it has no resources to give back");
    job.state = JobState::kStopping;
    job.ending = Ending{e.state, e.reason};
    job.reason = e.reason;
    return job;
}

Result<Job> on(Job job, const event::Requeued& e, Time) {
    if (!holds_resources(job.state) || has_live_replica(job)) return refuse(job, "something of it still runs");
    for (Replica& replica : job.replicas) {
        Replica fresh;
        fresh.resource = replica.resource;
        fresh.index = replica.index;
        fresh.attempt = replica.attempt + 1;
        fresh.restarts = replica.restarts;
        replica = std::move(fresh);
    }
    job.state = JobState::kQueued;
    job.reason = e.reason;
    job.ending.reset();
    job.preparation.reset();
    job.network_slot = -1;
    job.started_at = Time{};
    job.running_at = Time{};
    job.requeues += 1;
    return job;
}

Result<Job> on(Job job, const event::Ended& e, Time at) {
    if (is_final(job.state)) return refuse(job, "it has already ended");
    check(is_final(e.state), "a job ends in a final state");
    for (Replica& replica : job.replicas) {
        if (!is_final(replica.state)) {
            replica.state = ReplicaState::kStopped;
            replica.ended_at = at;
        }
    }
    job.state = e.state;
    job.reason = e.reason;
    job.ending.reset();
    job.network_slot = -1;
    job.ended_at = at;
    return job;
}

}  // namespace

Result<Job> apply(Job job, const JobEvent& event) {
    const std::int64_t count = job.event_count;
    Result<Job> next = std::visit([&](const auto& body) { return on(std::move(job), body, event.at); }, event.body);
    if (next) next->event_count = std::holds_alternative<event::Submitted>(event.body) ? 1 : count + 1;
    return next;
}

namespace {

Job sample_job(JobState state, TaskKind kind) {
    Task task;
    task.name = "train";
    task.kind = kind;
    Resource resource;
    resource.name = "worker";
    task.resources.push_back(resource);
    event::Submitted submitted;
    submitted.spec.task = task;
    Job job = *apply(Job{}, {JobId("J"), 1, Time{}, submitted});
    job.state = state;
    return job;
}

std::vector<JobEventBody> sample_events() {
    return {event::GpusAwaited{1, ""},
            event::Admitted{{Placement{"worker-0", "node", {}, ""}}, 0},
            event::Prepared{},
            event::SourcesDelayed{},
            event::ReplicaStarted{"worker-0", 1},
            event::ReplicaEnded{"worker-0", 1, {}},
            event::PropertiesSet{},
            event::EndBegun{JobState::kComplete, "", ""},
            event::EndBegun{JobState::kError, "", ""},
            event::EndBegun{JobState::kStopped, "", ""},
            event::EndBegun{JobState::kQueued, "", ""},
            event::Held{},
            event::Reordered{},
            event::Regrouped{},
            event::Requeued{},
            event::Ended{JobState::kComplete, ""},
            event::Ended{JobState::kError, ""},
            event::Ended{JobState::kStopped, ""}};
}

std::string identifier(JobState state) {
    std::string name(to_string(state));
    std::erase(name, ' ');
    return name;
}

}  // namespace

std::string job_state_diagram() {
    std::set<std::string> edges;
    for (int i = 0; i < kJobStateCount; ++i) {
        const auto state = static_cast<JobState>(i);
        for (JobEventBody& body : sample_events()) {
            Job job = sample_job(state, TaskKind::kTraining);
            job.replicas[0].state =
                std::holds_alternative<event::ReplicaStarted>(body) ? ReplicaState::kStarting : job.replicas[0].state;
            const auto next = apply(job, {job.id, 2, time_from_ms(1), body});
            // An ending job becomes what it was told to become; a job that holds nothing may end at once.
            if (!next || next->state == state) continue;
            edges.insert(fmt::format("    {} --> {}: {}\n", identifier(state), identifier(next->state), kind_of(body)));
        }
    }
    std::string text = "stateDiagram-v2\n    [*] --> Queued: submitted\n";
    for (const std::string& edge : edges) text += edge;
    for (const JobState state : {JobState::kComplete, JobState::kError, JobState::kStopped})
        text += fmt::format("    {} --> [*]\n", identifier(state));
    return text;
}

}  // namespace pintle::domain
