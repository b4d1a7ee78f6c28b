#include "runtime/sampler.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "base/log.hpp"
#include "runtime/sample_retention.hpp"

namespace pintle::runtime {
namespace {

using engine::AttemptId;
using series::Sample;
using series::SeriesKey;

constexpr Duration kRememberEnded{60'000};  ///< For the total of what has ended.
constexpr Duration kTidyEvery{6 * 3600 * 1000};
constexpr Duration kTidyFirst{5 * 60 * 1000};

Duration steady_now() {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

// Moments that lie in a row take less room.
Time rounded(Time at) { return Time(at.time_since_epoch() / 100 * 100); }

/// A replica that runs, or ran a moment ago.
struct Watched {
    std::string folder;
    Duration interval{};
    Time started_at{};
    std::string node;
    std::vector<int> devices;
    Duration next{};                   ///< When it is to be looked at.
    std::optional<Reading> last;
    RecentLoad recent;
    std::optional<Duration> gone_since;
};

/// What it used in all when it began is nothing.
Reading beginning(const Watched& watched, Time now, Duration since) {
    Reading reading;
    reading.since = since - (now - watched.started_at);
    reading.usage.cpu_us = 0;
    reading.usage.disk_read_bytes = reading.usage.disk_written_bytes = 0;
    reading.usage.network_received_bytes = reading.usage.network_sent_bytes = 0;
    return reading;
}

void put(SampleStore::Batch& batch, const Measured& measured, Time at, const std::string& subject,
         const std::string& device = {}) {
    for (const auto& [name, value] : measured)
        batch.emplace_back(SeriesKey{subject, name, device}, Sample{at, value, std::nullopt});
}

}  // namespace

struct Sampler::Impl {
    Impl(Deps d, Options o) : deps(d), options(o) {}

    void run();
    void look(const std::vector<AttemptId>& due, bool machines_due, Duration since);
    void look_at_machines(const std::vector<engine::DeviceUsage>& devices, Time at, Duration since);
    void write(const std::string& folder, const SampleStore::Batch& batch);
    [[nodiscard]] std::vector<std::string> gpus_of(const Watched& watched) const;
    static void note_load(Watched& one, const engine::Usage* usage, const Measured& rates,
                          std::optional<double> gpu_percent, Duration since);
    void tidy();

    const Deps deps;
    const Options options;

    mutable std::mutex mu;
    std::condition_variable changed;
    // Guarded by mu.
    bool ending = false;
    std::map<AttemptId, Watched> watched;
    std::vector<domain::Node> nodes;
    std::map<std::string, Machine> machines;

    // The thread's own.
    std::map<std::string, Reading> machine_readings;
    bool drivers_in_trouble = false;
    std::thread thread;
};

void Sampler::Impl::write(const std::string& folder, const SampleStore::Batch& batch) {
    if (const auto written = deps.store.add(folder, batch); !written) {
        log::warn("samples.write_failed", {{"folder", folder}, {"reason", written.error().message}});
    }
}

std::vector<std::string> Sampler::Impl::gpus_of(const Watched& one) const {
    std::vector<std::string> uuids;
    for (const domain::Node& node : nodes) {
        if (node.name != one.node) continue;
        for (const domain::Device& device : node.devices) {
            if (std::find(one.devices.begin(), one.devices.end(), device.index) != one.devices.end())
                uuids.push_back(device.uuid);
        }
    }
    return uuids;
}

void Sampler::Impl::look_at_machines(const std::vector<engine::DeviceUsage>& devices, Time at, Duration since) {
    for (auto& [name, usage] : deps.engine.machine_usage()) {
        const Reading reading{usage, since};
        Machine machine{at, levels_of(usage), {}};
        if (const auto before = machine_readings.find(name); before != machine_readings.end()) {
            for (auto& rate : rates_between(before->second, reading, options.interval))
                machine.measured.push_back(std::move(rate));
        }
        machine_readings[name] = reading;
        SampleStore::Batch batch;
        put(batch, machine.measured, at, "");
        {
            const std::lock_guard lock(mu);
            for (const domain::Node& node : nodes) {
                if (node.name != name) continue;
                for (const engine::DeviceUsage& used : devices) {
                    const bool is_here =
                        std::any_of(node.devices.begin(), node.devices.end(),
                                    [&](const domain::Device& device) { return device.uuid == used.uuid; });
                    if (is_here) machine.devices.push_back(used);
                }
            }
            for (const engine::DeviceUsage& used : machine.devices) put(batch, levels_of(used), at, "", used.uuid);
            machines[name] = std::move(machine);
        }
        write(deps.data.node_sample_folder(name), batch);
    }
}

void Sampler::Impl::look(const std::vector<AttemptId>& due, bool machines_due, Duration since) {
    const Time now = deps.clock.now(), at = rounded(now);
    std::map<AttemptId, engine::Usage> used;
    if (!due.empty()) used = deps.engine.usage(due);
    const auto devices = deps.engine.device_usage();
    if (!devices && !drivers_in_trouble) log::warn("gpu.no_answer", {{"reason", devices.error().message}});
    drivers_in_trouble = !devices;
    const std::vector<engine::DeviceUsage> gpus = devices ? *devices : std::vector<engine::DeviceUsage>();
    std::map<std::string, SampleStore::Batch> batches;
    {
        const std::lock_guard lock(mu);
        for (const AttemptId& id : due) {
            const auto found = watched.find(id);
            const auto usage = used.find(id);
            if (found == watched.end() || found->second.gone_since) continue;
            Watched& one = found->second;
            if (usage == used.end()) note_load(one, nullptr, {}, std::nullopt, since);
            if (usage == used.end() || usage->second.ended_at) continue;
            const Reading reading{usage->second, since};
            SampleStore::Batch& batch = batches[one.folder];
            put(batch, levels_of(reading.usage), at, id.replica);
            const Measured rates = rates_between(one.last.value_or(beginning(one, now, since)), reading, one.interval);
            put(batch, rates, at, id.replica);
            one.last = reading;
            std::optional<double> gpu_percent;
            for (const std::string& uuid : gpus_of(one)) {
                for (const engine::DeviceUsage& gpu : gpus) {
                    if (gpu.uuid != uuid) continue;
                    put(batch, levels_of(gpu), at, id.replica, uuid);
                    if (gpu.busy_percent) gpu_percent = std::max(gpu_percent.value_or(0), *gpu.busy_percent);
                }
            }
            if (devices || one.devices.empty()) note_load(one, &reading.usage, rates, gpu_percent, since);
        }
    }
    for (const auto& [folder, batch] : batches) write(folder, batch);
    if (machines_due) look_at_machines(gpus, at, since);
}

// A look counts when it tells something, or when it is known that there is nothing to be told. One that was missed, or
// had nothing before it to compare with, does not: what it did not see may have been work.
void Sampler::Impl::note_load(Watched& one, const engine::Usage* usage, const Measured& rates,
                              std::optional<double> gpu_percent, Duration since) {
    domain::ComponentLoad load{std::nullopt, gpu_percent};
    for (const auto& [name, value] : rates) {
        if (name == "cpu_percent") load.cpu_percent = value;
    }
    const bool has_counter = usage != nullptr && usage->cpu_us;
    if (load.cpu_percent || (!has_counter && (gpu_percent || !one.recent.is_measured()))) one.recent.add(since, load);
}

void Sampler::Impl::tidy() {
    std::set<std::string> live;
    {
        const std::lock_guard lock(mu);
        for (const auto& [id, one] : watched) live.insert(one.folder);
    }
    drop_old_samples(deps.data, deps.store, deps.clock.now() - options.keep, live);
}

void Sampler::Impl::run() {
    Duration machines_next = steady_now(), tidy_next = steady_now() + kTidyFirst;
    std::unique_lock lock(mu);
    while (!ending) {
        const Duration now = steady_now();
        Duration next = std::min(machines_next, tidy_next);
        std::vector<AttemptId> due;
        for (auto at = watched.begin(); at != watched.end();) {
            Watched& one = at->second;
            if (one.gone_since && now - *one.gone_since > kRememberEnded) {
                at = watched.erase(at);
                continue;
            }
            if (!one.gone_since && one.next <= now) {
                due.push_back(at->first);
                one.next = next_look(now, one.interval);
            }
            if (!one.gone_since) next = std::min(next, one.next);
            ++at;
        }
        const bool machines_due = machines_next <= now;
        if (machines_due) machines_next = next_look(now, options.interval);
        if (due.empty() && !machines_due && tidy_next > now) {
            changed.wait_until(lock, std::chrono::steady_clock::time_point(next));
            continue;
        }
        lock.unlock();
        if (!due.empty() || machines_due) look(due, machines_due, now);
        if (tidy_next <= now) {
            tidy();
            tidy_next = now + kTidyEvery;
        }
        lock.lock();
    }
}

Sampler::Sampler(Deps deps, Options options) : impl_(std::make_unique<Impl>(deps, options)) {
    impl_->thread = std::thread([this] { impl_->run(); });
}

Sampler::~Sampler() { stop(); }

void Sampler::stop() {
    {
        const std::lock_guard lock(impl_->mu);
        impl_->ending = true;
    }
    impl_->changed.notify_all();
    if (impl_->thread.joinable()) impl_->thread.join();
}

void Sampler::nodes_changed(const std::vector<domain::Node>& nodes) {
    const std::lock_guard lock(impl_->mu);
    impl_->nodes = nodes;
}

void Sampler::job_changed(const domain::Job& job) {
    bool added = false;
    {
        const std::lock_guard lock(impl_->mu);
        const Duration now = steady_now();
        for (const domain::Replica& replica : job.replicas) {
            const bool runs = replica.state == domain::ReplicaState::kRunning;
            const AttemptId id{job.id, replica.name(), replica.attempt};
            auto found = impl_->watched.find(id);
            if (found == impl_->watched.end()) {
                if (to_ms(replica.started_at) == 0 || (!runs && is_final(job.state) && !is_final(replica.state)))
                    continue;
                if (!runs && impl_->deps.clock.now() - replica.ended_at > kRememberEnded) continue;
                Watched fresh;
                fresh.folder = impl_->deps.data.sample_folder(job.project_id, job.id);
                const Duration wished = job.spec.task.sample_interval;
                fresh.interval = wished.count() > 0 ? wished : impl_->options.interval;
                fresh.started_at = replica.started_at;
                fresh.node = replica.placement.node;
                fresh.devices = replica.placement.devices;
                fresh.next = next_look(now, fresh.interval);
                found = impl_->watched.emplace(id, std::move(fresh)).first;
                added = true;
            }
            if (!runs && !found->second.gone_since) found->second.gone_since = now;
        }
    }
    if (added) impl_->changed.notify_all();
}

void Sampler::ended(const AttemptId& id, const engine::Usage& total) {
    std::optional<Watched> one;
    {
        const std::lock_guard lock(impl_->mu);
        const auto found = impl_->watched.find(id);
        if (found == impl_->watched.end()) return;
        one = std::move(found->second);
        // It stays in the list for a while, so that nobody takes it for a new one.
        found->second.gone_since = found->second.gone_since.value_or(steady_now());
        found->second.last.reset();
    }
    if (!total.ended_at) return;
    const Time now = impl_->deps.clock.now();
    const Duration since = steady_now();
    const Reading last{total, since - (now - *total.ended_at)};
    SampleStore::Batch batch;
    put(batch, rates_between(one->last.value_or(beginning(*one, now, since)), last, one->interval),
        rounded(*total.ended_at), id.replica);
    impl_->write(one->folder, batch);
}

std::optional<domain::ComponentLoad> Sampler::load_of(const domain::JobId& job, Duration window) const {
    const std::lock_guard lock(impl_->mu);
    // A component has one replica; attempts before are gone.
    for (const auto& [id, one] : impl_->watched) {
        if (id.job == job && !one.gone_since) return one.recent.mean(steady_now(), window);
    }
    return std::nullopt;
}

std::map<std::string, Sampler::Machine> Sampler::machines() const {
    const std::lock_guard lock(impl_->mu);
    return impl_->machines;
}

}  // namespace pintle::runtime
