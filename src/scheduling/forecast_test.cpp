#include <doctest/doctest.h>

#include "scheduling/explanation.hpp"
#include "scheduling/test_cluster.hpp"

using namespace pintle;
using namespace pintle::scheduling;

namespace {

// Seconds from now, or -1.
int start_of(const TestCluster& cluster, const std::string& id) {
    const auto forecasts = forecast(cluster.snapshot, cluster.now);
    const auto found = forecasts.find(domain::JobId(id));
    return found == forecasts.end() ? -1 : static_cast<int>((found->second.median - cluster.now).count() / 1000);
}

}  // namespace

TEST_CASE("what waits is forecast to start when those before it have ended") {
    TestCluster cluster;
    cluster.node("n1", 2);
    cluster.submit("a", 2, 100);
    cluster.step();
    cluster.pass_time(30);
    cluster.submit("b", 2, 50);
    cluster.submit("c", 1, 10);
    cluster.submit("d", 1, 20);
    cluster.submit("e", 2, 5);
    CHECK(start_of(cluster, "b") == 70);
    CHECK(start_of(cluster, "c") == 120);
    CHECK(start_of(cluster, "d") == 120);
    CHECK(start_of(cluster, "e") == 140);
}

TEST_CASE("the high forecast takes the high run times") {
    TestCluster cluster;
    cluster.node("n1", 1);
    Workload job = cluster.workload("a", 1);
    job.run_time = domain::ExpectedRunTime{Duration(1000), Duration(5000), true};
    cluster.submit(job);
    cluster.step();
    cluster.submit("b", 1);
    const auto forecasts = forecast(cluster.snapshot, cluster.now);
    CHECK(forecasts.at(domain::JobId("b")) == Forecast{cluster.now + Duration(1000), cluster.now + Duration(5000)});
}

TEST_CASE("what depends on an unknown run time, or is held, has no forecast, and what starts now has now") {
    TestCluster cluster;
    cluster.node("n1", 2).node("n2", 1, "V100");
    Workload job = cluster.workload("a", 2);
    job.gpu_model = "A100";
    cluster.submit(job);
    cluster.step();
    cluster.submit("b", 2);
    cluster.submit("now", 0);
    Workload held = cluster.workload("held", 0);
    held.held = "held";
    cluster.submit(held);
    CHECK(start_of(cluster, "b") == -1);
    CHECK(start_of(cluster, "held") == -1);
    CHECK(start_of(cluster, "now") == 0);
}

TEST_CASE("what could never start does not stand in the way of forecasts") {
    TestCluster cluster;
    cluster.node("n1", 1);
    cluster.submit("a", 1, 10);
    cluster.step();
    cluster.submit("never", 2);
    cluster.submit("b", 1);
    CHECK(start_of(cluster, "never") == -1);
    CHECK(start_of(cluster, "b") == 10);
}

TEST_CASE("an overdue job is forecast to end soon") {
    TestCluster cluster;
    cluster.node("n1", 1);
    cluster.submit("a", 1, 100);
    cluster.step();
    cluster.pass_time(105);
    cluster.submit("b", 1);
    CHECK(start_of(cluster, "b") == 5);
}

TEST_CASE("no run without surprises starts anything later than forecast") {
    TestCluster cluster;
    cluster.node("n1", 4).node("n2", 2);
    int seconds = 10;
    for (const int gpus : {1, 4, 2, 2, 3, 1, 4, 1, 2})
        cluster.submit(fmt::format("j{}", seconds), gpus, seconds), seconds += 7;
    cluster.step();
    const auto forecasts = forecast(cluster.snapshot, cluster.now);
    std::map<std::string, Time> ends;
    const std::size_t waiting = cluster.snapshot.waiting();
    std::size_t started = 0;
    for (int t = 1; t < 300; ++t) {
        cluster.pass_time(1);
        for (int job = 10; job < seconds; job += 7) {
            const std::string name = fmt::format("j{}", job);
            const Running* running = cluster.snapshot.find_running(domain::JobId(name));
            if (running != nullptr && running->started_at + running->workload.run_time->median <= cluster.now)
                cluster.finish(name);
        }
        for (const Start& start : cluster.plan().starts) {
            CHECK(cluster.now <= forecasts.at(start.id).median);
            started += 1;
        }
        cluster.step();
    }
    CHECK(started == waiting);
}
