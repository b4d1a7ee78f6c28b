#include "core/core.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "core/state.hpp"

namespace pintle::core {

struct Core::Impl {
    State state;
};

namespace {

void load_job(State& state, const domain::Job& job) {
    state.jobs.emplace(job.id, std::make_shared<const domain::Job>(job));
    state.live_jobs_of[job.project_id] += 1;
    if (domain::is_waiting(job.state)) {
        enqueue(state, job);
    } else if (job.network_slot >= 0) {
        state.slots.insert(job.network_slot);
    }
}

}  // namespace

Core::Core(CoreOptions options, domain::LiveState live) : impl_(std::make_unique<Impl>()) {
    State& state = impl_->state;
    state.options = std::move(options);
    for (domain::Project& project : live.projects) {
        state.project_ids.emplace(project.spec.name, project.id);
        state.projects.emplace(project.id, std::move(project));
    }
    for (const domain::Job& job : live.jobs) load_job(state, job);
    for (domain::change::KeyUsed& key : live.keys) {
        state.key_order.push_back(key.key);
        state.keys.emplace(key.key, std::move(key));
    }
    for (domain::Chore& chore : live.chores) state.chores.emplace(chore.id, std::move(chore));
}

Core::~Core() = default;
Core::Core(Core&&) noexcept = default;
Core& Core::operator=(Core&&) noexcept = default;

std::vector<Effect> Core::resume() const {
    std::vector<Effect> effects;
    for (const auto& [id, job] : impl_->state.jobs) {
        if (job->state == domain::JobState::kStarting && !job->preparation) effects.push_back(effect::Prepare{job});
    }
    for (const auto& [id, chore] : impl_->state.chores) effects.push_back(effect::DoChore{chore});
    return effects;
}

StepResult Core::step(const std::vector<Input>& batch, Time now) {
    Step step{impl_->state, now, {}, {}, {}, false};
    for (const Input& input : batch) {
        std::visit([&](const auto& body) { on(step, body, input.ticket); }, input.body);
    }
    expire_waiting(step);
    if (step.replan) admit_waiting(step);
    flush(step);
    if (!impl_->state.deadlines.empty()) step.result.next_wakeup = impl_->state.deadlines.begin()->first;
    return std::move(step.result);
}

std::optional<std::string> Core::explain(const domain::JobId& id) const {
    const State& state = impl_->state;
    const auto order = state.queue_order.find(id);
    if (order == state.queue_order.end()) return std::nullopt;
    std::vector<const scheduling::QueuedJob*> queue;
    for (const auto& [position, job] : state.queue) {
        queue.push_back(&job);
        if (position == order->second) break;
    }
    for (const scheduling::Decision& decision : scheduling::plan(state.nodes, queue)) {
        if (const auto* wait = std::get_if<scheduling::Wait>(&decision); wait != nullptr && wait->id == id) {
            return fmt::format("{} (position {} in the queue)", wait->reason, queue.size());
        }
    }
    return fmt::format("it is behind {} in the queue (position {})", queue.front()->name, queue.size());
}

const std::vector<scheduling::NodeLoad>& Core::nodes() const { return impl_->state.nodes; }

std::shared_ptr<const domain::Job> Core::find_job(const domain::JobId& id) const {
    const auto found = impl_->state.jobs.find(id);
    return found == impl_->state.jobs.end() ? nullptr : found->second;
}

const domain::Project* Core::find_project(const domain::ProjectId& id) const {
    const auto found = impl_->state.projects.find(id);
    return found == impl_->state.projects.end() ? nullptr : &found->second;
}

std::size_t Core::live_jobs() const { return impl_->state.jobs.size(); }

namespace {

std::optional<std::string> booking_fault(const State& state) {
    std::vector<scheduling::NodeLoad> expected;
    for (const scheduling::NodeLoad& load : state.nodes) {
        expected.emplace_back();
        expected.back().node = load.node;
    }
    std::set<int> slots;
    std::set<std::pair<std::string, int>> devices;
    for (const auto& [id, job] : state.jobs) {
        if (domain::is_waiting(job->state)) continue;
        if (job->network_slot >= 0 && !slots.insert(job->network_slot).second) return fmt::format("two jobs hold address block {}", job->network_slot);
        const auto needs = needs_of(job->spec.task);
        for (std::size_t i = 0; i < job->replicas.size() && job->network_slot >= 0; ++i) {
            const domain::Placement& place = job->replicas[i].placement;
            for (const int device : place.devices) {
                if (!devices.emplace(place.node, device).second) return fmt::format("device {} of {} has two owners", device, place.node);
            }
            const bool known = std::any_of(expected.begin(), expected.end(), [&](const auto& load) { return load.node.name == place.node; });
            if (known) scheduling::take(expected, {place.replica, place.node, place.devices}, needs[i]);
        }
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const scheduling::NodeLoad &is = state.nodes[i], &should = expected[i];
        if (is.cpu_millis_used != should.cpu_millis_used || is.memory_bytes_used != should.memory_bytes_used || is.devices_used != should.devices_used ||
            is.replicas != should.replicas) {
            return fmt::format("the books of node {} do not equal the sum of its replicas", is.node.name);
        }
        if (is.cpu_millis_free() < 0 || is.memory_bytes_free() < 0) return fmt::format("node {} gives out more than it has", is.node.name);
    }
    return slots == state.slots ? std::nullopt : std::optional<std::string>("the address blocks do not equal those of the jobs");
}

std::optional<std::string> queue_fault(const State& state) {
    std::size_t waiting = 0;
    for (const auto& [id, job] : state.jobs) {
        if (domain::is_final(job->state)) return fmt::format("{} is final and still live", job->display_name());
        if (!domain::is_waiting(job->state)) continue;
        ++waiting;
        if (state.queue_order.count(id) == 0) return fmt::format("{} waits and is not in the queue", job->display_name());
    }
    if (waiting != state.queue.size() || waiting != state.queue_order.size()) return "the queue holds jobs that do not wait";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> Core::sanity_fault() const {
    if (auto fault = booking_fault(impl_->state)) return fault;
    return queue_fault(impl_->state);
}

std::string Core::state_text() const {
    const State& state = impl_->state;
    std::string text;
    for (const auto& [id, project] : state.projects) text += fmt::format("project {} {} r{} b{}\n", id.str(), project.spec.name, project.revision, project.next_build);
    for (const auto& [id, job] : state.jobs) {
        text += fmt::format("job {} {} {} e{} slot {} \"{}\"\n", id.str(), job->display_name(), domain::to_string(job->state), job->event_count, job->network_slot, job->reason);
        for (const domain::Replica& replica : job->replicas) {
            text += fmt::format("  {} {} attempt {} on {} at {}", replica.name(), domain::to_string(replica.state), replica.attempt, replica.placement.node, replica.placement.address);
            for (const int device : replica.placement.devices) text += fmt::format(" gpu {}", device);
            text += "\n";
        }
    }
    for (const auto& [order, job] : state.queue) text += fmt::format("queued {}\n", job.name);
    for (const scheduling::NodeLoad& load : state.nodes) text += fmt::format("node {} cpu {} memory {}\n", load.node.name, load.cpu_millis_used, load.memory_bytes_used);
    for (const auto& [key, used] : state.keys) text += fmt::format("key {} {}\n", key, used.result);
    for (const auto& [id, chore] : state.chores) text += fmt::format("chore {}\n", id);
    return text;
}

}  // namespace pintle::core
