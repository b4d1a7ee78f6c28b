#include "testing/fake_engine.hpp"

#include "base/check.hpp"

namespace pintle::testing {

using engine::AttemptId;
using engine::Observation;

void FakeEngine::connect(Sink sink) {
    const std::lock_guard lock(mu_);
    sink_ = std::move(sink);
}

FakeEngine::Attempt& FakeEngine::newest(std::unique_lock<std::mutex>& lock, const domain::JobId& job,
                                        const std::string& replica) {
    Attempt* found = nullptr;
    const bool came = started_.wait_for(lock, std::chrono::seconds(60), [&] {
        for (auto& [id, attempt] : attempts_) {
            if (id.job == job && id.replica == replica) found = &attempt;
        }
        return found != nullptr;
    });
    check(came, "the server starts the replica in time");
    return *found;
}

void FakeEngine::report(Attempt& attempt, Observation observation) {
    attempt.last = observation;
    if (observation.kind == Observation::Kind::kExited) attempt.log.reset();
    if (sink_) sink_(std::move(observation));
}

void FakeEngine::say(const domain::JobId& job, const std::string& replica, std::string_view text, Time now) {
    std::unique_lock lock(mu_);
    Attempt& attempt = newest(lock, job, replica);
    if (!attempt.log) {
        auto opened = series::LogWriter::open(attempt.launch.log_folder);
        check(opened.has_value(), "the log can be written");
        attempt.log = std::make_unique<series::LogWriter>(std::move(*opened));
    }
    attempt.log->append(text, now);
}

void FakeEngine::finish(const domain::JobId& job, const std::string& replica, int exit_code, Time now) {
    std::unique_lock lock(mu_);
    Attempt& attempt = newest(lock, job, replica);
    if (attempt.last.kind == Observation::Kind::kExited) return;
    report(attempt, {attempt.launch.id, Observation::Kind::kExited, {exit_code, false, "", now}});
}

engine::ReplicaLaunch FakeEngine::launch_of(const domain::JobId& job, const std::string& replica) {
    std::unique_lock lock(mu_);
    return newest(lock, job, replica).launch;
}

Result<void> FakeEngine::start(const engine::ReplicaLaunch& launch) {
    const std::lock_guard lock(mu_);
    const auto [at, fresh] = attempts_.try_emplace(launch.id);
    if (!fresh) return {};
    at->second.launch = launch;
    report(at->second, {launch.id, Observation::Kind::kRunning, {}});
    started_.notify_all();
    return {};
}

Result<void> FakeEngine::stop(const AttemptId& id, Duration) {
    const std::lock_guard lock(mu_);
    const auto found = attempts_.find(id);
    if (found == attempts_.end() || found->second.last.kind == Observation::Kind::kExited) return {};
    report(found->second, {id, Observation::Kind::kExited, {143, false, "", Time(Duration(1))}});
    return {};
}

Result<std::vector<Observation>> FakeEngine::list() {
    const std::lock_guard lock(mu_);
    std::vector<Observation> all;
    for (const auto& [id, attempt] : attempts_) all.push_back(attempt.last);
    return all;
}

Result<void> FakeEngine::forget(const AttemptId& id) {
    const std::lock_guard lock(mu_);
    attempts_.erase(id);
    return {};
}

void FakeEngine::set_usage(engine::Usage usage) {
    const std::lock_guard lock(mu_);
    usage_ = usage;
}

std::map<AttemptId, engine::Usage> FakeEngine::usage(const std::vector<AttemptId>& ids) {
    const std::lock_guard lock(mu_);
    std::map<AttemptId, engine::Usage> used;
    for (const AttemptId& id : ids) {
        const auto found = attempts_.find(id);
        if (found == attempts_.end()) continue;
        engine::Usage usage = usage_;
        if (found->second.last.kind == Observation::Kind::kExited) usage.ended_at = found->second.last.exit.at;
        used.emplace(id, usage);
    }
    return used;
}

void FakeEngine::set_nodes(std::vector<domain::Node> nodes) {
    const std::lock_guard lock(mu_);
    nodes_ = std::move(nodes);
}

void FakeEngine::set_own_address(std::string address) {
    const std::lock_guard lock(mu_);
    own_address_ = std::move(address);
}

void FakeEngine::await_inventories(int count) {
    std::unique_lock lock(mu_);
    const bool came = asked_.wait_for(lock, std::chrono::seconds(60), [&] { return inventories_ >= count; });
    check(came, "the server asks for the inventory in time");
}

Result<std::vector<domain::Node>> FakeEngine::inventory() {
    const std::lock_guard lock(mu_);
    ++inventories_;
    asked_.notify_all();
    return nodes_;
}

Result<std::string> FakeEngine::prepare_environment(const std::string&, const std::function<void(std::string)>&) {
    return std::string("/nowhere");
}

Result<void> FakeEngine::prepare_image(const domain::JobId&, const std::string&,
                                       const std::function<void(std::string)>&) {
    return {};
}

Result<std::string> FakeEngine::own_address(const AttemptId&) {
    const std::lock_guard lock(mu_);
    return own_address_;
}

std::vector<engine::Finding> FakeEngine::doctor() {
    return {{"processes", engine::Finding::Level::kGood, "Nothing is really run."},
            {"memory limits", engine::Finding::Level::kMissing, "There is nothing to limit."}};
}

}  // namespace pintle::testing
