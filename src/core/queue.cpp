#include <algorithm>

#include "core/state.hpp"

namespace pintle::core {

using namespace domain;

namespace {

Result<std::shared_ptr<const Job>> find_waiting(const State& state, const JobId& id) {
    const auto found = state.jobs.find(id);
    if (found == state.jobs.end()) return fail(ErrorCode::kConflict, "the job has already ended");
    if (!is_waiting(found->second->state)) {
        return fail(ErrorCode::kConflict, "{} is {}; only a job that waits has a place in the queue",
                    found->second->display_name(), to_string(found->second->state));
    }
    return found->second;
}

Result<std::string> hold(Step& step, const input::HoldJob& command) {
    const auto job = TRY(find_waiting(step.state, command.id));
    if (job->hold && job->hold->by_operator && !step.actor.is_operator)
        return fail(ErrorCode::kDenied, "{} is held by an operator already", job->display_name());
    record(step, command.id,
           event::Held{command.reason, step.actor.name, step.actor.is_operator && step.actor.user != job->owner});
    enqueue(step.state, *step.state.jobs.at(command.id));
    step.audit("job.hold", job->display_name(), command.reason);
    step.replan = true;
    return command.id.str();
}

Result<std::string> release(Step& step, const input::ReleaseJob& command) {
    const auto job = TRY(find_waiting(step.state, command.id));
    if (!job->hold) return fail(ErrorCode::kConflict, "{} is not held", job->display_name());
    if (job->hold->by_operator && !step.actor.is_operator) {
        return fail(ErrorCode::kDenied, "{} was held by {}, an operator; ask an operator to release it",
                    job->display_name(), job->hold->by);
    }
    record(step, command.id, event::Released{step.actor.name});
    enqueue(step.state, *step.state.jobs.at(command.id));
    step.audit("job.release", job->display_name());
    step.replan = true;
    return command.id.str();
}

// Those of one pool and priority, in their order.
std::vector<std::shared_ptr<const Job>> peers_of(const State& state, const PoolId& pool, int priority,
                                                 const JobId& without) {
    std::vector<std::shared_ptr<const Job>> peers;
    for (const auto& [id, job] : state.jobs) {
        if (id != without && is_waiting(job->state) && job->pool == pool && job->wish.priority == priority)
            peers.push_back(job);
    }
    std::sort(peers.begin(), peers.end(), [](const auto& a, const auto& b) { return a->rank < b->rank; });
    return peers;
}

void give_place(Step& step, const JobId& id, int priority, std::int64_t rank) {
    record(step, id, event::Reordered{priority, rank, step.actor.name});
    enqueue(step.state, *step.state.jobs.at(id));
}

// Ranks are unique over all pools, so a place between two is looked for among all that wait.
bool is_taken(const State& state, std::int64_t rank) {
    return std::any_of(state.jobs.begin(), state.jobs.end(),
                       [&](const auto& entry) { return entry.second->rank == rank; });
}

std::optional<std::int64_t> rank_between(const State& state, std::int64_t low, std::int64_t high) {
    for (std::int64_t rank = low + (high - low) / 2; rank < high; ++rank) {
        // 0 is the rank of jobs of a time before ranks.
        if (rank > low && rank != 0 && !is_taken(state, rank)) return rank;
    }
    return std::nullopt;
}

std::int64_t new_last_rank(State& state) {
    const std::int64_t rank = state.next_rank;
    state.next_rank += kRankGap;
    return rank;
}

// Where no rank is left between two, everybody from there on gets a new one at the end, in the same order.
std::int64_t rank_at(Step& step, const std::vector<std::shared_ptr<const Job>>& peers, std::size_t place,
                     int priority) {
    State& state = step.state;
    if (place == peers.size()) return new_last_rank(state);
    const std::int64_t high = peers[place]->rank;
    const std::int64_t low = place == 0 ? high - 2 * kRankGap : peers[place - 1]->rank;
    if (const auto rank = rank_between(state, low, high)) return *rank;
    const std::int64_t rank = new_last_rank(state);
    for (std::size_t i = place; i < peers.size(); ++i) give_place(step, peers[i]->id, priority, new_last_rank(state));
    return rank;
}

Result<std::string> reorder(Step& step, const input::ReorderJob& command) {
    using Place = input::ReorderJob::Place;
    State& state = step.state;
    const auto job = TRY(find_waiting(state, command.id));
    const bool relative = command.place == Place::kBefore || command.place == Place::kAfter;
    std::shared_ptr<const Job> other;
    if (relative) {
        other = TRY(find_waiting(state, command.other));
        if (other->id == job->id)
            return fail(ErrorCode::kInvalid, "{} cannot be placed before or after itself", job->display_name());
        if (other->pool != job->pool)
            return fail(ErrorCode::kInvalid, "{} and {} wait in different pools", job->display_name(),
                        other->display_name());
    }
    const int priority = command.priority.value_or(relative ? other->wish.priority : job->wish.priority);
    const int most = step.actor.is_operator ? kPriorityMost : kPriorityOfUsers;
    if (priority < -kPriorityMost || priority > most) {
        return fail(ErrorCode::kInvalid, "a priority is from {} to {}{}, not {}", -kPriorityMost, most,
                    step.actor.is_operator ? "" : " (operators may go higher)", priority);
    }
    if (relative && other->wish.priority != priority)
        return fail(ErrorCode::kInvalid, "{} has priority {}; beside it there is no place with priority {}",
                    other->display_name(), other->wish.priority, priority);
    std::int64_t rank = job->rank;
    if (command.place != Place::kKeep) {
        const auto peers = peers_of(state, job->pool, priority, job->id);
        std::size_t place = command.place == Place::kFirst ? 0 : peers.size();
        for (std::size_t i = 0; relative && i < peers.size(); ++i) {
            if (peers[i]->id == other->id) place = command.place == Place::kBefore ? i : i + 1;
        }
        rank = rank_at(step, peers, place, priority);
    }
    give_place(step, job->id, priority, rank);
    step.audit("job.reorder", job->display_name(), fmt::format("priority {}", priority));
    step.replan = true;
    return job->id.str();
}

}  // namespace

void on(Step& step, const input::HoldJob& command, std::uint64_t ticket) { step.reply(ticket, hold(step, command)); }
void on(Step& step, const input::ReleaseJob& command, std::uint64_t ticket) {
    step.reply(ticket, release(step, command));
}
void on(Step& step, const input::ReorderJob& command, std::uint64_t ticket) {
    step.reply(ticket, reorder(step, command));
}

}  // namespace pintle::core
