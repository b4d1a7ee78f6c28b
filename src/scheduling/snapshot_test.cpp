#include "scheduling/snapshot.hpp"

#include <doctest/doctest.h>

#include "scheduling/test_cluster.hpp"

using namespace pintle;
using namespace pintle::scheduling;

namespace {

std::string queue(const Snapshot& snapshot, const std::string& pool) {
    std::string text;
    for (const domain::JobId& id : snapshot.queue_of(domain::PoolId(pool), 100))
        text += (text.empty() ? "" : " ") + id.str();
    return text;
}

}  // namespace

TEST_CASE("a new snapshot has the Default Pool and nothing in it") {
    const Snapshot snapshot;
    CHECK(snapshot.use_of_pool(domain::kDefaultPool) == PoolUse{});
    CHECK(snapshot.nodes().empty());
    CHECK_FALSE(snapshot.fault());
}

TEST_CASE("devices that no pool lists are in the Default Pool and the pools add up to the cluster") {
    TestCluster cluster;
    cluster.node("n1", 4).node("n2", 2, "V100").pool("research", {"n1"});
    CHECK(cluster.snapshot.use_of_pool(domain::PoolId("research")).total == 4);
    CHECK(cluster.snapshot.use_of_pool(domain::kDefaultPool).total == 2);
    CHECK(cluster.snapshot.pool_of({"n1", "n1-3"}) == domain::PoolId("research"));
    CHECK(cluster.snapshot.pool_of({"n2", "n2-0"}) == domain::kDefaultPool);
    CHECK(cluster.snapshot.use_of_pool(domain::PoolId("nowhere")).total == 0);
    CHECK_FALSE(cluster.snapshot.fault());
}

TEST_CASE("a device is found by its uuid, wherever its node lists it and however often nodes and pools change") {
    TestCluster cluster;
    cluster.node("n1", 4).pool("research", {"n1"}).node("n2", 4);
    cluster.submit("a", 2);
    CHECK(cluster.step() == "a");
    const std::string node = cluster.nodes_of("a");
    std::reverse(cluster.nodes[0].devices.begin(), cluster.nodes[0].devices.end());
    std::reverse(cluster.nodes.begin(), cluster.nodes.end());
    cluster.snapshot.set_nodes(cluster.nodes);
    const Snapshot copy(cluster.snapshot);
    for (const Snapshot* each : {&std::as_const(cluster.snapshot), &copy}) {
        CHECK(each->pool_of({"n1", "n1-3"}) == domain::PoolId("research"));
        CHECK(each->pool_of({"n2", "n2-3"}) == domain::kDefaultPool);
        CHECK(each->user_of({node, node + "-1"}) == domain::JobId("a"));
        CHECK_FALSE(each->user_of({node, node + "-2"}));
        CHECK_FALSE(each->user_of({node, "gone"}));
        CHECK_FALSE(each->user_of({"gone", node + "-1"}));
    }
    CHECK_FALSE(cluster.snapshot.fault());
}

TEST_CASE("the numbers of a pool tell used, free and unhealthy devices, by group and by node") {
    TestCluster cluster;
    cluster.node("n1", 4).node("n2", 4).pool("research", {"n1", "n2"}).group("vision", "research");
    cluster.submit("a", 3);
    CHECK(cluster.step() == "a");
    cluster.set_healthy("n1", 3, false);
    cluster.submit("b", 8);
    const PoolUse use = cluster.snapshot.use_of_pool(domain::PoolId("research"));
    CHECK(use.total == 8);
    CHECK(use.used == 3);
    CHECK(use.unhealthy == 1);
    CHECK(use.free == 4);
    CHECK(use.waiting_jobs == 1);
    CHECK(use.used_by_group == std::map<domain::GroupId, int>{{domain::GroupId("vision"), 3}});
    CHECK(use.nodes == std::map<std::string, int>{{"n1", 4}, {"n2", 4}});
    CHECK(cluster.snapshot.use_of_node("n1") == NodeUse{1000, kGi, {0, 1, 2}, 1});
    CHECK(cluster.snapshot.user_of({"n1", "n1-1"}) == domain::JobId("a"));
    CHECK_FALSE(cluster.snapshot.user_of({"n1", "n1-3"}));
}

TEST_CASE("the queue of a pool is by priority, then by rank, and a replaced workload keeps one place") {
    TestCluster cluster;
    cluster.node("n1", 1);
    cluster.submit("a", 1);
    cluster.submit("b", 1);
    Workload urgent = cluster.workload("c", 1);
    urgent.priority = 5;
    cluster.submit(urgent);
    CHECK(queue(cluster.snapshot, "default") == "c a b");
    CHECK(cluster.snapshot.position_of(domain::JobId("b")) == 3);
    urgent.priority = -1;
    cluster.submit(urgent);
    CHECK(queue(cluster.snapshot, "default") == "a b c");
    CHECK(cluster.snapshot.waiting() == 3);
    cluster.snapshot.dequeue(domain::JobId("a"));
    cluster.snapshot.dequeue(domain::JobId("a"));
    CHECK(queue(cluster.snapshot, "default") == "b c");
    CHECK(cluster.snapshot.position_of(domain::JobId("a")) == 0);
    CHECK(cluster.snapshot.find_waiting(domain::JobId("a")) == nullptr);
}

TEST_CASE("with fair share the owners alternate, who uses least is first") {
    TestCluster cluster;
    cluster.node("n1", 8).group("g", "default", {}, true);
    cluster.submit("ann1", 2);
    CHECK(cluster.step() == "ann1");
    cluster.submit("ann2", 1);
    for (const char* name : {"bob1", "bob2", "bob3"}) {
        Workload job = cluster.workload(name, 1);
        job.owner = domain::UserId("bob");
        cluster.submit(job);
    }
    CHECK(queue(cluster.snapshot, "default") == "bob1 bob2 ann2 bob3");
    CHECK(cluster.snapshot.position_of(domain::JobId("ann2")) == 3);
    CHECK(cluster.step() == "bob1 bob2 ann2 bob3");
}

TEST_CASE("what runs on a node that vanished still runs and has its devices again when the node returns") {
    TestCluster cluster;
    cluster.node("n1", 2).node("n2", 2);
    cluster.submit("a", 2);
    CHECK(cluster.step() == "a");
    const std::vector<domain::Node> nodes = cluster.nodes;
    cluster.snapshot.set_nodes({nodes[1]});
    CHECK(cluster.snapshot.running() == 1);
    CHECK(cluster.snapshot.use_of_pool(domain::kDefaultPool).used == 0);
    CHECK(cluster.snapshot.use_of_pool(domain::kDefaultPool).total == 2);
    CHECK_FALSE(cluster.snapshot.fault());
    cluster.snapshot.set_nodes(nodes);
    CHECK(cluster.snapshot.use_of_pool(domain::kDefaultPool).used == 2);
    CHECK(cluster.snapshot.user_of({"n1", "n1-0"}) == domain::JobId("a"));
    cluster.snapshot.set_nodes({});
    cluster.finish("a");
    cluster.finish("a");
    cluster.snapshot.set_nodes(nodes);
    CHECK(cluster.snapshot.use_of_pool(domain::kDefaultPool).used == 0);
    CHECK_FALSE(cluster.snapshot.fault());
}

TEST_CASE("a device that vanishes from a pool is not counted and is in its pool again when it returns") {
    TestCluster cluster;
    cluster.node("n1", 2).pool("p", {"n1"});
    std::vector<domain::Node> fewer = cluster.nodes;
    fewer[0].devices.pop_back();
    cluster.snapshot.set_nodes(fewer);
    CHECK(cluster.snapshot.use_of_pool(domain::PoolId("p")).total == 1);
    cluster.snapshot.set_nodes(cluster.nodes);
    CHECK(cluster.snapshot.use_of_pool(domain::PoolId("p")).total == 2);
    CHECK(cluster.snapshot.use_of_pool(domain::kDefaultPool).total == 0);
}

TEST_CASE("a node that shrinks below what runs on it is no fault") {
    TestCluster cluster;
    cluster.node("n1", 1, "A100", 2);
    cluster.submit("a", 1);
    cluster.step();
    std::vector<domain::Node> smaller = cluster.nodes;
    smaller[0].cpu_millis = 500;
    cluster.snapshot.set_nodes(smaller);
    CHECK_FALSE(cluster.snapshot.fault());
    cluster.submit("b", 0);
    CHECK(cluster.step().empty());
}

TEST_CASE("copies are independent") {
    TestCluster cluster;
    cluster.node("n1", 2);
    cluster.submit("a", 1);
    cluster.step();
    cluster.submit("b", 1);
    Snapshot copy = cluster.snapshot;
    cluster.finish("a");
    cluster.snapshot.dequeue(domain::JobId("b"));
    CHECK(copy.running() == 1);
    CHECK(copy.waiting() == 1);
    CHECK(copy.use_of_pool(domain::kDefaultPool).used == 1);
    CHECK(plan(copy, cluster.now).starts.size() == 1);
    CHECK_FALSE(copy.fault());
}
