#include <doctest/doctest.h>

#include "base/rng.hpp"
#include "scheduling/explanation.hpp"
#include "scheduling/naive_scheduler.hpp"
#include "scheduling/test_cluster.hpp"

using namespace pintle;
using namespace pintle::scheduling;

namespace {

// A small cluster to which everything that may happen happens, told to both schedulers.
class Story {
public:
    explicit Story(std::uint64_t seed) : rng_(seed) {
        naive_.options.backfill_depth = static_cast<int>(rng_.below(5));
        snapshot_.set_options(naive_.options);
        for (int n = 0; n < static_cast<int>(2 + rng_.below(4)); ++n) all_nodes_.push_back(a_node(n));
        edit_pools();
        edit_groups();
        set_nodes();
    }

    void step() {
        const std::uint64_t what = rng_.below(100);
        if (what < 45) submit();
        else if (what < 65) finish();
        else if (what < 70) change_waiting();
        else if (what < 74) set_ending();
        else if (what < 82) now_ += Duration(static_cast<std::int64_t>(rng_.below(60)) * 1000);
        else if (what < 88) break_something();
        else if (what < 91) edit_pools(), set_nodes();
        else if (what < 94) edit_groups();
    }

    void compare() {
        const Plan planned = plan(snapshot_, now_);
        Plan expected = naive_.plan(now_);
        REQUIRE(without_reasons(planned) == expected);
        // A copy has other orders inside and remembers nothing.
        REQUIRE(plan(Snapshot(snapshot_), now_) == planned);
        REQUIRE(plan(snapshot_, now_) == planned);
        REQUIRE(snapshot_.fault().value_or("") == "");
        if (++compared_ % 8 == 0) compare_forecasts();
        if (rng_.chance(80)) carry_out(planned);
        REQUIRE(snapshot_.fault().value_or("") == "");
    }

    [[nodiscard]] std::size_t started() const { return started_; }
    [[nodiscard]] std::size_t reclaimed() const { return reclaimed_; }
    [[nodiscard]] std::size_t borrowed() const { return borrowed_; }
    [[nodiscard]] std::size_t across() const { return across_; }

private:
    // What is explained of each is what is forecast of all; nothing that is remembered may show.
    void compare_forecasts() {
        const auto forecasts = forecast(snapshot_, now_);
        const Snapshot copy(snapshot_);
        REQUIRE(forecast(copy, now_) == forecasts);
        for (const Workload& workload : naive_.waiting) {
            const auto found = forecasts.find(workload.id);
            const auto expected = found == forecasts.end() ? std::nullopt : std::optional(found->second);
            const Explanation explanation = explain(snapshot_, workload.id, now_);
            // Filling empty nodes may fail where filling those that are in use does not.
            if (explanation.code != WaitCode::kPoolTooSmall) REQUIRE(explanation.forecast == expected);
            REQUIRE(explain(copy, workload.id, now_) == explanation);
        }
        REQUIRE(forecast(snapshot_, now_) == forecasts);
    }

    static Plan without_reasons(Plan plan) {
        for (AwaitGpus& await : plan.awaits) await.reason.clear();
        for (Reclaim& reclaim : plan.reclaims) reclaim.reason.clear();
        return plan;
    }

    domain::Node a_node(int n) {
        const auto cpus = static_cast<std::int64_t>(2 + rng_.below(10));
        domain::Node node{
            fmt::format("n{}", n), cpus * 1000, static_cast<std::int64_t>(4 + rng_.below(30)) * kGi, {}, {}};
        const bool mixed = rng_.chance(20);
        const std::string model = rng_.chance(70) ? "A" : "B";
        for (int i = 0; i < static_cast<int>(rng_.below(6)); ++i) {
            node.devices.push_back({i, mixed && rng_.chance(50) ? "B" : model, true, fmt::format("n{}-{}", n, i)});
        }
        if (rng_.chance(30)) node.labels["disk"] = "ssd";
        if (rng_.chance(20)) node.replicas_max = static_cast<int>(rng_.below(6));
        return node;
    }

    void edit_pools() {
        pools_ = {{domain::kDefaultPool, domain::kDefaultPoolName, {}, {}, {}},
                  {domain::PoolId("p1"), "p1", {}, {}, {}},
                  {domain::PoolId("p2"), "p2", {}, {}, {}}};
        const std::string models[] = {"A", rng_.chance(50) ? "A" : "B"};
        for (const domain::Node& node : all_nodes_) {
            const std::uint64_t mine = rng_.below(3);  // Mostly whole nodes.
            for (const domain::Device& device : node.devices) {
                const std::uint64_t pool = rng_.chance(85) ? mine : rng_.below(3);
                if (pool > 0 && device.model == models[pool - 1]) pools_[pool].devices.insert({node.name, device.uuid});
            }
        }
        naive_.pools = pools_;
        snapshot_.set_pools(pools_);
    }

    void edit_groups() {
        naive_.groups.clear();
        const std::pair<const char*, const char*> list[] = {{"default", "default"}, {"g1", "p1"}, {"g2", "p2"}};
        const bool borrow = rng_.chance(60);
        for (const auto& [id, pool] : list) {
            domain::Group group{domain::GroupId(id), id, domain::PoolId(pool), rng_.chance(30), {}, {}};
            if (borrow && rng_.chance(80)) {
                group.borrowing = domain::Borrowing{"lab", {}, static_cast<int>(rng_.below(4)), rng_.chance(60)};
                if (rng_.chance(30)) group.borrowing->nominal = static_cast<int>(rng_.below(5));
            }
            naive_.groups.push_back(std::move(group));
        }
        snapshot_.set_groups(naive_.groups);
    }

    void set_nodes() {
        naive_.nodes.clear();
        for (const domain::Node& node : all_nodes_) {
            if (!gone_.contains(node.name)) naive_.nodes.push_back(node);
        }
        std::vector<domain::Node> shuffled(naive_.nodes.rbegin(), naive_.nodes.rend());
        snapshot_.set_nodes(std::move(shuffled));
    }

    void break_something() {
        domain::Node& node = all_nodes_[rng_.below(all_nodes_.size())];
        if (rng_.chance(40)) {
            if (gone_.erase(node.name) == 0) gone_.insert(node.name);
        } else if (!node.devices.empty()) {
            domain::Device& device = node.devices[rng_.below(node.devices.size())];
            device.healthy = !device.healthy;
        }
        set_nodes();
    }

    void submit() {
        if (naive_.waiting.size() > 14) return;
        Workload workload;
        workload.id = domain::JobId(fmt::format("j{}", ++count_));
        workload.name = workload.id.str();
        workload.owner = domain::UserId(rng_.chance(50) ? "ann" : "bob");
        workload.group = naive_.groups[rng_.below(3)].id;
        workload.priority = rng_.chance(75) ? 0 : static_cast<int>(rng_.below(3)) - 1;
        workload.rank = rng_.chance(90) ? count_ : -count_;
        Need need{"worker",
                  rng_.chance(70) ? 1 : static_cast<int>(1 + rng_.below(4)),
                  static_cast<std::int64_t>(1 + rng_.below(3)) * 500,
                  static_cast<std::int64_t>(1 + rng_.below(3)) * kGi,
                  static_cast<int>(rng_.below(4)),
                  ""};
        if (rng_.chance(70) && need.gpus == 0) need.gpus = 1;
        if (rng_.chance(10)) need.node_label = "disk=ssd";
        workload.needs.push_back(need);
        if (rng_.chance(15))
            workload.needs.push_back(
                {"ps", static_cast<int>(1 + rng_.below(2)), 500, kGi, static_cast<int>(rng_.below(2)), ""});
        if (rng_.chance(20)) workload.gpu_model = rng_.chance(50) ? "A" : "B";
        workload.immediate = rng_.chance(8);
        if (rng_.chance(6)) workload.held = "held";
        if (rng_.chance(75)) {
            const auto median = static_cast<std::int64_t>(1 + rng_.below(10)) * 10'000;
            workload.run_time = domain::ExpectedRunTime{
                Duration(median), Duration(median + static_cast<std::int64_t>(rng_.below(3)) * 10'000), false};
        }
        naive_.waiting.push_back(workload);
        snapshot_.enqueue(std::move(workload));
    }

    void change_waiting() {
        if (naive_.waiting.empty()) return;
        const std::size_t at = rng_.below(naive_.waiting.size());
        Workload& workload = naive_.waiting[at];
        if (rng_.chance(40)) {
            snapshot_.dequeue(workload.id);
            naive_.waiting.erase(naive_.waiting.begin() + static_cast<std::ptrdiff_t>(at));
            return;
        }
        if (rng_.chance(50)) workload.held = workload.held.empty() ? "held" : "";
        else workload.priority += 1;
        snapshot_.enqueue(workload);
    }

    void finish() {
        if (naive_.running.empty()) return;
        const std::size_t at = rng_.below(naive_.running.size());
        snapshot_.finish(naive_.running[at].workload.id);
        naive_.running.erase(naive_.running.begin() + static_cast<std::ptrdiff_t>(at));
    }

    void set_ending() {
        if (naive_.running.empty()) return;
        Running& running = naive_.running[rng_.below(naive_.running.size())];
        running.ending = true;
        snapshot_.set_ending(running.workload.id);
    }

    void carry_out(const Plan& plan) {
        for (const Start& start : plan.starts) {
            const auto at = std::find_if(naive_.waiting.begin(), naive_.waiting.end(),
                                         [&](const Workload& it) { return it.id == start.id; });
            REQUIRE(at != naive_.waiting.end());
            check_start(*at, start);
            Running running{*at, start.places, now_, false};
            naive_.waiting.erase(at);
            snapshot_.dequeue(start.id);
            snapshot_.start(running);
            naive_.running.push_back(std::move(running));
            started_ += 1;
        }
        reclaimed_ += plan.reclaims.size();
        for (const Reclaim& reclaim : plan.reclaims) {
            if (rng_.chance(20)) continue;
            snapshot_.set_ending(reclaim.id);
            for (Running& running : naive_.running)
                running.ending = running.ending || running.workload.id == reclaim.id;
        }
    }

    // What fault() cannot know: whose devices those are, and that they are healthy and of one model.
    void check_start(const Workload& workload, const Start& start) {
        REQUIRE(static_cast<int>(start.places.size()) == workload.replicas());
        const auto group = std::find_if(naive_.groups.begin(), naive_.groups.end(),
                                        [&](const auto& it) { return it.id == workload.group; });
        std::set<std::string> models;
        std::size_t replica = 0;
        for (const Need& need : workload.needs) {
            for (int i = 0; i < need.count; ++i, ++replica) {
                const Place& place = start.places[replica];
                if (!workload.immediate) REQUIRE(static_cast<int>(place.devices.size()) == need.gpus);
                REQUIRE(static_cast<int>(place.devices.size()) <= need.gpus);
                const auto node = std::find_if(naive_.nodes.begin(), naive_.nodes.end(),
                                               [&](const auto& it) { return it.name == place.node; });
                REQUIRE(node != naive_.nodes.end());
                if (!need.node_label.empty()) REQUIRE(node->labels.contains("disk"));
                std::set<domain::PoolId> of_pools;
                for (const int index : place.devices) {
                    const domain::Device& device = node->devices[static_cast<std::size_t>(index)];
                    REQUIRE(device.healthy);
                    models.insert(device.model);
                    const domain::PoolId pool = snapshot_.pool_of({place.node, device.uuid});
                    of_pools.insert(pool);
                    if (pool == group->pool) continue;
                    REQUIRE(group->borrowing);
                    borrowed_ += 1;
                }
                across_ += of_pools.size() > 1 ? 1 : 0;
            }
        }
        REQUIRE(models.size() <= 1);
        if (!workload.gpu_model.empty() && !models.empty()) REQUIRE(*models.begin() == workload.gpu_model);
    }

    Rng rng_;
    Snapshot snapshot_;
    NaiveScheduler naive_;
    std::vector<domain::Node> all_nodes_;
    std::vector<domain::Pool> pools_;
    std::set<std::string> gone_;
    Time now_ = time_from_ms(1'000'000);
    int count_ = 0;
    int compared_ = 0;
    std::size_t started_ = 0, reclaimed_ = 0, borrowed_ = 0, across_ = 0;
};

}  // namespace

TEST_CASE("whatever happens, plan() says what the naive scheduler says, and keeps all rules") {
    std::size_t started = 0, reclaimed = 0, borrowed = 0, across = 0;
    for (std::uint64_t seed = 1; seed <= 600; ++seed) {
        CAPTURE(seed);
        Story story(seed);
        for (int step = 0; step < 60; ++step) {
            CAPTURE(step);
            story.step();
            story.compare();
        }
        started += story.started();
        reclaimed += story.reclaimed();
        borrowed += story.borrowed();
        across += story.across();
    }
    // That the stories tell something.
    CHECK(started > 1000);
    CHECK(reclaimed > 20);
    CHECK(borrowed > 50);
    CHECK(across > 20);
}
