#include <doctest/doctest.h>

#include "scheduling/scheduler.hpp"
#include "scheduling/test_cluster.hpp"

using namespace pintle;
using namespace pintle::scheduling;

namespace {

domain::Borrowing borrowing(int limit, bool reclaim = false, std::optional<int> nominal = {}) {
    return {"lab", nominal, limit, reclaim};
}

// Two groups of one cohort with a pool of 4 GPUs each.
struct Lab : TestCluster {
    Lab(domain::Borrowing a, domain::Borrowing b) {
        node("na", 4).node("nb", 4).pool("pa", {"na"}).pool("pb", {"nb"});
        group("ga", "pa", std::move(a)).group("gb", "pb", std::move(b));
    }
    void submit_as(const std::string& group, const std::string& name, int gpus, int priority = 0) {
        Workload job = workload(name, gpus);
        job.group = domain::GroupId(group);
        job.priority = priority;
        submit(job);
    }
};

}  // namespace

TEST_CASE("a group uses its own pool first, then idle GPUs of its cohort, up to its limit") {
    Lab lab(borrowing(2), borrowing(0));
    lab.submit_as("ga", "a1", 4);
    lab.submit_as("ga", "a2", 1);
    lab.submit_as("ga", "a3", 1);
    lab.submit_as("ga", "a4", 1);
    CHECK(lab.step() == "a1 a2 a3");
    CHECK(lab.nodes_of("a1") == "na");
    CHECK(lab.nodes_of("a2") == "nb");
    CHECK(lab.snapshot.use_of_pool(domain::PoolId("pb")).used_by_group ==
          std::map<domain::GroupId, int>{{domain::GroupId("ga"), 2}});
    CHECK(lab.plan().awaits.at(0).reason ==
          "it needs 1 GPU and none of 4 in pool pa is free (4 in use); its group ga uses 6 and may use 6, of which 2 "
          "borrowed");
}

TEST_CASE("a gang may span its own and borrowed GPUs") {
    Lab lab(borrowing(4), borrowing(0));
    Workload gang = lab.workload("a", 2);
    gang.group = domain::GroupId("ga");
    gang.needs[0].count = 4;
    lab.submit(gang);
    CHECK(lab.step() == "a");
    CHECK(lab.nodes_of("a") == "na na nb nb");
}

TEST_CASE("one replica has GPUs of its own pool and of others on its node where nothing else lets it start") {
    TestCluster cluster;
    cluster.node("n1", 40);
    for (const char* name : {"pa", "pb"}) {
        domain::Pool pool{domain::PoolId(name), name, {}, {}, {}};
        const int first = cluster.pools.size() == 1 ? 0 : 20;
        for (int i = first; i < first + 20; ++i) pool.devices.insert({"n1", fmt::format("n1-{}", i)});
        cluster.pools.push_back(std::move(pool));
    }
    cluster.snapshot.set_pools(cluster.pools);
    cluster.group("gb", "pb", borrowing(0)).group("ga", "pa", borrowing(10));
    cluster.submit("a1", 7);
    CHECK(cluster.step() == "a1");
    Workload lent = cluster.workload("b1", 13);
    lent.group = domain::GroupId("gb");
    cluster.submit(lent);
    CHECK(cluster.step() == "b1");
    cluster.submit("a2", 20);
    cluster.submit("a3", 4);
    REQUIRE(cluster.step() == "a2");
    CHECK(cluster.places("a2")[0].devices ==
          std::vector<int>{7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 33, 34, 35, 36, 37, 38, 39});
    CHECK(cluster.snapshot.use_of_pool(domain::PoolId("pa")).used_by_group.at(domain::GroupId("ga")) == 20);
    CHECK(cluster.snapshot.use_of_pool(domain::PoolId("pb")).used_by_group.at(domain::GroupId("ga")) == 7);
    CHECK_FALSE(cluster.snapshot.fault());
    cluster.finish("a2");
    CHECK(cluster.step() == "a3");
    // More than its own pool has on the node, and all that its share allows.
    CHECK_FALSE(why_never(cluster.snapshot, cluster.workload("a4", 30)));
    CHECK(why_never(cluster.snapshot, cluster.workload("a5", 31)) ==
          "it asks for 31 GPUs and its group ga may use 30 in all");
}

TEST_CASE("a pool whose own queue waits for GPUs lends none") {
    Lab lab(borrowing(4), borrowing(0));
    lab.submit_as("gb", "b1", 2);
    lab.submit_as("ga", "a1", 4);
    CHECK(lab.step() == "a1 b1");
    lab.submit_as("ga", "a2", 1);
    lab.submit_as("gb", "b2", 4);
    CHECK(lab.step().empty());
}

TEST_CASE("a lender's own queue goes first") {
    Lab lab(borrowing(4), borrowing(0));
    lab.submit_as("ga", "a1", 4);
    lab.submit_as("ga", "a2", 2, 9);
    lab.submit_as("gb", "b1", 3);
    CHECK(lab.step() == "a2 b1");
    CHECK(lab.plan().starts.empty());
}

TEST_CASE("groups outside the cohort do not borrow") {
    Lab lab(borrowing(4), borrowing(0));
    lab.node("nc", 1).pool("pc", {"nc"}).group("gc", "pc");
    lab.submit_as("gc", "c1", 1);
    lab.submit_as("gc", "c2", 1);
    CHECK(lab.step() == "c1");
}

TEST_CASE("a group with a nominal share below its pool uses no more, and its cohort may use the rest") {
    Lab lab(borrowing(0, false, 1), borrowing(4));
    lab.submit_as("ga", "a1", 1);
    lab.submit_as("ga", "a2", 1);
    lab.submit_as("gb", "b1", 4);
    lab.submit_as("gb", "b2", 3);
    CHECK(lab.step() == "a1 b1 b2");
    CHECK(lab.nodes_of("b2") == "na");
}

TEST_CASE("a head within its nominal share gets its GPUs back, from the lowest priority and the latest start") {
    Lab lab(borrowing(4), borrowing(0, true));
    lab.submit_as("ga", "a1", 4, 9);
    lab.submit_as("ga", "a2", 1, 5);
    lab.submit_as("ga", "a3", 1);
    CHECK(lab.step() == "a1 a2 a3");
    lab.pass_time(10);
    lab.submit_as("ga", "a4", 1);
    lab.submit_as("ga", "a5", 1);
    CHECK(lab.step() == "a4 a5");
    lab.submit_as("gb", "b1", 2);
    const Plan plan = lab.plan();
    CHECK(plan.starts.empty());
    REQUIRE(plan.reclaims.size() == 2);
    CHECK(plan.reclaims[0] ==
          Reclaim{domain::JobId("a5"), domain::JobId("b1"), "the group that lent the GPUs needs them back"});
    CHECK(plan.reclaims[1].id == domain::JobId("a4"));
    lab.snapshot.set_ending(domain::JobId("a4"));
    CHECK(lab.plan().reclaims.size() == 1);
    lab.snapshot.set_ending(domain::JobId("a5"));
    CHECK(lab.plan().reclaims.empty());
    lab.finish("a4");
    lab.finish("a5");
    CHECK(lab.step() == "b1");
}

TEST_CASE("no more is reclaimed than needed") {
    Lab lab(borrowing(4), borrowing(0, true));
    lab.submit_as("ga", "a1", 4);
    lab.submit_as("ga", "a2", 3);
    CHECK(lab.step() == "a1 a2");
    lab.pass_time(1);
    lab.submit_as("ga", "a3", 1);
    CHECK(lab.step() == "a3");
    lab.submit_as("gb", "b1", 3);
    const Plan plan = lab.plan();
    REQUIRE(plan.reclaims.size() == 1);
    CHECK(plan.reclaims[0].id == domain::JobId("a2"));
}

TEST_CASE("nothing is reclaimed without the right, beyond the nominal share or when it would not help") {
    Lab lab(borrowing(4), borrowing(4, false));
    lab.submit_as("ga", "a1", 4);
    lab.submit_as("ga", "a2", 4);
    CHECK(lab.step() == "a1 a2");
    lab.submit_as("gb", "b1", 1);
    CHECK(lab.plan().reclaims.empty());
    lab.groups[2].borrowing->reclaim = true;
    lab.groups[2].borrowing->nominal = 0;
    lab.snapshot.set_groups(lab.groups);
    CHECK(lab.plan().reclaims.empty());
    lab.groups[2].borrowing->nominal = 1;
    lab.snapshot.set_groups(lab.groups);
    CHECK(lab.plan().reclaims.size() == 1);
}
