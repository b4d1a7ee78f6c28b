#include "engine/engine_set.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::engine;

namespace {

/// Writes down what it is asked.
class Clerk final : public Engine {
public:
    Result<void> start(const ReplicaLaunch& launch) override { return note("start " + launch.id.replica); }
    Result<void> stop(const AttemptId& id, Duration) override { return note("stop " + id.replica); }
    Result<std::vector<Observation>> list() override { return known; }
    Result<void> forget(const AttemptId& id) override { return note("forget " + id.replica); }
    Result<std::vector<domain::Node>> inventory() override { return nodes; }
    Result<std::string> prepare_environment(const std::string&, const std::function<void(std::string)>&) override {
        TRY(note("environment"));
        return "folder";
    }
    Result<void> prepare_image(const domain::JobId&, const std::string& image,
                               const std::function<void(std::string)>&) override {
        return note("image " + image);
    }
    std::vector<Finding> doctor() override { return {{name, Finding::Level::kGood, ""}}; }

    std::string name;
    std::vector<Observation> known;
    std::vector<domain::Node> nodes;
    std::vector<std::string> asked;

private:
    Result<void> note(std::string what) {
        asked.push_back(std::move(what));
        return {};
    }
};

AttemptId attempt(const std::string& replica) { return {domain::JobId("01HZZZZZZZZZZZZZZZZZZZZZZZ"), replica, 1}; }

ReplicaLaunch a_launch(const std::string& replica, const std::string& image) {
    ReplicaLaunch launch;
    launch.id = attempt(replica);
    launch.image = image;
    return launch;
}

struct Bench {
    Clerk processes, containers;
    std::string fault;
    EngineSet set{processes, containers, [this] { return fault; }};
};

using Asked = std::vector<std::string>;

}  // namespace

TEST_CASE("what names an image runs in a container, and is stopped and forgotten there") {
    Bench bench;
    REQUIRE(bench.set.start(a_launch("p", "")).has_value());
    REQUIRE(bench.set.start(a_launch("c", "python")).has_value());
    for (const char* replica : {"p", "c"}) {
        REQUIRE(bench.set.stop(attempt(replica), {}).has_value());
        REQUIRE(bench.set.forget(attempt(replica)).has_value());
    }
    CHECK(bench.processes.asked == Asked{"start p", "stop p", "forget p"});
    CHECK(bench.containers.asked == Asked{"start c", "stop c", "forget c"});
}

TEST_CASE("what an engine lists belongs to it, also after a restart of the server") {
    Bench bench;
    bench.processes.known = {{attempt("p"), Observation::Kind::kRunning, {}}};
    bench.containers.known = {{attempt("c"), Observation::Kind::kRunning, {}}};
    CHECK(bench.set.list().value().size() == 2);
    REQUIRE(bench.set.stop(attempt("c"), {}).has_value());
    REQUIRE(bench.set.stop(attempt("p"), {}).has_value());
    CHECK(bench.processes.asked == Asked{"stop p"});
    CHECK(bench.containers.asked == Asked{"stop c"});
}

TEST_CASE("a stop that comes before its start reaches both, so that neither runs it") {
    Bench bench;
    REQUIRE(bench.set.stop(attempt("x"), {}).has_value());
    CHECK(bench.processes.asked == Asked{"stop x"});
    CHECK(bench.containers.asked == Asked{"stop x"});
}

TEST_CASE("the machines are the process engine's, with what containers lack on them") {
    Bench bench;
    domain::Node node;
    node.name = "local";
    bench.processes.nodes = {node};
    CHECK(bench.set.inventory().value().at(0).container_fault.empty());
    bench.fault = "no service";
    CHECK(bench.set.inventory().value().at(0).container_fault == "no service");
    bench.processes.name = "bash";
    bench.containers.name = "containers";
    REQUIRE(bench.set.doctor().size() == 2);
    CHECK(bench.set.doctor()[1].subject == "containers");
    CHECK(bench.set.prepare_environment("", {}).value() == "folder");
    REQUIRE(bench.set.prepare_image(domain::JobId("J"), "python", {}).has_value());
    CHECK(bench.containers.asked == Asked{"image python"});
}
