#include "runtime/report_collector.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "base/log.hpp"
#include "os/file.hpp"
#include "runtime/report_reader.hpp"
#include "runtime/usage_rates.hpp"

namespace pintle::runtime {
namespace {

using metrics::ReportedValue;
using series::Sample;
using series::SeriesKey;

constexpr Duration kAgain{1'000};  ///< After a failure.

Duration steady_now() {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

SeriesKey key_of(const std::string& replica, const std::string& name) { return {replica, name, "", true}; }

}  // namespace

struct ReportCollector::Impl {
    struct Followed {
        domain::JobId job;
        Duration interval{};
        bool has_events = false;
        Duration next{};
        bool busy = false;  ///< A thread is at it.
    };
    struct Boxes {
        int all = 0;
        int with_events = 0;
        int busy = 0;
    };
    struct Finishing {
        std::vector<std::function<void()>> done;
        Duration next{};
        bool busy = false;
    };

    explicit Impl(Deps d) : deps(d) {}

    /// One of the threads: that for boxes with event files, or the other.
    void run(bool events);
    void forget(const ReportBox& box);
    [[nodiscard]] bool can_finish(const domain::JobId& job, const Finishing& one, bool events) const;
    /// True when all that was there is in the samples.
    Result<bool> collect(const ReportBox& box, bool ended);
    Result<void> complete(const ReportBox& box, const ReportPlan& plan, ReportState& state, const std::string& folder);
    Result<void> write(const ReportBox& box, const ReportPlan& plan, ReportState& state, ReportPage page, bool ended);
    void leave_out_new_names(const std::string& folder, const std::string& replica, std::vector<ReportedValue>& values,
                             const std::map<SeriesKey, std::uint64_t>& known);
    void finish_job(const domain::JobId& job);

    const Deps deps;
    std::mutex mu;
    std::condition_variable changed;
    // Guarded by mu.
    bool ending = false;
    std::map<ReportBox, Followed> followed;
    std::map<domain::JobId, Boxes> jobs;  ///< What is followed, by its jobs.
    std::map<domain::JobId, Finishing> finishing;

    std::set<std::string> told;  ///< Folders whose surplus of names was logged.

    std::vector<std::thread> threads;
};

void ReportCollector::Impl::leave_out_new_names(const std::string& folder, const std::string& replica,
                                                std::vector<ReportedValue>& values,
                                                const std::map<SeriesKey, std::uint64_t>& known) {
    std::set<std::string> fresh;
    const std::size_t before = values.size();
    std::erase_if(values, [&](const ReportedValue& value) {
        if (known.count(key_of(replica, value.name)) > 0 || fresh.count(value.name) > 0) return false;
        if (known.size() + fresh.size() >= kNamesMost) return true;
        fresh.insert(value.name);
        return false;
    });
    if (values.size() == before) return;
    const std::lock_guard lock(mu);
    if (told.insert(folder).second) {
        log::warn("reports.too_many_names", {{"folder", folder}, {"replica", replica}, {"most", kNamesMost}});
    }
}

// The server was killed between the note of what it was about to write and the note that it is written.
Result<void> ReportCollector::Impl::complete(const ReportBox& box, const ReportPlan& plan, ReportState& state,
                                             const std::string& folder) {
    if (!state.to) return {};
    const auto known = TRY(deps.store.reported(folder));
    const ReportPage page = read_reports(box, plan, state.from, state.ended, deps.clock.now(), &*state.to);
    std::map<std::string, std::uint64_t> there;
    for (const auto& [name, before] : state.before) {
        const auto now = known.find(key_of(plan.replica, name));
        const std::uint64_t count = now == known.end() ? 0 : now->second;
        there[name] = count > before ? count - before : 0;
    }
    SampleStore::Batch missing;
    for (const ReportedValue& value : page.values) {
        const auto counted = there.find(value.name);
        if (counted == there.end()) continue;  // One name too many, then as now.
        if (counted->second > 0) --counted->second;
        else missing.emplace_back(key_of(plan.replica, value.name), Sample{*value.at, value.value, value.step});
    }
    TRY(deps.store.add(folder, missing));
    state = {*state.to, std::nullopt, false, {}};
    return box.write_state(state);
}

Result<void> ReportCollector::Impl::write(const ReportBox& box, const ReportPlan& plan, ReportState& state,
                                          ReportPage page, bool ended) {
    const std::string folder = deps.data.sample_folder(plan.project, plan.job);
    if (page.values.empty()) {
        state.from = std::move(page.to);
        return box.write_state(state);
    }
    const auto known = TRY(deps.store.reported(folder));
    leave_out_new_names(folder, plan.replica, page.values, known);
    state.to = page.to;
    state.ended = ended;
    state.before.clear();
    SampleStore::Batch batch;
    for (const ReportedValue& value : page.values) {
        const SeriesKey key = key_of(plan.replica, value.name);
        const auto count = known.find(key);
        state.before.emplace(value.name, count == known.end() ? 0 : count->second);
        batch.emplace_back(key, Sample{*value.at, value.value, value.step});
    }
    TRY(box.write_state(state));
    TRY(deps.store.add(folder, batch));
    state = {std::move(page.to), std::nullopt, false, {}};
    return box.write_state(state);
}

Result<bool> ReportCollector::Impl::collect(const ReportBox& box, bool ended) {
    const ReportPlan plan = TRY(box.plan());
    ReportState state = box.state();
    TRY(complete(box, plan, state, deps.data.sample_folder(plan.project, plan.job)));
    ReportPage page = read_reports(box, plan, state.from, ended, deps.clock.now());
    const bool more = page.more && page.to != state.from;
    if (page.to != state.from) TRY(write(box, plan, state, std::move(page), ended));
    return !more;
}

void ReportCollector::Impl::finish_job(const domain::JobId& job) {
    std::vector<ReportBox> boxes;
    {
        const std::lock_guard lock(mu);
        // Most jobs have some; of the others nothing is looked for.
        if (jobs.count(job) > 0) {
            for (const auto& [box, one] : followed) {
                if (one.job == job) boxes.push_back(box);
            }
        }
    }
    bool all = true;
    std::optional<std::string> folder;
    for (const ReportBox& box : boxes) {
        bool is_done = !os::exists(box.folder());
        if (const auto plan = box.plan()) folder = deps.data.sample_folder(plan->project, plan->job);
        else if (plan.error().code == ErrorCode::kInvalid || plan.error().code == ErrorCode::kNotFound)
            is_done = true;  // It never was one.
        while (!is_done) {
            const auto collected = collect(box, true);
            if (!collected) {
                log::warn("reports.failed", {{"box", box.folder()}, {"reason", collected.error().message}});
                break;
            }
            is_done = *collected;
        }
        if (is_done) is_done = box.remove().has_value();
        all = all && is_done;
        const std::lock_guard lock(mu);
        if (is_done) forget(box);
    }
    std::vector<std::function<void()>> done;
    {
        const std::lock_guard lock(mu);
        const auto found = finishing.find(job);
        found->second.busy = false;
        if (!all) {
            found->second.next = steady_now() + kAgain;
            changed.notify_all();
            return;
        }
        done = std::move(found->second.done);
        finishing.erase(found);
    }
    if (folder) deps.store.close(*folder);
    for (const auto& each : done) each();
}

// Each job is finished by one thread, when no other has one of its boxes in hand. With the lock held.
bool ReportCollector::Impl::can_finish(const domain::JobId& job, const Finishing& one, bool events) const {
    const auto known = jobs.find(job);
    const Boxes boxes = known == jobs.end() ? Boxes() : known->second;
    return !one.busy && boxes.busy == 0 && (boxes.with_events > 0) == events;
}

// With the lock held.
void ReportCollector::Impl::forget(const ReportBox& box) {
    const auto found = followed.find(box);
    if (found == followed.end()) return;
    const auto known = jobs.find(found->second.job);
    if (found->second.has_events) --known->second.with_events;
    if (--known->second.all == 0) jobs.erase(known);
    followed.erase(found);
}

void ReportCollector::Impl::run(bool events) {
    std::unique_lock lock(mu);
    while (!ending) {
        const Duration now = steady_now();
        std::optional<Duration> next;
        const auto consider = [&](Duration due) { next = next ? std::min(*next, due) : due; };
        std::optional<domain::JobId> finish;
        for (const auto& [job, one] : finishing) {
            if (!can_finish(job, one, events)) continue;
            if (one.next <= now) finish = job;
            if (finish) break;
            consider(one.next);
        }
        std::optional<ReportBox> due;
        for (auto& [box, one] : followed) {
            if (one.has_events != events || one.busy || finishing.count(one.job) > 0) continue;
            if (one.next <= now) due = box;
            if (due) break;
            consider(one.next);
        }
        if (!finish && !due) {
            if (next) changed.wait_until(lock, std::chrono::steady_clock::time_point(*next));
            else changed.wait(lock);
            continue;
        }
        if (finish) finishing.at(*finish).busy = true;
        if (due) {
            followed.at(*due).busy = true;
            ++jobs.at(followed.at(*due).job).busy;
        }
        lock.unlock();
        // Who waits for an end goes first, but the others have their turn.
        if (finish) finish_job(*finish);
        const auto collected = due ? collect(*due, false) : Result<bool>(true);
        if (!collected) log::debug("reports.failed", {{"box", due->folder()}, {"reason", collected.error().message}});
        lock.lock();
        if (!due) continue;
        Followed& one = followed.at(*due);
        one.busy = false;
        one.next = collected && !*collected ? now : next_look(now, one.interval);
        --jobs.at(one.job).busy;
        // Its job may wait for that.
        changed.notify_all();
    }
}

ReportCollector::ReportCollector(Deps deps) : impl_(std::make_unique<Impl>(deps)) {
    for (const bool events : {false, true}) impl_->threads.emplace_back([this, events] { impl_->run(events); });
}

ReportCollector::~ReportCollector() { stop(); }

void ReportCollector::stop() {
    {
        const std::lock_guard lock(impl_->mu);
        impl_->ending = true;
    }
    impl_->changed.notify_all();
    for (std::thread& thread : impl_->threads) thread.join();
    impl_->threads.clear();
}

void ReportCollector::begin(const std::set<domain::JobId>& live) {
    for (const ReportBox& box : ReportBox::all(impl_->deps.data)) {
        const auto plan = box.plan();
        const std::string folder = box.folder().substr(0, box.folder().rfind('/'));
        const domain::JobId job = plan ? plan->job : domain::JobId(folder.substr(folder.rfind('/') + 1));
        follow(box, job, kSampleEvery, plan && !plan->events_root.empty());
        if (live.count(job) == 0) finish(job, {});
    }
}

void ReportCollector::follow(const ReportBox& box, const domain::JobId& job, Duration interval, bool has_events) {
    {
        const std::lock_guard lock(impl_->mu);
        const auto [at, is_new] = impl_->followed.try_emplace(box);
        if (is_new) {
            at->second.job = job;
            at->second.has_events = has_events;
            Impl::Boxes& boxes = impl_->jobs[job];
            ++boxes.all;
            if (has_events) ++boxes.with_events;
        }
        at->second.interval = interval;
        at->second.next = next_look(steady_now(), interval);
    }
    impl_->changed.notify_all();
}

void ReportCollector::finish(const domain::JobId& job, std::function<void()> done) {
    {
        const std::lock_guard lock(impl_->mu);
        Impl::Finishing& one = impl_->finishing[job];
        if (done) one.done.push_back(std::move(done));
        one.next = {};
    }
    impl_->changed.notify_all();
}

Result<void> ReportCollector::report(const domain::ProjectId& project, const domain::JobId& job,
                                     const std::string& replica, const std::vector<ReportedValue>& values) {
    const std::string folder = impl_->deps.data.sample_folder(project, job);
    const auto known = TRY(impl_->deps.store.reported(folder));
    std::set<std::string> names;
    for (const auto& [key, count] : known) names.insert(key.subject + "\n" + key.metric);
    SampleStore::Batch batch;
    const Time now = impl_->deps.clock.now();
    for (const ReportedValue& value : values) {
        names.insert(replica + "\n" + value.name);
        batch.emplace_back(key_of(replica, value.name), Sample{value.at.value_or(now), value.value, value.step});
    }
    if (names.size() > std::max(kNamesMost, known.size())) {
        return fail(ErrorCode::kExhausted, "the job reports more than {} different values", kNamesMost);
    }
    return impl_->deps.store.add(folder, batch);
}

}  // namespace pintle::runtime
