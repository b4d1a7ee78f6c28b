#include "sim/sim_world.hpp"

namespace pintle::sim {

using namespace core;

namespace {
input::ReplicaSeen seen(const SimWorld::Attempt& attempt, std::optional<domain::ReplicaExit> exit) {
    const auto& [job, replica, number] = attempt;
    return {job, replica, number, std::move(exit)};
}
}  // namespace

void SimWorld::carry_out(const Effect& effect, Time now) {
    advance(now);
    std::visit([&](const auto& body) { on(body, now); }, effect);
}

void SimWorld::on(const effect::Prepare& effect, Time now) {
    const Time at = now + delay(200);
    if (rng_.chance(faults_.preparation_fails)) {
        const bool may_pass = !rng_.chance(20);
        deliver(input::PreparationFailed{effect.job->id, "the simulated source cannot be reached", may_pass}, at);
    } else {
        domain::Preparation preparation;
        if (rng_.chance(faults_.written_back)) preparation.written_back = {"results"};
        deliver(input::PreparationDone{effect.job->id, std::move(preparation)}, at);
    }
}

void SimWorld::on(const effect::FinishSources& effect, Time now) {
    const bool fails = rng_.chance(faults_.preparation_fails);
    deliver(input::SourcesFinished{effect.job->id, fails ? "the simulated source cannot be reached" : ""},
            now + delay(200));
}

void SimWorld::on(const effect::StartReplica& effect, Time now) {
    const Attempt attempt{effect.job->id, effect.replica, effect.attempt};
    const std::string& node = effect.job->find_replica(effect.replica)->placement.node;
    if (lost_.count(node) > 0) return;
    State& state = attempts_[attempt];
    state.node = node;
    if (state.started || state.exit) return;  // Asked for again: an engine starts an attempt once.
    if (!ever_started_.insert(attempt).second)
        double_start_ = fmt::format("{}:{} attempt {} was started twice", effect.job->display_name(), effect.replica,
                                    effect.attempt);
    state.started = true;
    state.exit_code = rng_.chance(faults_.replica_fails) ? static_cast<int>(1 + rng_.below(3)) : 0;
    const domain::Replica* replica = effect.job->find_replica(effect.replica);
    state.ends_by_itself = !effect.job->resource_of(*replica).is_permanent;
    state.ends_at = now + Duration(1) + delay(2000);
    report(attempt, state, now);
}

void SimWorld::on(const effect::StopReplica& effect, Time now) {
    State& state = attempts_[{effect.job, effect.replica, effect.attempt}];
    if (state.exit) {
        report({effect.job, effect.replica, effect.attempt}, state, now);
        return;
    }
    state.ends_by_itself = true;
    if (!state.started) {
        state.ends_at = now;  // The stop has overtaken the start: it never runs.
        state.exit_code = 143;
        state.started = true;
    } else if (now + Duration(1) < state.ends_at || state.ends_at <= now) {
        state.ends_at = now + Duration(1) + delay(100);
        state.exit_code = 143;
    }
}

void SimWorld::on(const effect::ForgetReplica& effect, Time) {
    const auto found = attempts_.find({effect.job, effect.replica, effect.attempt});
    if (found != attempts_.end() && found->second.exit) attempts_.erase(found);
}

void SimWorld::on(const effect::DoChore& effect, Time now) {
    deliver(input::ChoreDone{effect.chore.id}, now + delay(500));
}

void SimWorld::report(const Attempt& attempt, const State& state, Time now) {
    if (rng_.chance(faults_.lost)) return;
    const int times = rng_.chance(faults_.duplicated) ? 2 : 1;
    for (int i = 0; i < times; ++i) deliver(seen(attempt, state.exit), now + delay(i == 0 ? 20 : 3000));
}

// Replicas whose time has come end, whether a server listens or not.
void SimWorld::advance(Time now) {
    for (auto& [attempt, state] : attempts_) {
        if (!state.started || state.exit || !state.ends_by_itself || state.ends_at > now) continue;
        state.exit = domain::ReplicaExit{state.exit_code, false, "", state.ends_at};
        report(attempt, state, state.ends_at);
    }
}

std::vector<Input> SimWorld::arrived(Time now) {
    advance(now);
    std::vector<Input> inputs;
    while (!mail_.empty() && mail_.begin()->first <= now) {
        inputs.push_back({std::move(mail_.begin()->second), 0});
        mail_.erase(mail_.begin());
    }
    return inputs;
}

std::optional<Time> SimWorld::next() const {
    std::optional<Time> soonest;
    const auto consider = [&](Time time) {
        if (!soonest || time < *soonest) soonest = time;
    };
    if (!mail_.empty()) consider(mail_.begin()->first);
    for (const auto& [attempt, state] : attempts_) {
        if (state.started && !state.exit && state.ends_by_itself) consider(state.ends_at);
    }
    return soonest;
}

Input SimWorld::listing(Time now) {
    advance(now);
    input::EnginesListed listed;
    for (const auto& [attempt, state] : attempts_) {
        if (state.started) listed.seen.push_back(seen(attempt, state.exit));
    }
    return {std::move(listed), 0};
}

void SimWorld::server_crashed() { mail_.clear(); }

void SimWorld::lose_node(const std::string& node) {
    lost_.insert(node);
    std::erase_if(attempts_, [&](const auto& entry) {
        if (entry.second.node != node) return false;
        // What ran there is gone without a trace. Where the server could not write that down before the machine was
        // back, it finds a start that nobody knows, and is right to issue it again: nothing runs twice.
        ever_started_.erase(entry.first);
        return true;
    });
}

std::vector<SimWorld::Attempt> SimWorld::running(Time now) {
    advance(now);
    std::vector<Attempt> found;
    for (const auto& [attempt, state] : attempts_) {
        if (state.started && !state.exit) found.push_back(attempt);
    }
    return found;
}

}  // namespace pintle::sim
