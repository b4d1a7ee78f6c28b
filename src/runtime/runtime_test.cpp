#include "runtime/runtime.hpp"

#include <atomic>
#include <optional>

#include <doctest/doctest.h>

#include "runtime/shell.hpp"
#include "testing/builders.hpp"
#include "testing/fake_engine.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::runtime;
using namespace pintle::testing;

namespace {

/// Keeps what a shell hands on.
struct RecordingSink final : TurnSink {
    void reply(core::Reply reply) override { replies.push_back(std::move(reply)); }
    void carry_out(core::Effect effect) override { effects.push_back(std::move(effect)); }
    void committed(std::int64_t sequence) override { last_sequence = sequence; }

    std::vector<core::Reply> replies;
    std::vector<core::Effect> effects;
    std::int64_t last_sequence = 0;
};

core::Input create(std::uint64_t ticket) {
    return {core::input::CreateProject{
                domain::ProjectId("P"), {}, a_project("digits", {a_task("train", {a_resource("worker")})}), "", ""},
            ticket};
}

core::input::SubmitJob submission(std::string id) {
    core::input::SubmitJob command;
    command.id = domain::JobId(std::move(id));
    command.project = domain::ProjectId("P");
    command.task = "train";
    command.by = "tester";
    return command;
}

core::Input submit(std::string id, std::uint64_t ticket) { return {submission(std::move(id)), ticket}; }

const Time kNow = time_from_ms(1'000'000);

class HandClock final : public Clock {
public:
    [[nodiscard]] Time now() const override { return time_from_ms(ms_); }
    void advance(Duration by) { ms_ += by.count(); }

private:
    std::atomic<std::int64_t> ms_{1'000'000};
};

/// A runtime on a fake engine whose only node has two GPUs, with a project whose task takes one of them.
struct GpuBench {
    GpuBench() {
        domain::Resource worker = a_resource("worker");
        worker.gpus = 1;
        const auto created = runtime->call(core::input::CreateProject{
            domain::ProjectId("P"), {}, a_project("digits", {a_task("train", {worker})}), "", ""});
        REQUIRE(created.has_value());
    }
    ~GpuBench() {
        runtime->stop();
        engine.connect({});
    }

    /// The GPU that a new job is given.
    int run(const std::string& id) {
        REQUIRE(runtime->call(submission(id)).has_value());
        const auto devices = engine.launch_of(domain::JobId(id), "worker-0").devices;
        engine.finish(domain::JobId(id), "worker-0", 0, clock.now());
        REQUIRE(devices.size() == 1);
        return devices[0];
    }
    /// Sets the GPU's health and sees to it that the runtime knows.
    void set_healthy(int gpu, bool healthy) {
        node.devices.at(static_cast<std::size_t>(gpu)).healthy = healthy;
        engine.set_nodes({node});
        // What the first question brought is in the mailbox when the second is asked.
        for (int i = 0; i < 2; ++i) {
            clock.advance(std::chrono::seconds(10));
            runtime->ask([](const core::Core&) {});
            engine.await_inventories(++inventories);
        }
    }

    HandClock clock;
    TempFolder folder;
    DataFolder data = DataFolder::open(folder.path()).value();
    std::unique_ptr<store::Store> store = store::Store::open({}).value();
    source::SourcePreparer sources{{}};
    domain::Node node = a_node("local", 4, 8, 2);
    FakeEngine engine{{node}};
    int inventories = 1;
    std::unique_ptr<Runtime> runtime = [this] {
        auto started = Runtime::start({clock, *store, engine, sources, data}, {}).value();
        engine.connect([&r = *started](engine::Observation seen) { r.observe(std::move(seen)); });
        return started;
    }();
};

}  // namespace

TEST_CASE("a GPU that becomes unhealthy is given to no further job until it is healthy again") {
    GpuBench bench;
    const int first = bench.run("A");
    const int other = 1 - first;
    bench.set_healthy(first, false);
    CHECK(bench.run("B") == other);
    bench.set_healthy(first, true);
    bench.set_healthy(other, false);
    CHECK(bench.run("C") == first);
}

TEST_CASE("machines that changed in a turn that could not be written are known afterwards") {
    bool full = false;
    store::Store::Options options;
    options.fault = [&](store::Store::FaultPoint) -> Result<void> {
        if (full) return fail(ErrorCode::kExhausted, "the disk is full");
        return {};
    };
    const auto store = store::Store::open(std::move(options)).value();
    RecordingSink sink;
    const auto shell = Shell::recover({}, {a_node("local", 4, 8)}, *store, sink, kNow).value();
    full = true;
    shell->turn({create(1), core::Input{core::input::NodesChanged{{a_node("local", 4, 8, 2)}}, 0}}, kNow);
    REQUIRE_FALSE(sink.replies.at(0).result.has_value());
    full = false;
    shell->turn({create(2)}, kNow);
    REQUIRE(sink.replies.at(1).result.has_value());
    CHECK(shell->core().snapshot().nodes().at(0).devices.size() == 2);
}

TEST_CASE(
    "a commit that fails answers every command with the reason, acts on nothing, and the next turn goes on from the "
    "disk") {
    bool full = false;
    store::Store::Options options;
    options.fault = [&](store::Store::FaultPoint point) -> Result<void> {
        if (full && point == store::Store::FaultPoint::kBeforeCommit)
            return fail(ErrorCode::kExhausted, "the disk is full");
        return {};
    };
    const auto store = store::Store::open(std::move(options)).value();
    RecordingSink sink;
    const auto shell = Shell::recover({}, {a_node("local", 4, 8)}, *store, sink, kNow).value();
    shell->turn({create(1)}, kNow);
    REQUIRE(sink.replies.at(0).result.has_value());

    full = true;
    shell->turn({submit("A", 2), submit("B", 3)}, kNow);
    REQUIRE(sink.replies.size() == 3);
    CHECK(sink.replies[1].result.error().code == ErrorCode::kExhausted);
    CHECK(sink.replies[2].result.error().message.find("nothing was changed") != std::string::npos);
    CHECK(sink.effects.empty());

    full = false;
    shell->turn({submit("C", 4)}, kNow);
    CHECK(sink.replies.back().result.value() == "C");
    CHECK(sink.effects.size() == 1);
    CHECK(shell->wants_listing());
    CHECK(shell->core().find_job(domain::JobId("A")) == nullptr);
    CHECK(shell->core().find_job(domain::JobId("C"))->build == 1);
}

TEST_CASE(
    "who waits for an earlier command is told when the core that knew of it is given up, and the command goes on") {
    bool full = false;
    store::Store::Options options;
    options.fault = [&](store::Store::FaultPoint point) -> Result<void> {
        if (full && point == store::Store::FaultPoint::kBeforeCommit)
            return fail(ErrorCode::kExhausted, "the disk is full");
        return {};
    };
    const auto store = store::Store::open(std::move(options)).value();
    RecordingSink sink;
    const auto shell = Shell::recover({}, {a_node("local", 4, 8)}, *store, sink, kNow).value();
    domain::ProjectSpec spec = a_project("digits", {a_task("train", {a_resource("worker")})});
    domain::Component tool;
    tool.name = tool.resource.name = "tool";
    tool.resource.command = "serve";
    tool.enabled = true;
    spec.components = {tool};
    shell->turn({{core::input::CreateProject{domain::ProjectId("P"), domain::UserId("ana"), spec, "", ""}, 1}}, kNow);
    const domain::JobId job = shell->core().components(domain::ProjectId("P")).back().record.job;
    shell->turn({{core::input::PreparationDone{job, {}}, 0}}, kNow);
    shell->turn({{core::input::DeleteProject{domain::ProjectId("P")}, 2}}, kNow);
    REQUIRE(sink.replies.size() == 1);
    full = true;
    const domain::ReplicaExit exit{0, false, "", kNow};
    shell->turn({{core::input::ReplicaSeen{job, "tool-0", 1, exit}, 0}}, kNow);
    REQUIRE(sink.replies.size() == 2);
    CHECK(sink.replies[1].ticket == 2);
    CHECK(sink.replies[1].result.error().message.find("goes on as soon as the server can write its state") !=
          std::string::npos);
    full = false;
    shell->turn({{core::input::ReplicaSeen{job, "tool-0", 1, exit}, 0}}, kNow);
    CHECK(shell->core().find_project(domain::ProjectId("P")) == nullptr);
}

TEST_CASE("listeners of the change hub hear every publication until they leave") {
    ChangeHub hub;
    std::vector<std::int64_t> heard;
    const std::uint64_t id = hub.listen([&](std::int64_t sequence) { heard.push_back(sequence); });
    hub.publish(1);
    hub.publish(5);
    hub.forget(id);
    hub.publish(6);
    CHECK(heard == std::vector<std::int64_t>{1, 5});
    CHECK(hub.newest() == 6);
}
