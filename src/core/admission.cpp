#include <algorithm>

#include "base/check.hpp"
#include "core/state.hpp"

namespace pintle::core {

using namespace domain;

namespace {

std::vector<scheduling::Need> needs_of(const Task& task) {
    std::vector<scheduling::Need> needs;
    for (const Resource& resource : task.resources) {
        const Quantities requests = effective_requests(resource);
        needs.push_back({resource.name, resource.replicas, requests.cpu_millis, requests.memory_bytes, resource.gpus,
                         resource.node_allocator});
    }
    return needs;
}

std::optional<ExpectedRunTime> expected_run_time(const State& state, const Job& job) {
    // It ends when somebody wants it to.
    if (job.kind == JobKind::kComponent) return std::nullopt;
    if (const Duration declared = job.spec.task.run_time; declared.count() > 0)
        return ExpectedRunTime{declared, declared, true};
    const auto learnt = state.run_times.find({job.project_id, job.spec.task.name});
    return learnt == state.run_times.end() ? std::nullopt : learnt->second.expected();
}

}  // namespace

scheduling::Workload workload_of(const State& state, const Job& job) {
    scheduling::Workload workload;
    workload.id = job.id;
    workload.name = job.display_name();
    workload.owner = job.owner;
    workload.group = job.group;
    workload.priority = job.wish.priority;
    workload.rank = job.rank;
    workload.submitted_at = job.submitted_at;
    workload.needs = needs_of(job.spec.task);
    workload.gpu_model = job.spec.task.gpu_model;
    workload.immediate = job.wish.immediate;
    if (job.hold)
        workload.held = job.hold->reason.empty() ? fmt::format("held by {}", job.hold->by)
                                                 : fmt::format("held by {}: {}", job.hold->by, job.hold->reason);
    workload.run_time = expected_run_time(state, job);
    return workload;
}

scheduling::Running running_of(const State& state, const Job& job) {
    scheduling::Running running{workload_of(state, job), {}, job.started_at, job.state == JobState::kStopping};
    for (const Replica& replica : job.replicas)
        running.places.push_back({replica.placement.node, replica.placement.devices});
    return running;
}

std::optional<Time> deadline_of(const Job& job) {
    if (job.spec.task.timeout.count() <= 0) return std::nullopt;
    return job.submitted_at + job.spec.task.timeout;
}

void enqueue(State& state, const Job& job) {
    state.snapshot.enqueue(workload_of(state, job));
    // Who has run before and was sent back is not punished for waiting again.
    if (const auto deadline = deadline_of(job); deadline && job.requeues == 0)
        state.deadlines.emplace(*deadline, job.id);
}

void dequeue(State& state, const Job& job) {
    state.snapshot.dequeue(job.id);
    if (const auto deadline = deadline_of(job)) state.deadlines.erase({*deadline, job.id});
}

std::string slot_address(int slot, std::size_t n) {
    return fmt::format("127.{}.{}.{}", 64 + slot / 256, slot % 256, n + 1);
}

namespace {

// A starting point that depends on the job alone keeps the choice the same after a restart, and a block's
// addresses are rarely used again at once, while old connections may linger.
int free_slot(const State& state, const JobId& id) {
    std::uint32_t hash = 2166136261U;  // FNV-1a
    for (const char c : id.str()) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    for (int i = 0; i < kSlots; ++i) {
        const int slot = static_cast<int>((hash + static_cast<std::uint32_t>(i)) % kSlots);
        if (state.slots.count(slot) == 0) return slot;
    }
    return -1;
}

// False when there is no block of addresses left for it; it then waits for one.
bool admit(Step& step, const scheduling::Start& start) {
    State& state = step.state;
    const int slot = free_slot(state, start.id);
    if (slot < 0) return false;
    const std::shared_ptr<const Job> waiting = state.jobs.at(start.id);
    event::Admitted admitted{{}, slot};
    for (std::size_t i = 0; i < start.places.size(); ++i) {
        const scheduling::Place& place = start.places[i];
        admitted.placements.push_back({waiting->replicas[i].name(), place.node, place.devices, slot_address(slot, i)});
    }
    dequeue(state, *waiting);
    record(step, start.id, std::move(admitted));
    const std::shared_ptr<const Job> job = state.jobs.at(start.id);
    state.snapshot.start(running_of(state, *job));
    state.slots.insert(slot);
    if (job->gpus_held() < job->gpus()) {
        step.notice(*job, false, "FewerGpus", "scheduler",
                    fmt::format("It starts immediately with {} of {} GPUs, those that were free", job->gpus_held(),
                                job->gpus()));
    }
    step.result.effects.push_back(effect::Prepare{job});
    return true;
}

void await(Step& step, const scheduling::AwaitGpus& wait) {
    const Job& job = *step.state.jobs.at(wait.id);
    if (job.state == JobState::kWaitingForGpus) return;
    step.notice(job, false, "WaitingForGpus", "scheduler",
                fmt::format("Waiting for {} gpu(s): {}", wait.gpus, wait.reason));
    record(step, wait.id, event::GpusAwaited{wait.gpus, wait.reason});
}

void reclaim(Step& step, const scheduling::Reclaim& reclaim) {
    const std::shared_ptr<const Job> job = step.state.jobs.at(reclaim.id);
    if (job->state == JobState::kStopping) return;
    step.notice(*job, true, "Reclaimed", "scheduler", reclaim.reason);
    begin_end(step, reclaim.id, JobState::kQueued, reclaim.reason, "");
}

}  // namespace

void unbook(State& state, const Job& job) {
    state.snapshot.finish(job.id);
    state.slots.erase(job.network_slot);
}

void admit_waiting(Step& step) {
    // Until a pass finds nothing: one that starts something may make room beside a reservation, and what is sent back
    // to the queue without anything to stop leaves its place at once. A server that starts again looks until then too.
    constexpr int kPassesMost = 100;
    for (int pass = 0; step.replan && pass < kPassesMost; ++pass) {
        const scheduling::Plan plan = scheduling::plan(step.state.snapshot, step.now);
        step.replan = false;
        for (const scheduling::Start& start : plan.starts) step.replan = admit(step, start) || step.replan;
        for (const scheduling::AwaitGpus& wait : plan.awaits) await(step, wait);
        for (const scheduling::Reclaim& taken : plan.reclaims) reclaim(step, taken);
    }
}

void learn_run_time(Step& step, const Job& job) {
    if (job.state != JobState::kComplete || job.started_at == Time{} || job.kind == JobKind::kComponent) return;
    State& state = step.state;
    if (state.projects.count(job.project_id) == 0) return;
    RunTimes& times = state.run_times[{job.project_id, job.spec.task.name}];
    times.project = job.project_id;
    times.task = job.spec.task.name;
    const bool changed = times.add(job.ended_at - job.started_at);
    step.result.changes.push_back(change::RunTimesSaved{times});
    if (!changed) return;
    for (const JobId& id : state.live_jobs_of[job.project_id]) {
        const std::shared_ptr<const Job>& other = state.jobs.at(id);
        // What its task declares goes before what is learnt.
        if (other->spec.task.run_time.count() > 0 || other->spec.task.name != job.spec.task.name ||
            other->kind != JobKind::kTask)
            continue;
        if (state.snapshot.find_waiting(id) != nullptr) state.snapshot.enqueue(workload_of(state, *other));
        if (state.snapshot.find_running(id) == nullptr) continue;
        state.snapshot.finish(id);
        state.snapshot.start(running_of(state, *other));
    }
}

}  // namespace pintle::core
