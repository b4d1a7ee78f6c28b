#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/id.hpp"
#include "core/core.hpp"
#include "engine/engine.hpp"
#include "runtime/change_hub.hpp"
#include "runtime/cluster_news.hpp"
#include "runtime/data_folder.hpp"
#include "runtime/report_collector.hpp"
#include "runtime/sampler.hpp"
#include "runtime/storage_meter.hpp"
#include "runtime/storage_room.hpp"
#include "source/source_preparer.hpp"
#include "store/store.hpp"

namespace pintle::runtime {

/// What the runtime works with. All outlive it.
struct Deps {
    const Clock& clock;
    store::Store& store;
    engine::Engine& engine;
    source::SourcePreparer& sources;
    const DataFolder& data;
};

struct RuntimeOptions {
    core::CoreOptions core;
    std::size_t mailbox_max = 50'000;    ///< Commands waiting; further ones are refused.
    std::size_t batch_max = 512;
    std::size_t preparation_threads = 6;
    Duration listing_interval = std::chrono::seconds(60);  ///< How often engines are asked for everything they know.
    Duration inventory_interval = std::chrono::seconds(10);  ///< How often they are asked for their machines.
    Sampler::Options sampling = {};
    source::MeasureRhythm measuring = {};
    /// PINTLE_URL and PINTLE_TOKEN for a job's programs.
    std::function<std::vector<std::pair<std::string, std::string>>(const domain::Job&)> credentials;
};

/// The shell around the core: takes commands and observations from any thread, runs turns on the core thread, and
/// carries out effects: engine calls on one thread in their order, preparations and file work on a few others.
///
/// Threading: post(), call(), observe(), ask() and make_id() from any thread. stop() once, from the owner.
class Runtime {
public:
    using Done = std::function<void(Result<std::string>)>;

    /// The engine was opened with a sink that ends in observe() of this runtime; see ObservationRelay.
    [[nodiscard]] static Result<std::unique_ptr<Runtime>> start(Deps deps, RuntimeOptions options);
    ~Runtime();

    /// Gives a command to the core. `done` is called once, on the core thread, after its changes are on disk; it
    /// must be quick. A full mailbox answers kExhausted at once.
    void post(core::InputBody command, domain::Actor actor, Done done);
    /// The same, waiting for the answer. Not from the core thread.
    [[nodiscard]] Result<std::string> call(core::InputBody command, domain::Actor actor = {});
    void observe(engine::Observation observation);
    /// Runs `question` on the core thread between turns and waits for it. It must be quick.
    void ask(const std::function<void(const core::Core&)>& question);

    /// A new ULID of the present moment.
    [[nodiscard]] std::string make_id();
    [[nodiscard]] ChangeHub& changes();
    [[nodiscard]] ClusterNews& cluster_news();
    [[nodiscard]] const Sampler& sampler() const;
    /// Another number as soon as anything of a component, or of the project that has it, may be otherwise: what was
    /// asked of the core before and has the same number still holds. It changes before whoever caused it is answered.
    [[nodiscard]] std::uint64_t component_generation() const;
    [[nodiscard]] ReportCollector& reports();
    [[nodiscard]] StorageMeter& storage_meter();
    [[nodiscard]] StorageRoom& storage_room();

    /// Finishes the turn at hand and ends every thread. Replicas go on.
    void stop();

private:
    struct Impl;
    explicit Runtime(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Stands between an engine, which needs its sink when it is opened, and the runtime, which needs the engine.
/// What arrives before connect() is kept. Thread safe.
class ObservationRelay {
public:
    void operator()(engine::Observation observation);
    void connect(Runtime& runtime);
    void disconnect();

private:
    struct State {
        Runtime* runtime = nullptr;
        std::vector<engine::Observation> early;
    };
    Synchronized<State> state_;
};

}  // namespace pintle::runtime
