#include "scheduling/scheduler.hpp"

#include <doctest/doctest.h>

#include "scheduling/test_cluster.hpp"

using namespace pintle;
using namespace pintle::scheduling;

TEST_CASE("workloads that fit start in the order of their ranks, on the lowest free devices") {
    TestCluster cluster;
    cluster.node("n1", 4);
    cluster.submit("a", 1);
    cluster.submit("b", 2);
    CHECK(cluster.step() == "a b");
    CHECK(cluster.places("b") == std::vector<Place>{{"n1", {1, 2}}});
    cluster.finish("a");
    cluster.submit("c", 2);
    CHECK(cluster.step() == "c");
    CHECK(cluster.places("c") == std::vector<Place>{{"n1", {0, 3}}});
    CHECK(cluster.plan() == Plan{});
}

TEST_CASE("a higher priority goes first") {
    TestCluster cluster;
    cluster.node("n1", 1);
    cluster.submit("a", 1);
    Workload urgent = cluster.workload("b", 1);
    urgent.priority = 1;
    cluster.submit(urgent);
    CHECK(cluster.step() == "b");
}

TEST_CASE("a held workload is passed over") {
    TestCluster cluster;
    cluster.node("n1", 1);
    Workload held = cluster.workload("a", 1);
    held.held = "waits for its data";
    cluster.submit(held);
    cluster.submit("b", 1);
    CHECK(cluster.step() == "b");
}

TEST_CASE("all replicas start together or none does") {
    TestCluster cluster;
    cluster.node("n1", 2).node("n2", 2);
    Workload gang = cluster.workload("a", 2);
    gang.needs[0].count = 3;
    cluster.submit(gang);
    CHECK(cluster.step().empty());
    gang.needs[0].count = 2;
    cluster.submit(gang);
    CHECK(cluster.step() == "a");
    CHECK(cluster.nodes_of("a") == "n1 n2");
}

TEST_CASE("a workload goes to the tightest node that has room for it all") {
    TestCluster cluster;
    cluster.node("n1", 8).node("n2", 4).node("n3", 4, "A100", 64, 256);
    Workload pair = cluster.workload("a", 1);
    pair.needs[0].count = 4;
    cluster.submit(pair);
    CHECK(cluster.step() == "a");
    CHECK(cluster.nodes_of("a") == "n3 n3 n3 n3");
    cluster.submit("b", 5);
    CHECK(cluster.step() == "b");
    CHECK(cluster.nodes_of("b") == "n1");
}

TEST_CASE("a gang that no node can take goes to as few nodes as possible") {
    TestCluster cluster;
    cluster.node("n1", 2).node("n2", 2).node("n3", 4).node("n4", 4);
    Workload gang = cluster.workload("a", 1);
    gang.needs[0].count = 6;
    cluster.submit(gang);
    CHECK(cluster.step() == "a");
    CHECK(cluster.nodes_of("a") == "n3 n3 n3 n3 n1 n1");
}

TEST_CASE("replicas without GPUs join those with GPUs where there is room") {
    TestCluster cluster;
    cluster.node("c1", 0).node("n1", 2).node("n2", 2);
    Workload gang = cluster.workload("a", 2);
    gang.needs = {{"ps", 1, 1000, kGi, 0, ""}, {"worker", 2, 1000, kGi, 2, ""}};
    cluster.submit(gang);
    CHECK(cluster.step() == "a");
    CHECK(cluster.nodes_of("a") == "n1 n1 n2");
}

TEST_CASE("a workload without GPUs goes where the fewest GPUs are idle") {
    TestCluster cluster;
    cluster.node("a", 4).node("b", 0).node("c", 1);
    cluster.submit("j", 0);
    CHECK(cluster.step() == "j");
    CHECK(cluster.nodes_of("j") == "b");
}

TEST_CASE("a node label restricts where a replica goes") {
    TestCluster cluster;
    cluster.node("n1", 1).node("n2", 1, "A100", 64, 512, {{"disk", "ssd"}});
    Workload job = cluster.workload("a", 1);
    job.needs[0].node_label = "disk=ssd";
    cluster.submit(job);
    job = cluster.workload("b", 1);
    job.needs[0].node_label = "disk";
    cluster.submit(job);
    CHECK(cluster.step() == "a");
    CHECK(cluster.nodes_of("a") == "n2");
}

TEST_CASE("a node takes at most 500 replicas") {
    TestCluster cluster;
    cluster.node("n1", 0, "", 1000, 2000);
    Workload many = cluster.workload("a", 0);
    many.needs[0].count = 501;
    cluster.submit(many);
    CHECK(cluster.step().empty());
    many.needs[0].count = 500;
    cluster.submit(many);
    CHECK(cluster.step() == "a");
}

TEST_CASE("a node takes as many replicas as its engine allows") {
    TestCluster cluster;
    cluster.node("n1", 2).node("n2", 2);
    cluster.nodes[0].replicas_max = 1;
    cluster.nodes[1].replicas_max = 0;
    cluster.snapshot.set_nodes(cluster.nodes);
    cluster.submit("a", 1);
    cluster.submit("b", 1, 10);
    CHECK(cluster.step() == "a");
    CHECK(cluster.nodes_of("a") == "n1");
    cluster.nodes[1].replicas_max = 1;
    cluster.snapshot.set_nodes(cluster.nodes);
    CHECK(cluster.step() == "b");
    CHECK(cluster.nodes_of("b") == "n2");
    CHECK_FALSE(cluster.snapshot.fault());
}

TEST_CASE("a workload takes GPUs of its group's pool only") {
    TestCluster cluster;
    cluster.node("n1", 2).node("n2", 2).pool("research", {"n1"}).group("vision", "research");
    cluster.submit("a", 2);
    cluster.submit("b", 2);
    CHECK(cluster.step() == "a");
    CHECK(cluster.nodes_of("a") == "n1");
    CHECK(cluster.plan().awaits.at(0).id == domain::JobId("b"));
}

TEST_CASE("GPUs of one workload are of one model, and of the model it names") {
    TestCluster cluster;
    cluster.node("n1", 1, "A100").node("n2", 1, "V100").node("n3", 1, "V100");
    Workload any = cluster.workload("any", 1);
    any.needs[0].count = 2;
    cluster.submit(any);
    CHECK(cluster.step() == "any");
    CHECK(cluster.nodes_of("any") == "n2 n3");
    Workload named = cluster.workload("named", 1);
    named.gpu_model = "V100";
    cluster.submit(named);
    CHECK(cluster.step().empty());
    cluster.finish("any");
    CHECK(cluster.step() == "named");
}

TEST_CASE("an unhealthy device is not given away and the reason tells") {
    TestCluster cluster;
    cluster.node("n1", 8).pool("research", {"n1"}).group("vision", "research");
    cluster.submit("a", 6);
    cluster.step();
    cluster.set_healthy("n1", 7, false);
    Workload job = cluster.workload("b", 4);
    job.gpu_model = "A100";
    cluster.submit(job);
    const Plan plan = cluster.plan();
    CHECK(plan.starts.empty());
    CHECK(plan.awaits ==
          std::vector<AwaitGpus>{
              {domain::JobId("b"), 4, "it needs 4 A100 and 1 of 8 in pool research is free (6 in use, 1 unhealthy)"}});
}

TEST_CASE("the reason tells when enough GPUs are free but on no node at once") {
    TestCluster cluster;
    cluster.node("n1", 2).node("n2", 2);
    for (const char* node : {"n1", "n2"}) {
        cluster.nodes[node[1] == '1' ? 0 : 1].labels["name"] = node;
        Workload job = cluster.workload(node, 1);
        job.needs[0].node_label = std::string("name=") + node;
        cluster.submit(job);
    }
    cluster.snapshot.set_nodes(cluster.nodes);
    CHECK(cluster.step() == "n1 n2");
    cluster.submit("a", 2);
    CHECK(cluster.plan().awaits.at(0).reason ==
          "it needs 2 GPUs on one node and no node of the Default Pool has more than 1 free; 2 of 4 are free in all (2 "
          "in use)");
}

TEST_CASE("a head that waits for GPUs restrains those behind it, but not those that need none") {
    TestCluster cluster;
    cluster.node("n1", 4);
    cluster.submit("a", 3);
    cluster.step();
    cluster.submit("head", 4);
    cluster.submit("small", 1);
    cluster.submit("cpu", 0);
    CHECK(cluster.step() == "cpu");
    CHECK(cluster.plan().awaits.size() == 1);
}

TEST_CASE("who ends before the head can start may go ahead of it, who does not may not") {
    TestCluster cluster;
    cluster.node("n1", 4);
    cluster.submit("a", 3, 100);
    cluster.step();
    cluster.submit("head", 4, 100);
    cluster.submit("long", 1, 101);
    cluster.submit("short", 1, 100);
    CHECK(cluster.step() == "short");
}

TEST_CASE("who fits beside the head's reservation may go ahead of it however long it runs") {
    TestCluster cluster;
    cluster.node("n1", 4).node("n2", 4);
    cluster.submit("a", 4, 100);
    cluster.submit("b", 2, 1000);
    cluster.step();
    cluster.submit("head", 4, 100);
    cluster.submit("long", 2, 5000);
    CHECK(cluster.step() == "long");
    CHECK(cluster.nodes_of("long") == "n2");
    cluster.finish("a");
    CHECK(cluster.step() == "head");
}

TEST_CASE("without known run times only what the head has no use for is given to others") {
    TestCluster cluster;
    cluster.node("n1", 4, "A100", 8, 64, {{"name", "n1"}}).node("n2", 4, "V100", 8);
    Workload running = cluster.workload("a", 3);
    running.gpu_model = "A100";
    cluster.submit(running);
    cluster.step();
    Workload head = cluster.workload("head", 4);
    head.gpu_model = "A100";
    head.needs[0].cpu_millis = 4000;
    cluster.submit(head);
    cluster.submit("any", 1);
    // The node of the A100s has 7 CPU free, of which 4 are the head's.
    for (const int cpus : {4, 2, 1}) {
        Workload cpu = cluster.workload(fmt::format("cpu{}", cpus), 0);
        cpu.needs[0].cpu_millis = cpus * 1000;
        cpu.needs[0].node_label = "name=n1";
        cluster.submit(cpu);
    }
    Workload same = cluster.workload("same", 1);
    same.gpu_model = "A100";
    cluster.submit(same);
    cluster.snapshot.dequeue(domain::JobId("cpu4"));
    CHECK(cluster.step() == "any cpu2 cpu1");
    CHECK(cluster.nodes_of("any") == "n2");
    cluster.submit("cpu", 0);
    Workload last = cluster.workload("last", 0);
    last.needs[0].node_label = "name=n1";
    cluster.submit(last);
    CHECK(cluster.step() == "cpu");
    CHECK(cluster.nodes_of("cpu") == "n2");
}

TEST_CASE("an overdue job is expected to end soon") {
    TestCluster cluster;
    cluster.node("n1", 2);
    cluster.submit("a", 1, 100);
    cluster.step();
    cluster.pass_time(150);
    cluster.submit("head", 2, 100);
    cluster.submit("long", 1, 11);
    cluster.submit("short", 1, 10);
    CHECK(cluster.step() == "short");
}

TEST_CASE("resources of what is ending are counted as coming") {
    TestCluster cluster;
    cluster.node("n1", 2);
    cluster.submit("a", 1);
    cluster.step();
    cluster.snapshot.set_ending(domain::JobId("a"));
    cluster.submit("head", 2);
    cluster.submit("short", 1, 1);
    CHECK(cluster.step().empty());
}

TEST_CASE("a head that lacks CPU holds it against the queues of other pools") {
    TestCluster cluster;
    cluster.node("n1", 2, "A100", 8);
    cluster.pools.push_back({domain::PoolId("p"), "p", "A100", {{"n1", "n1-0"}}, {}});
    cluster.snapshot.set_pools(cluster.pools);
    cluster.submit("a", 0, 100);
    cluster.step();
    Workload head = cluster.workload("head", 0);
    head.needs[0].cpu_millis = 8000;
    cluster.submit(head);
    cluster.group("g", "p");
    cluster.submit("other", 1, 1000);
    CHECK(cluster.step().empty());
    cluster.snapshot.dequeue(domain::JobId("other"));
    cluster.submit("short", 1, 50);
    CHECK(cluster.step() == "short");
}

TEST_CASE("a workload of a higher priority in another pool is not restrained by a head") {
    TestCluster cluster;
    cluster.node("n1", 2, "A100", 8);
    cluster.pools.push_back({domain::PoolId("p"), "p", "A100", {{"n1", "n1-0"}}, {}});
    cluster.snapshot.set_pools(cluster.pools);
    cluster.submit("a", 0, 100);
    cluster.step();
    Workload head = cluster.workload("head", 0);
    head.needs[0].cpu_millis = 8000;
    cluster.submit(head);
    cluster.group("g", "p");
    Workload other = cluster.workload("other", 1);
    other.priority = 1;
    cluster.submit(other);
    CHECK(cluster.step() == "other");
}

TEST_CASE("no more than backfill_depth workloads behind a head are tried, 0 is strictly first come first served") {
    for (const int depth : {0, 1, 2}) {
        TestCluster cluster;
        cluster.snapshot.set_options({depth});
        cluster.node("n1", 4);
        cluster.submit("a", 3, 100);
        cluster.step();
        cluster.submit("head", 4, 100);
        cluster.submit("long1", 1, 500);
        cluster.submit("long2", 1, 500);
        cluster.submit("short", 1, 50);
        CHECK(cluster.step() == (depth == 2 ? "short" : ""));
    }
}

TEST_CASE("a workload that no end of anything would let start is passed over, and is told to wait for GPUs") {
    TestCluster cluster;
    cluster.node("n1", 2);
    cluster.submit("big", 2);
    cluster.set_healthy("n1", 1, false);
    cluster.submit("small", 1);
    CHECK(cluster.plan().awaits.at(0).reason == "it needs 2 GPUs and 1 of 2 in the Default Pool is free (1 unhealthy)");
    CHECK(cluster.step() == "small");
}

TEST_CASE("an immediate workload takes what is free, as evenly as possible, whoever waits") {
    TestCluster cluster;
    cluster.node("n1", 4).node("n2", 1);
    cluster.submit("head", 8);
    Workload job = cluster.workload("now", 3);
    job.needs[0].count = 3;
    job.immediate = true;
    cluster.submit(job);
    CHECK(cluster.step() == "now");
    std::vector<std::size_t> gpus;
    for (const Place& place : cluster.places("now")) gpus.push_back(place.devices.size());
    CHECK(gpus == std::vector<std::size_t>{2, 2, 1});
    job = cluster.workload("none", 2);
    job.immediate = true;
    cluster.submit(job);
    CHECK(cluster.step() == "none");
    CHECK(cluster.places("none").at(0).devices.empty());
}

TEST_CASE("an immediate workload waits for CPU and memory") {
    TestCluster cluster;
    cluster.node("n1", 1, "A100", 1);
    cluster.submit("a", 0);
    cluster.step();
    Workload job = cluster.workload("now", 1);
    job.immediate = true;
    cluster.submit(job);
    CHECK(cluster.plan() == Plan{});
    cluster.finish("a");
    CHECK(cluster.step() == "now");
    CHECK(cluster.places("now").at(0).devices == std::vector<int>{0});
}

TEST_CASE("the answer does not depend on the order in which things came") {
    TestCluster a, b;
    a.node("n1", 2).node("n2", 4);
    b.node("n2", 4).node("n1", 2);
    const Workload x = a.workload("x", 2), y = a.workload("y", 3), z = a.workload("z", 4);
    for (const Workload& job : {x, y, z}) a.submit(job);
    for (const Workload& job : {z, x, y}) b.submit(job);
    CHECK(a.plan() == b.plan());
    CHECK(a.plan() == a.plan());
}
