#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "domain/job.hpp"
#include "domain/node.hpp"
#include "engine/engine.hpp"
#include "runtime/data_folder.hpp"
#include "runtime/recent_load.hpp"
#include "runtime/sample_store.hpp"
#include "runtime/usage_rates.hpp"

namespace pintle::runtime {

/// Measures what replicas and machines use, every ten seconds or as often as a job asks, and gives it to the store.
/// What cannot be measured has no samples, and a look that comes late leaves a gap.
///
/// Threading: any thread; measuring is done on a thread of its own, which sleeps meanwhile.
/// Ownership: borrows its dependencies. Failure: what cannot be written is logged and lost.
class Sampler {
public:
    struct Deps {
        const Clock& clock;
        engine::Engine& engine;
        SampleStore& store;
        const DataFolder& data;
    };
    struct Options {
        Duration interval = kSampleEvery;
        Duration keep = std::chrono::hours(24 * 90);  ///< What is older goes.
    };
    Sampler(Deps deps, Options options);
    ~Sampler();
    Sampler(const Sampler&) = delete;
    Sampler& operator=(const Sampler&) = delete;

    /// The job is so now: its replicas that run are measured from now on, the others no more.
    void job_changed(const domain::Job& job);
    void nodes_changed(const std::vector<domain::Node>& nodes);
    /// The attempt has ended and this is what it used in all, if its engine knows: its last sample.
    void ended(const engine::AttemptId& id, const engine::Usage& total);

    /// What was measured last of the machines and their GPUs.
    struct Machine {
        Time at{};
        Measured measured;
        std::vector<engine::DeviceUsage> devices;
    };
    [[nodiscard]] std::map<std::string, Machine> machines() const;

    /// What the component that the job runs used in this time before now, on average. Nothing while that is not known;
    /// a load without values when it cannot be measured at all.
    [[nodiscard]] std::optional<domain::ComponentLoad> load_of(const domain::JobId& job, Duration window) const;

    /// Ends the thread. Idempotent.
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::runtime
