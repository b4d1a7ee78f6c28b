#include <algorithm>
#include <set>

#include "base/check.hpp"
#include "core/state.hpp"

namespace pintle::core {

using namespace domain;

namespace {

void forget(Step& step, const input::ReplicaSeen& seen) {
    step.result.effects.push_back(effect::ForgetReplica{seen.job, seen.replica, seen.attempt});
}

// What belongs to no live job is stopped and forgotten: it is left over from a crash, or the report is late.
void on_stray(Step& step, const input::ReplicaSeen& seen) {
    if (!seen.exit)
        step.result.effects.push_back(
            effect::StopReplica{seen.job, seen.replica, seen.attempt, step.state.options.stop_grace});
    if (seen.exit) forget(step, seen);
}

void on_running(Step& step, const Job& job, const Replica& replica) {
    if (replica.state != ReplicaState::kStarting) return;
    record(step, job.id, event::ReplicaStarted{replica.name(), replica.attempt});
}

void notice_of_exit(Step& step, const Job& job, const Replica& replica, const ReplicaExit& exit) {
    if (job.state == JobState::kStopping || exit.exit_code == 0) return;
    const std::string message =
        exit.message.empty() ? fmt::format("{} ended with exit code {}", replica.name(), exit.exit_code) : exit.message;
    step.notice(job, true, exit.out_of_memory ? "OutOfMemory" : "ReplicaFailed", "engine", message);
}

void on_exit(Step& step, const JobId& id, const input::ReplicaSeen& seen) {
    // A short program may be gone before anybody saw it run.
    const std::shared_ptr<const Job> before = step.state.jobs.at(id);
    if (before->state != JobState::kStopping) on_running(step, *before, *before->find_replica(seen.replica));
    const std::shared_ptr<const Job> job = step.state.jobs.at(id);
    notice_of_exit(step, *job, *job->find_replica(seen.replica), *seen.exit);
    record(step, id, event::ReplicaEnded{seen.replica, seen.attempt, *seen.exit});
    forget(step, seen);
}

// Whether the report speaks of the replica's present, unfinished attempt.
bool is_current(const Job& job, const input::ReplicaSeen& seen) {
    const Replica* replica = job.find_replica(seen.replica);
    return replica != nullptr && replica->attempt == seen.attempt &&
           (replica->state == ReplicaState::kStarting || replica->state == ReplicaState::kRunning);
}

}  // namespace

void on(Step& step, const input::PreparationDone& seen, std::uint64_t) {
    const auto found = step.state.jobs.find(seen.id);
    if (found == step.state.jobs.end()) {
        step.result.effects.push_back(effect::ForgetJob{seen.id});
        return;
    }
    if (found->second->state != JobState::kStarting || found->second->preparation) return;
    record(step, seen.id, event::Prepared{seen.preparation});
    const std::shared_ptr<const Job> job = step.state.jobs.at(seen.id);
    for (const Replica& replica : job->replicas)
        step.result.effects.push_back(effect::StartReplica{job, replica.name(), replica.attempt});
}

void on(Step& step, const input::PreparationProgress& seen, std::uint64_t) {
    const auto found = step.state.jobs.find(seen.id);
    if (found == step.state.jobs.end()) return;
    step.notice(*found->second, seen.delayed, seen.delayed ? "PreparationDelayed" : "Preparing", "sources",
                seen.message);
}

void on(Step& step, const input::ReplicaSeen& seen, std::uint64_t) {
    const auto found = step.state.jobs.find(seen.job);
    if (found == step.state.jobs.end() || is_final(found->second->state) || !is_current(*found->second, seen))
        return on_stray(step, seen);
    if (seen.exit) {
        on_exit(step, seen.job, seen);
    } else {
        const std::shared_ptr<const Job> job = found->second;
        on_running(step, *job, *job->find_replica(seen.replica));
    }
    settle(step, seen.job);
}

namespace {

// What should run, but the engines do not know it: a start that was lost is issued again; a replica that was
// seen running and is gone without a trace has failed.
void reconcile_missing(Step& step, const JobId& id, const std::set<std::tuple<JobId, std::string, int>>& known) {
    const std::shared_ptr<const Job> job = step.state.jobs.at(id);
    if (is_waiting(job->state) || !job->preparation) return;
    for (const Replica& replica : job->replicas) {
        const bool live = replica.state == ReplicaState::kStarting || replica.state == ReplicaState::kRunning;
        if (!live || known.count({id, replica.name(), replica.attempt}) > 0) continue;
        if (replica.state == ReplicaState::kRunning) {
            ReplicaExit exit{-1, false, fmt::format("{} is gone: its engine no longer knows it", replica.name()),
                             step.now};
            on(step, input::ReplicaSeen{id, replica.name(), replica.attempt, exit}, 0);
        } else if (job->state == JobState::kStopping) {
            step.result.effects.push_back(
                effect::StopReplica{id, replica.name(), replica.attempt, step.state.options.stop_grace});
        } else {
            step.result.effects.push_back(effect::StartReplica{job, replica.name(), replica.attempt});
        }
        if (!step.state.jobs.contains(id) || is_final(step.state.jobs.at(id)->state)) return;
    }
}

}  // namespace

void on(Step& step, const input::EnginesListed& listing, std::uint64_t) {
    std::set<std::tuple<JobId, std::string, int>> known;
    for (const input::ReplicaSeen& seen : listing.seen) {
        known.emplace(seen.job, seen.replica, seen.attempt);
        on(step, seen, 0);
        // A stop may have been lost with the server that wanted it.
        const auto found = step.state.jobs.find(seen.job);
        if (!seen.exit && found != step.state.jobs.end() && found->second->state == JobState::kStopping) {
            step.result.effects.push_back(
                effect::StopReplica{seen.job, seen.replica, seen.attempt, step.state.options.stop_grace});
        }
    }
    std::vector<JobId> ids;
    for (const auto& [id, job] : step.state.jobs) ids.push_back(id);
    for (const JobId& id : ids) {
        reconcile_missing(step, id, known);
        if (!is_final(step.state.jobs.at(id)->state)) settle(step, id);
    }
}

namespace {

const Node* find_node(const scheduling::Snapshot& snapshot, const std::string& name) {
    for (const Node& node : snapshot.nodes()) {
        if (node.name == name) return &node;
    }
    return nullptr;
}

const Device* find_device(const Node& node, int index) {
    for (const Device& device : node.devices) {
        if (device.index == index) return &device;
    }
    return nullptr;
}

// What became of the places of a running job: a node or a device that is gone ends it, one that has become unhealthy
// is worth a word, since the program may or may not notice.
void look_after(Step& step, const JobId& id, const std::map<std::string, Node>& before) {
    const std::shared_ptr<const Job> job = step.state.jobs.at(id);
    const auto is_ending = [&] { return step.state.jobs.at(id)->state == JobState::kStopping; };
    for (const Replica& replica : job->replicas) {
        if (is_final(step.state.jobs.at(id)->state) || is_waiting(step.state.jobs.at(id)->state)) return;
        // What has finished needs its place no more.
        if (is_final(replica.state)) continue;
        const Node* node = find_node(step.state.snapshot, replica.placement.node);
        if (node == nullptr) {
            const std::string reason =
                fmt::format("the node {} is gone while {} ran on it; clone the job to run it again",
                            replica.placement.node, replica.name());
            if (!is_ending()) {
                step.notice(*job, true, "NodeGone", "inventory", reason);
                begin_end(step, id, JobState::kError, reason, "");
            }
            // Nobody there will tell of its end any more.
            const ReplicaState state = step.state.jobs.at(id)->find_replica(replica.name())->state;
            if (is_ending() && (state == ReplicaState::kStarting || state == ReplicaState::kRunning)) {
                on(step,
                   input::ReplicaSeen{id, replica.name(), replica.attempt, ReplicaExit{-1, false, reason, step.now}},
                   0);
            }
            continue;
        }
        if (is_ending()) continue;
        for (const int index : replica.placement.devices) {
            const Device* device = find_device(*node, index);
            if (device == nullptr) {
                const std::string reason =
                    fmt::format("GPU {} of {} is gone while {} used it; clone the job to run it again", index,
                                node->name, replica.name());
                step.notice(*job, true, "DeviceGone", "inventory", reason);
                begin_end(step, id, JobState::kError, reason, "");
                break;
            }
            const auto old_node = before.find(node->name);
            const Device* was = old_node == before.end() ? nullptr : find_device(old_node->second, index);
            if (!device->healthy && was != nullptr && was->healthy) {
                step.notice(
                    *job, true, "DeviceUnhealthy", "inventory",
                    fmt::format("GPU {} ({}) of {}, which {} uses, has become unhealthy{}{}", index, device->model,
                                node->name, replica.name(), device->fault.empty() ? "" : ": ", device->fault));
            }
        }
    }
}

}  // namespace

void on(Step& step, const input::NodesChanged& seen, std::uint64_t) {
    State& state = step.state;
    std::map<std::string, Node> before;
    for (const Node& node : state.snapshot.nodes()) before.emplace(node.name, node);
    state.snapshot.set_nodes(seen.nodes);
    std::vector<JobId> placed;
    for (const auto& [id, job] : state.jobs) {
        if (!is_waiting(job->state) && !is_final(job->state)) placed.push_back(id);
    }
    for (const JobId& id : placed) look_after(step, id, before);
    step.replan = true;
}

void on(Step& step, const input::ChoreDone& seen, std::uint64_t) {
    State& state = step.state;
    const auto chore = state.chores.find(seen.id);
    if (chore == state.chores.end()) return;
    const auto* moved = std::get_if<chore::MoveProjectData>(&chore->second.work);
    const auto project =
        moved == nullptr ? state.project_ids.end() : state.project_ids.find({moved->to_home, moved->to});
    if (project != state.project_ids.end()) mark_components(state, project->second);
    state.chores.erase(chore);
    step.result.changes.push_back(change::ChoreDone{seen.id});
}

}  // namespace pintle::core
