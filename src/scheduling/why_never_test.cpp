#include <doctest/doctest.h>

#include "scheduling/scheduler.hpp"
#include "scheduling/test_cluster.hpp"

using namespace pintle;
using namespace pintle::scheduling;

namespace {

struct Lab : TestCluster {
    Lab() {
        node("n1", 2, "A100", 8, 16)
            .node("n2", 2, "A100", 8, 16)
            .node("n3", 4, "V100", 4, 8)
            .pool("research", {"n1", "n2"})
            .group("g", "research");
    }
    std::string why(const Workload& job) const { return why_never(snapshot, job).value_or(""); }
    Workload of_default(Workload job) {
        job.group = domain::kDefaultGroup;
        return job;
    }
};

}  // namespace

TEST_CASE("what can run when all ends, or when what is broken is repaired, is merely waiting") {
    Lab lab;
    lab.submit("a", 2);
    lab.step();
    lab.set_healthy("n1", 0, false);
    Workload job = lab.workload("b", 2);
    job.needs[0].count = 2;
    CHECK(lab.why(job) == "");
}

TEST_CASE("more GPUs than the pool has are refused with the pool's size") {
    Lab lab;
    CHECK(lab.why(lab.workload("a", 5)) == "it asks for 5 GPUs and pool research has 4");
    Workload job = lab.workload("b", 5);
    job.gpu_model = "A100";
    CHECK(lab.why(job) == "it asks for 5 A100 and pool research has 4");
    job.gpu_model = "V100";
    CHECK(lab.why(job) == "it asks for 5 V100 and pool research has none: its GPUs are A100");
    CHECK(why_never(TestCluster().node("n", 0).snapshot, lab.of_default(lab.workload("c", 1))) ==
          "it asks for 1 GPU and the Default Pool has no GPUs");
}

TEST_CASE("more GPUs for a replica than any node of the pool has are refused with the advice to spread them") {
    Lab lab;
    CHECK(lab.why(lab.workload("a", 4)) ==
          "no node of pool research has 4 GPUs; the largest has 2: spread them over workers");
}

TEST_CASE("GPUs of one job are of one model") {
    Lab lab;
    lab.node("n4", 1, "H100");
    Workload job = lab.of_default(lab.workload("a", 1));
    job.needs[0].count = 5;
    CHECK(lab.why(job) ==
          "it asks for 5 GPUs and the Default Pool has at most 4 of one model: GPUs of one job are of one model");
}

TEST_CASE("more CPU or memory than any node has, and labels that none carries, are refused") {
    Lab lab;
    Workload job = lab.workload("a", 0);
    job.needs[0].cpu_millis = 9000;
    CHECK(lab.why(job) == "worker asks for 9 CPU; the largest node has 8 CPU");
    job.needs[0].cpu_millis = 1000;
    job.needs[0].memory_bytes = 17 * kGi;
    CHECK(lab.why(job) == "worker asks for 18 GB memory; the largest node has 17 GB");
    job.needs[0].node_label = "disk=ssd";
    CHECK(lab.why(job) == "worker asks for a node labelled \"disk=ssd\" and there is none");
    CHECK(why_never(TestCluster().snapshot, lab.of_default(job)) == "there is no node to run anything on");
}

TEST_CASE("a gang that does not fit on the empty cluster is refused with the numbers") {
    Lab lab;
    Workload job = lab.workload("a", 1);
    job.needs[0].count = 4;
    job.needs[0].cpu_millis = 5000;
    CHECK(lab.why(job) ==
          "its 4 replicas together ask for 20 CPU, 4.3 GB memory and 4 GPUs, and do not fit at once on the 3 nodes, "
          "which together have 20 CPU, "
          "43 GB and 4 GPUs in pool research");
}

TEST_CASE("an immediate workload is never refused for GPUs") {
    Lab lab;
    Workload job = lab.workload("a", 100);
    job.immediate = true;
    CHECK(lab.why(job) == "");
}

TEST_CASE("with borrowing the cohort's pools and the quota count") {
    Lab lab;
    lab.groups[0].borrowing = domain::Borrowing{"lab", {}, 0, false};
    lab.groups[1].borrowing = domain::Borrowing{"lab", {}, 1, false};
    lab.snapshot.set_groups(lab.groups);
    Workload job = lab.workload("a", 1);
    job.needs[0].count = 6;
    CHECK(lab.why(job) ==
          "it asks for 6 GPUs and pool research with the pools of its cohort has at most 4 of one model: GPUs of one "
          "job are of one model");
    lab.nodes[2].devices[0].model = lab.nodes[2].devices[1].model = "A100";
    lab.snapshot.set_nodes(lab.nodes);
    CHECK(lab.why(job) == "it asks for 6 GPUs and its group g may use 5 in all");
    job.needs[0].count = 5;
    CHECK(lab.why(job) == "");
}
