#include <algorithm>

#include "base/text.hpp"
#include "core/state.hpp"

namespace pintle::core {

using namespace domain;

namespace {

// 1, 2, 4, … seconds, then every minute: what is only slow is found soon, and what is down is not asked all the time.
Duration pause_after(int tries) {
    constexpr int kDoublingsMost = 6;
    return std::min<Duration>(std::chrono::seconds(1LL << std::min(tries - 1, kDoublingsMost)),
                              std::chrono::minutes(1));
}

bool is_preparing(const Job& job) { return job.state == JobState::kStarting && !job.preparation; }

bool has_live_replica(const Job& job) {
    return std::any_of(job.replicas.begin(), job.replicas.end(), [](const Replica& replica) {
        return replica.state == ReplicaState::kStarting || replica.state == ReplicaState::kRunning;
    });
}

// True when it is tried again, and remembered why. The job holds its resources meanwhile, so it does not wait for ever.
bool delay(Step& step, const JobId& id, const std::string& reason, Time ends) {
    const std::shared_ptr<const Job> job = step.state.jobs.at(id);
    const int tries = job->source_tries + 1;
    const Time since = job->source_tries > 0 ? job->source_trouble_since : step.now;
    step.notice(*job, true, "SourceFailed", "sources", reason);
    record(step, id, event::SourcesDelayed{reason, tries, since});
    if (step.now >= ends) return false;
    step.state.source_retries.emplace(std::min(step.now + pause_after(tries), ends), id);
    return true;
}

// The last try and all before it, as the reason of the end.
std::string gave_up(const Job& job, Time now) {
    const std::string times = job.source_tries == 1 ? "once"
                                                    : fmt::format("{} times in {}", job.source_tries,
                                                                  to_words(now - job.source_trouble_since));
    return fmt::format("tried {} and given up", times);
}

}  // namespace

bool writes_back(const Job& job) { return job.preparation && !job.preparation->written_back.empty(); }

void write_back(Step& step, const JobId& id) {
    if (!step.state.finishing.insert(id).second) return;
    step.result.effects.push_back(effect::FinishSources{step.state.jobs.at(id)});
}

void retry_sources(Step& step) {
    std::set<std::pair<Time, JobId>>& retries = step.state.source_retries;
    while (!retries.empty() && retries.begin()->first <= step.now) {
        const JobId id = retries.begin()->second;
        retries.erase(retries.begin());
        const auto found = step.state.jobs.find(id);
        if (found == step.state.jobs.end() || is_final(found->second->state)) continue;
        if (is_preparing(*found->second)) step.result.effects.push_back(effect::Prepare{found->second});
        if (step.state.finishing.count(id) > 0) step.result.effects.push_back(effect::FinishSources{found->second});
    }
}

void on(Step& step, const input::PreparationFailed& seen, std::uint64_t) {
    const auto found = step.state.jobs.find(seen.id);
    if (found == step.state.jobs.end() || !is_preparing(*found->second)) return;
    if (!seen.may_pass) {
        step.notice(*found->second, true, "PreparationFailed", "sources", seen.reason);
        return begin_end(step, seen.id, JobState::kError, seen.reason, "");
    }
    const Job& job = *found->second;
    const Duration timeout = job.spec.task.timeout;
    // Without a timeout what is large may come for hours before the first trouble.
    const Time trouble_began = job.source_tries > 0 ? job.source_trouble_since : step.now;
    const Time ends = timeout.count() > 0 ? job.started_at + timeout
                                          : trouble_began + step.state.options.source_patience;
    if (delay(step, seen.id, seen.reason, ends)) return;
    const std::string end = gave_up(*step.state.jobs.at(seen.id), step.now);
    begin_end(step, seen.id, JobState::kError, fmt::format("{}; {}", seen.reason, end), "");
}

void on(Step& step, const input::SourcesFinished& seen, std::uint64_t) {
    const auto found = step.state.jobs.find(seen.id);
    if (found == step.state.jobs.end()) return;
    const std::shared_ptr<const Job> job = found->second;
    if (job->state != JobState::kStopping || !writes_back(*job) || has_live_replica(*job)) return;
    if (seen.fault.empty()) {
        step.state.finishing.erase(seen.id);
        return finish_ending(step, seen.id);
    }
    const Time began = job->source_tries > 0 ? job->source_trouble_since : step.now;
    if (delay(step, seen.id, seen.fault, began + step.state.options.source_patience)) return;
    step.state.finishing.erase(seen.id);
    finish_ending(step, seen.id, fmt::format("{}; {}", seen.fault, gave_up(*step.state.jobs.at(seen.id), step.now)));
}

}  // namespace pintle::core
