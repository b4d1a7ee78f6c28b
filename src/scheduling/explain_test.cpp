#include "scheduling/explanation.hpp"

#include <doctest/doctest.h>

#include "scheduling/test_cluster.hpp"

using namespace pintle;
using namespace pintle::scheduling;

namespace {

Explanation why(const TestCluster& cluster, const std::string& id) {
    return explain(cluster.snapshot, domain::JobId(id), cluster.now);
}

std::string remedies(const Explanation& explanation) {
    std::string text;
    for (const Remedy& remedy : explanation.remedies) text += (text.empty() ? "" : ", ") + remedy.text;
    return text;
}

std::string waits_for(const Explanation& explanation) {
    std::string text;
    for (const Blocker& blocker : explanation.waits_for) text += (text.empty() ? "" : " ") + blocker.id.str();
    return text;
}

}  // namespace

TEST_CASE("what starts with the next pass says so") {
    TestCluster cluster;
    cluster.node("n1", 2);
    cluster.submit("a", 1);
    const Explanation explanation = why(cluster, "a");
    CHECK(explanation.code == WaitCode::kStarting);
    CHECK(explanation.position == 1);
    CHECK(explanation.queue_length == 1);
    CHECK(explanation.forecast == Forecast{cluster.now, cluster.now});
    CHECK(explanation.remedies.empty());
    CHECK(to_string(explanation.code) == "starting");
}

TEST_CASE("a held one tells why it is held, and that releasing it would start it") {
    TestCluster cluster;
    cluster.node("n1", 2);
    Workload job = cluster.workload("a", 1);
    job.held = "it is held by ann";
    cluster.submit(job);
    const Explanation explanation = why(cluster, "a");
    CHECK(explanation.code == WaitCode::kHeld);
    CHECK(explanation.reason == "it is held by ann");
    CHECK(remedies(explanation) == "released");
    CHECK_FALSE(explanation.forecast);
    CHECK(cluster.step().empty());
}

TEST_CASE("one that lacks GPUs tells how many, whom it waits for and until when, and what would start it now") {
    TestCluster cluster;
    cluster.node("n1", 8).pool("research", {"n1"}).group("vision", "research");
    cluster.submit("a", 2, 300);
    cluster.submit("b", 2, 100);
    cluster.submit("c", 3, 200);
    cluster.step();
    Workload job = cluster.workload("d", 4);
    job.gpu_model = "A100";
    cluster.submit(job);
    const Explanation explanation = why(cluster, "d");
    CHECK(explanation.code == WaitCode::kGpus);
    CHECK(explanation.reason == "it needs 4 A100 and 1 of 8 in pool research is free (7 in use)");
    CHECK(explanation.gpus_missing == 3);
    // c alone is enough, though b ends earlier.
    CHECK(waits_for(explanation) == "c");
    CHECK(explanation.blockers_in_all == 1);
    CHECK(explanation.waits_for[0] ==
          Blocker{domain::JobId("c"), "p/c", 3, false,
                  Forecast{cluster.now + Duration(200'000), cluster.now + Duration(200'000)}});
    CHECK(explanation.forecast == Forecast{cluster.now + Duration(200'000), cluster.now + Duration(200'000)});
    CHECK(remedies(explanation) == "with 1 GPU, with --now and 1 of its 4 GPUs");
    CHECK_FALSE(cluster.snapshot.fault());
    CHECK(cluster.snapshot.find_waiting(domain::JobId("d"))->gpus() == 4);
}

TEST_CASE("one that would fit but would delay another names that, and the priority that would do") {
    TestCluster cluster;
    cluster.node("n1", 4);
    cluster.submit("a", 3, 100);
    cluster.step();
    Workload head = cluster.workload("head", 4);
    head.priority = 7;
    cluster.submit(head);
    cluster.submit("late", 1, 500);
    const Explanation explanation = why(cluster, "late");
    CHECK(explanation.code == WaitCode::kBehind);
    CHECK(explanation.reason == "it is behind p/head, which waits for 4 GPUs; starting it now would delay that");
    CHECK(explanation.position == 2);
    CHECK(explanation.gpus_missing == 0);
    REQUIRE(explanation.waits_for.size() == 1);
    CHECK(explanation.waits_for[0].waiting);
    CHECK(remedies(explanation) == "with --now and 1 of its 1 GPU, with priority 8");
    CHECK_FALSE(explanation.forecast);  // The head's run time is unknown.
    CHECK(cluster.step().empty());
}

TEST_CASE("one behind a job of another group is not told that job's name") {
    TestCluster cluster;
    cluster.node("n1", 4).group("other", "default");
    cluster.submit("a", 3, 100);
    cluster.step();
    Workload head = cluster.workload("head", 4);
    head.priority = 7;
    cluster.submit(head);
    Workload late = cluster.workload("late", 1);
    late.group = domain::kDefaultGroup;
    cluster.submit(late);
    CHECK(why(cluster, "late").reason ==
          "it is behind a job of another group, which waits for 4 GPUs; starting it now would delay that");
    CHECK(why(cluster, "late").waits_for[0].id == domain::JobId("head"));
}

TEST_CASE("one that lacks CPU or memory says so") {
    TestCluster cluster;
    cluster.node("n1", 1, "A100", 4, 8);
    Workload big = cluster.workload("a", 0);
    big.needs[0].cpu_millis = 3000;
    big.needs[0].memory_bytes = 6 * kGi;
    cluster.submit(big);
    cluster.step();
    Workload cpu = cluster.workload("cpu", 1);
    cpu.needs[0].cpu_millis = 2000;
    cluster.submit(cpu);
    CHECK(why(cluster, "cpu").code == WaitCode::kCpu);
    CHECK(why(cluster, "cpu").reason == "it needs 2 CPU and no node where it could run has enough free");
    CHECK(waits_for(why(cluster, "cpu")) == "a");
    Workload memory = cluster.workload("memory", 1);
    memory.needs[0].memory_bytes = 3 * kGi;
    cluster.submit(memory);
    CHECK(why(cluster, "memory").code == WaitCode::kMemory);
}

TEST_CASE("scattered GPUs, unhealthy ones, a pool that shrank and a full quota have their own codes") {
    TestCluster cluster;
    cluster.node("n1", 2, "A100", 64, 512, {{"n", "1"}}).node("n2", 2, "A100", 64, 512, {{"n", "2"}});
    for (const char* label : {"1", "2"}) {
        Workload job = cluster.workload(label, 1);
        job.needs[0].node_label = std::string("n=") + label;
        cluster.submit(job);
    }
    CHECK(cluster.step() == "1 2");
    cluster.submit("a", 2);
    CHECK(why(cluster, "a").code == WaitCode::kPlace);
    CHECK(waits_for(why(cluster, "a")) == "1");
    cluster.finish("1");
    cluster.set_healthy("n1", 0, false);
    CHECK(why(cluster, "a").code == WaitCode::kUnhealthy);
    CHECK(why(cluster, "a").gpus_missing == 0);
    cluster.nodes[0].devices.pop_back();
    cluster.nodes[1].devices.pop_back();
    cluster.finish("2");
    cluster.snapshot.set_nodes(cluster.nodes);
    CHECK(why(cluster, "a").code == WaitCode::kPoolTooSmall);
    CHECK(why(cluster, "a").reason ==
          "no node of the Default Pool has 2 GPUs; the largest has 1: spread them over workers");
    CHECK_FALSE(why(cluster, "a").forecast);

    TestCluster lab;
    lab.node("n1", 4);
    lab.groups[0].borrowing = domain::Borrowing{"lab", 2, 0, false};
    lab.snapshot.set_groups(lab.groups);
    lab.submit("x", 1, 100);
    lab.submit("y", 1, 50);
    lab.submit("z", 1, 50);
    CHECK(lab.step() == "x y");
    CHECK(why(lab, "z").code == WaitCode::kQuota);
    CHECK(waits_for(why(lab, "z")) == "y");
    CHECK(why(lab, "z").forecast->median == lab.now + Duration(50'000));
}

TEST_CASE("another model is offered where it would start") {
    TestCluster cluster;
    cluster.node("n1", 1, "A100").node("n2", 1, "V100");
    Workload job = cluster.workload("a", 1);
    job.gpu_model = "A100";
    cluster.submit(job);
    cluster.step();
    job.id = domain::JobId("b");
    job.rank = 9;
    cluster.submit(job);
    CHECK(remedies(why(cluster, "b")) == "on 1 V100");
}

TEST_CASE("what would happen to one that is not there is told and changes nothing") {
    TestCluster cluster;
    cluster.node("n1", 4);
    cluster.submit("a", 3, 100);
    cluster.step();
    cluster.submit("b", 2, 100);
    const Plan before = cluster.plan();
    const Explanation now = what_if(cluster.snapshot, cluster.workload("", 0), cluster.now);
    CHECK(now.code == WaitCode::kStarting);
    CHECK(now.nodes.size() == 1);
    const Explanation gpus = what_if(cluster.snapshot, cluster.workload("", 2), cluster.now);
    CHECK(gpus.code == WaitCode::kGpus);
    CHECK(gpus.nodes.empty());
    CHECK(gpus.position == 2);
    CHECK(gpus.queue_length == 2);
    CHECK(gpus.forecast->median == cluster.now + Duration(100'000));
    CHECK(what_if(cluster.snapshot, cluster.workload("", 5), cluster.now).code == WaitCode::kPoolTooSmall);
    CHECK(cluster.snapshot.waiting() == 1);
    CHECK(cluster.plan() == before);
    CHECK_FALSE(cluster.snapshot.fault());
}
