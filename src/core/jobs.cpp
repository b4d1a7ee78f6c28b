#include <algorithm>

#include "base/check.hpp"
#include "base/text.hpp"
#include "core/state.hpp"
#include "domain/job_tags.hpp"
#include "domain/job_transition.hpp"

namespace pintle::core {

using namespace domain;

void Step::reply(std::uint64_t ticket, Result<std::string> outcome) {
    if (ticket != 0) result.replies.push_back({ticket, std::move(outcome)});
}

void Step::notice(const Job& job, bool warning, std::string reason, std::string source, std::string message) {
    result.changes.push_back(change::NoticeAdded{
        {job.id, job.project_id, warning, std::move(reason), std::move(source), std::move(message), now}});
}

void Step::audit(std::string action, std::string subject, std::string detail) {
    if (actor.name.empty()) return;
    result.changes.push_back(change::Audited{
        {now, actor.name, actor.via, actor.address, std::move(action), std::move(subject), std::move(detail)}});
}

void record(Step& step, JobId id, JobEventBody body) {
    auto& slot = step.state.jobs[id];
    const std::int64_t count = slot ? slot->event_count : 0;
    JobEvent event{id, count + 1, step.now, std::move(body)};
    Result<Job> next = apply(slot ? *slot : Job{}, event);
    check(next.has_value(), next ? "" : next.error().message);
    slot = std::make_shared<const Job>(std::move(*next));
    auto& events = step.events[id];
    if (events.empty()) step.touched.push_back(id);
    events.push_back(std::move(event));
}

namespace {

bool is_live(const Replica& replica) {
    return replica.state == ReplicaState::kStarting || replica.state == ReplicaState::kRunning;
}

bool any_live(const Job& job) { return std::any_of(job.replicas.begin(), job.replicas.end(), is_live); }

void stop_replicas(Step& step, const Job& job) {
    for (const Replica& replica : job.replicas) {
        if (is_live(replica))
            step.result.effects.push_back(
                effect::StopReplica{job.id, replica.name(), replica.attempt, step.state.options.stop_grace});
    }
}

void end(Step& step, JobId id, JobState state, const std::string& reason) {
    const std::shared_ptr<const Job> before = step.state.jobs.at(id);
    if (is_waiting(before->state)) dequeue(step.state, *before);
    if (before->network_slot >= 0) unbook(step.state, *before);
    record(step, id, event::Ended{state, reason});
    learn_run_time(step, *step.state.jobs.at(id));
    step.replan = true;
}

void requeue(Step& step, JobId id, const std::string& reason) {
    unbook(step.state, *step.state.jobs.at(id));
    record(step, id, event::Requeued{reason});
    enqueue(step.state, *step.state.jobs.at(id));
    // Its owner may be in another group than when it started.
    regroup_job(step, id, std::string(kOwnerMoved));
    step.replan = true;
}

std::string exit_in_words(const Replica& replica) {
    const ReplicaExit& exit = *replica.exit;
    if (!exit.message.empty())
        return exit.message.find(replica.name()) == 0 ? exit.message
                                                      : fmt::format("{}: {}", replica.name(), exit.message);
    return fmt::format("{} ended with exit code {}", replica.name(), exit.exit_code);
}

// The first failed replica that may not be started again decides over the job; the others are tried again.
bool handle_failures(Step& step, JobId id) {
    const std::shared_ptr<const Job> job = step.state.jobs.at(id);
    for (const Replica& replica : job->replicas) {
        if (replica.state != ReplicaState::kFailed) continue;
        const int allowed = restarts_allowed(job->resource_of(replica));
        if (replica.restarts >= allowed) {
            std::string reason = exit_in_words(replica);
            if (allowed > 0) reason += fmt::format(" (after {})", count_of(allowed, "restart"));
            begin_end(step, id, JobState::kError, std::move(reason), "");
            return true;
        }
        step.notice(*job, true, "ReplicaRestarted", "engine",
                    fmt::format("{}; it is started again", exit_in_words(replica)));
        record(step, id, event::ReplicaRetried{replica.name(), replica.attempt + 1});
        step.result.effects.push_back(
            effect::StartReplica{step.state.jobs.at(id), replica.name(), replica.attempt + 1});
    }
    return false;
}

bool work_is_done(const Job& job) {
    return std::all_of(job.replicas.begin(), job.replicas.end(), [&](const Replica& replica) {
        return job.resource_of(replica).is_permanent || replica.state == ReplicaState::kSucceeded;
    });
}

}  // namespace

void begin_end(Step& step, JobId id, JobState state, std::string reason, std::string by) {
    const std::shared_ptr<const Job> job = step.state.jobs.at(id);
    // What ends for good goes on as it began; what is only being sent back to the queue may still be ended for good.
    const bool ends_for_good = job->state == JobState::kStopping && job->ending->state != JobState::kQueued;
    if (is_final(job->state) || ends_for_good || (job->state == JobState::kStopping && state == JobState::kQueued))
        return;
    if (!any_live(*job) && !writes_back(*job)) {
        if (state == JobState::kQueued) return requeue(step, id, reason);
        return end(step, id, state, reason);
    }
    record(step, id, event::EndBegun{state, std::move(reason), std::move(by)});
    step.state.snapshot.set_ending(id);
    stop_replicas(step, *step.state.jobs.at(id));
    if (!any_live(*job)) write_back(step, id);
}

void finish_ending(Step& step, JobId id, const std::string& lost) {
    Ending ending = *step.state.jobs.at(id)->ending;
    if (!lost.empty()) {
        if (ending.state == JobState::kComplete || ending.state == JobState::kQueued) ending = {JobState::kError, ""};
        ending.reason = ending.reason.empty() ? lost : fmt::format("{}; {}", ending.reason, lost);
    }
    if (ending.state == JobState::kQueued) return requeue(step, id, ending.reason);
    end(step, id, ending.state, ending.reason);
}

void settle(Step& step, JobId id) {
    const std::shared_ptr<const Job> job = step.state.jobs.at(id);
    if (is_final(job->state) || is_waiting(job->state) || !job->preparation) return;
    if (job->state == JobState::kStopping) {
        if (any_live(*job)) return;
        return writes_back(*job) ? write_back(step, id) : finish_ending(step, id);
    }
    if (handle_failures(step, id)) return;
    if (work_is_done(*step.state.jobs.at(id))) begin_end(step, id, JobState::kComplete, "", "");
}

void expire_waiting(Step& step) {
    while (!step.state.deadlines.empty() && step.state.deadlines.begin()->first <= step.now) {
        const JobId id = step.state.deadlines.begin()->second;
        const std::shared_ptr<const Job> job = step.state.jobs.at(id);
        const std::string reason =
            fmt::format("it waited {} for its resources, which is its timeout", to_words(job->spec.task.timeout));
        step.notice(*job, true, "TimedOut", "scheduler", reason);
        end(step, id, JobState::kError, reason);
    }
}

void flush(Step& step) {
    for (const JobId& id : step.touched) {
        const std::shared_ptr<const Job> job = step.state.jobs.at(id);
        step.result.changes.push_back(change::JobSaved{job, std::move(step.events[id])});
        if (!is_final(job->state)) continue;
        step.state.jobs.erase(id);
        std::set<JobId>& live = step.state.live_jobs_of[job->project_id];
        live.erase(id);
        if (live.empty()) {
            step.state.live_jobs_of.erase(job->project_id);
            // Data that is removed in a moment need not be moved before.
            if (step.state.removals.count(job->project_id) == 0) rehome(step, job->project_id);
        }
        step.result.effects.push_back(effect::ForgetJob{id});
    }
    for (Change& change : step.last_changes) step.result.changes.push_back(std::move(change));
    finish_removals(step);
}

void on(Step& step, const input::StopJob& command, std::uint64_t ticket) {
    const auto found = step.state.jobs.find(command.id);
    if (found == step.state.jobs.end())
        return step.reply(ticket, fail(ErrorCode::kConflict, "the job has already ended"));
    const std::shared_ptr<const Job> job = found->second;
    // Asking twice is not an error.
    if (!is_final(job->state)) {
        step.audit("job.stop", job->display_name());
        if (job->kind == JobKind::kComponent) disable_component_of(step, *job);
        begin_end(step, command.id, JobState::kStopped, fmt::format("stopped by {}", command.by), command.by);
    }
    step.reply(ticket, command.id.str());
}

void on(Step& step, const input::DeleteJob& command, std::uint64_t ticket) {
    if (step.state.jobs.contains(command.id))
        return step.reply(ticket, fail(ErrorCode::kConflict, "the job has not ended; stop it first"));
    step.result.changes.push_back(change::JobDeleted{command.id});
    step.audit("job.delete", command.name.empty() ? command.id.str() : command.name);
    add_chore(step, {"remove-job-" + command.id.str(), chore::RemoveJobData{command.project, command.id}});
    step.reply(ticket, command.id.str());
}

// Nothing is decided by tags, so the core keeps none and need not know the job.
void on(Step& step, const input::TagJob& command, std::uint64_t ticket) {
    if (auto fine = check_job_tags(command.tags); !fine) return step.reply(ticket, fail(std::move(fine).error()));
    step.result.changes.push_back(change::JobTagged{command.id, without_repeats(command.tags)});
    step.audit("job.tag", command.name.empty() ? command.id.str() : command.name,
               to_valid_utf8(join(command.tags, ", ").substr(0, 500)));
    step.reply(ticket, command.id.str());
}

void on(Step& step, const input::SetProperties& command, std::uint64_t ticket) {
    constexpr std::size_t kMost = 100;
    const auto found = step.state.jobs.find(command.id);
    if (found == step.state.jobs.end())
        return step.reply(
            ticket, fail(ErrorCode::kConflict, "the job has already ended; only a running job reports properties"));
    if (is_waiting(found->second->state))
        return step.reply(ticket,
                          fail(ErrorCode::kConflict, "the job has not started; only a running job reports properties"));
    std::size_t total = found->second->properties.size();
    for (const auto& [name, value] : command.properties) total += found->second->properties.count(name) == 0 ? 1 : 0;
    if (total > kMost) return step.reply(ticket, fail(ErrorCode::kExhausted, "a job has at most {} properties", kMost));
    record(step, command.id, event::PropertiesSet{command.properties});
    step.reply(ticket, command.id.str());
}

}  // namespace pintle::core
