#include "base/check.hpp"
#include "core/state.hpp"

namespace pintle::core {

using namespace domain;

std::vector<scheduling::ReplicaNeed> needs_of(const Task& task) {
    std::vector<scheduling::ReplicaNeed> needs;
    for (const Resource& resource : task.resources) {
        const Quantities requests = effective_requests(resource);
        for (int i = 0; i < resource.replicas; ++i) {
            needs.push_back({fmt::format("{}-{}", resource.name, i), requests.cpu_millis, requests.memory_bytes, resource.gpus, resource.node_allocator});
        }
    }
    return needs;
}

std::optional<Time> deadline_of(const Job& job) {
    if (job.spec.task.timeout.count() <= 0) return std::nullopt;
    return job.submitted_at + job.spec.task.timeout;
}

void enqueue(State& state, const Job& job) {
    const std::int64_t order = state.next_order++;
    state.queue.emplace(order, scheduling::QueuedJob{job.id, job.display_name(), needs_of(job.spec.task)});
    state.queue_order.emplace(job.id, order);
    if (const auto deadline = deadline_of(job)) state.deadlines.emplace(*deadline, job.id);
}

void dequeue(State& state, const Job& job) {
    const auto order = state.queue_order.find(job.id);
    if (order == state.queue_order.end()) return;
    state.queue.erase(order->second);
    state.queue_order.erase(order);
    if (const auto deadline = deadline_of(job)) state.deadlines.erase({*deadline, job.id});
}

std::string slot_address(int slot, std::size_t n) { return fmt::format("127.{}.{}.{}", 64 + slot / 256, slot % 256, n + 1); }

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

void admit(Step& step, const scheduling::Admit& decision) {
    State& state = step.state;
    const int slot = free_slot(state, decision.id);
    if (slot < 0) return;
    event::Admitted admitted{{}, slot};
    for (const scheduling::NodePlacement& place : decision.placements) {
        admitted.placements.push_back({place.replica, place.node, place.devices, slot_address(slot, admitted.placements.size())});
    }
    dequeue(state, *state.jobs.at(decision.id));
    record(step, decision.id, std::move(admitted));
    book(state, *state.jobs.at(decision.id));
    step.result.effects.push_back(effect::Prepare{state.jobs.at(decision.id)});
}

void await(Step& step, const scheduling::Wait& decision) {
    const Job& job = *step.state.jobs.at(decision.id);
    if (decision.gpus_missing == 0 || job.state == JobState::kWaitingForGpus) return;
    step.notice(job, false, "WaitingForGpus", "scheduler", fmt::format("Waiting for {} gpu(s): {}", decision.gpus_missing, decision.reason));
    record(step, decision.id, event::GpusAwaited{decision.gpus_missing, decision.reason});
}

}  // namespace

void book(State& state, const Job& job) {
    const auto needs = needs_of(job.spec.task);
    for (std::size_t i = 0; i < job.replicas.size(); ++i) {
        const Placement& place = job.replicas[i].placement;
        scheduling::take(state.nodes, {place.replica, place.node, place.devices}, needs[i]);
    }
    state.slots.insert(job.network_slot);
}

void unbook(State& state, const Job& job) {
    const auto needs = needs_of(job.spec.task);
    for (std::size_t i = 0; i < job.replicas.size(); ++i) {
        const Placement& place = job.replicas[i].placement;
        for (const scheduling::NodeLoad& load : state.nodes) {
            if (load.node.name != place.node) continue;
            scheduling::release(state.nodes, {place.replica, place.node, place.devices}, needs[i]);
            break;
        }
    }
    state.slots.erase(job.network_slot);
}

void admit_waiting(Step& step) {
    std::vector<const scheduling::QueuedJob*> queue;
    for (const auto& [order, job] : step.state.queue) queue.push_back(&job);
    if (queue.empty()) return;
    for (const scheduling::Decision& decision : scheduling::plan(step.state.nodes, queue)) {
        if (const auto* granted = std::get_if<scheduling::Admit>(&decision)) admit(step, *granted);
        if (const auto* wait = std::get_if<scheduling::Wait>(&decision)) await(step, *wait);
    }
}

}  // namespace pintle::core
