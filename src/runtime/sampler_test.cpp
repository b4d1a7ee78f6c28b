#include "runtime/sampler.hpp"

#include <thread>

#include <doctest/doctest.h>

#include "series/sample_reader.hpp"
#include "testing/builders.hpp"
#include "testing/fake_engine.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::runtime;
using namespace pintle::testing;

namespace {

const Time kNow = time_from_ms(1'700'000'000'000);

class FixedClock final : public Clock {
public:
    [[nodiscard]] Time now() const override { return kNow; }
};

struct Bench {
    Bench() {
        job.id = domain::JobId("01HZZZZZZZZZZZZZZZZZZZZZZZ");
        job.project_id = domain::ProjectId("P");
        domain::Replica replica;
        replica.resource = "worker";
        replica.state = domain::ReplicaState::kRunning;
        replica.started_at = kNow - Duration(10'000);
        job.replicas = {replica};
    }

    [[nodiscard]] std::string samples() const {
        std::string text;
        const auto all = series::SampleReader(data.sample_folder(job.project_id, job.id)).latest(100).value();
        for (const auto& [key, samples] : all) {
            for (const series::Sample& sample : samples) {
                text += fmt::format("{}{} {}={}", text.empty() ? "" : ", ", key.subject, key.metric, sample.value);
                CHECK_FALSE(key.reported);
                CHECK(sample.at == kNow);
            }
        }
        return text;
    }
    void start_and_use(engine::Usage usage) {
        engine::ReplicaLaunch launch;
        launch.id = {job.id, "worker-0", 1};
        REQUIRE(engine.start(launch).has_value());
        engine.set_usage(usage);
    }

    TempFolder folder;
    DataFolder data = DataFolder::open(folder.path()).value();
    FixedClock clock;
    FakeEngine engine{{}};
    SampleStore store;
    domain::Job job;
};

engine::Usage a_usage(std::int64_t cpu_us, std::optional<std::int64_t> memory = std::nullopt) {
    engine::Usage usage;
    usage.cpu_us = cpu_us;
    usage.memory_bytes = memory;
    return usage;
}

}  // namespace

TEST_CASE("a replica that ends between two looks has a last sample of all that it used") {
    Bench bench;
    Sampler sampler({bench.clock, bench.engine, bench.store, bench.data}, {std::chrono::hours(1)});
    sampler.job_changed(bench.job);
    engine::Usage total = a_usage(5'000'000);
    total.ended_at = kNow;
    sampler.ended({bench.job.id, "worker-0", 1}, total);
    CHECK(bench.samples() == "worker-0 cpu_percent=50");
}

TEST_CASE("of a replica that nobody knows, or whose engine does not tell, there is no last sample") {
    Bench bench;
    Sampler sampler({bench.clock, bench.engine, bench.store, bench.data}, {std::chrono::hours(1)});
    engine::Usage total = a_usage(5'000'000);
    total.ended_at = kNow;
    sampler.ended({bench.job.id, "worker-0", 1}, total);
    sampler.job_changed(bench.job);
    sampler.ended({bench.job.id, "worker-0", 1}, {});
    CHECK(bench.samples() == "");
}

TEST_CASE("replicas that run are looked at, as often as their job asks") {
    Bench bench;
    bench.start_and_use(a_usage(1'000'000, 3'000'000));
    Sampler sampler({bench.clock, bench.engine, bench.store, bench.data}, {std::chrono::hours(1)});
    bench.job.spec.task.sample_interval = Duration(20);
    bench.job.replicas[0].started_at = kNow - Duration(40);
    sampler.job_changed(bench.job);
    while (bench.samples().find("memory_mb=3") == std::string::npos) std::this_thread::yield();
    sampler.stop();
    // What it used began too short a time ago to be a rate.
    CHECK(bench.samples().find("cpu") == std::string::npos);
    CHECK_FALSE(sampler.load_of(bench.job.id, Duration(60'000)));
}

TEST_CASE("what a component uses is known when it was looked at, and not before") {
    Bench bench;
    bench.start_and_use(a_usage(5'000'000));
    Sampler sampler({bench.clock, bench.engine, bench.store, bench.data}, {std::chrono::hours(1)});
    CHECK_FALSE(sampler.load_of(bench.job.id, Duration(60'000)));
    bench.job.spec.task.sample_interval = Duration(5000);
    sampler.job_changed(bench.job);
    std::optional<domain::ComponentLoad> load;
    while (!(load = sampler.load_of(bench.job.id, Duration(60'000)))) std::this_thread::yield();
    CHECK(*load == domain::ComponentLoad{50, std::nullopt});
    bench.job.replicas[0].state = domain::ReplicaState::kSucceeded;
    sampler.job_changed(bench.job);
    CHECK_FALSE(sampler.load_of(bench.job.id, Duration(60'000)));
}

TEST_CASE("of a component whose engine tells nothing it is known that nothing is known") {
    Bench bench;
    Sampler sampler({bench.clock, bench.engine, bench.store, bench.data}, {std::chrono::hours(1)});
    bench.job.spec.task.sample_interval = Duration(20);
    sampler.job_changed(bench.job);
    std::optional<domain::ComponentLoad> load;
    while (!(load = sampler.load_of(bench.job.id, Duration(60'000)))) std::this_thread::yield();
    CHECK(*load == domain::ComponentLoad{});
}
