// How fast the scheduler decides, on loads made by a seeded generator. Prints one JSON object per measure and line:
//   scheduling_bench [--nodes N] [--waiting N]
//                    [--case mixed|reclaim|unplaceable|unchanged|churn|flow|flow_together|forecast|what_if|
//                            what_if_pools|pools]
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/rng.hpp"
#include "base/text.hpp"
#include "scheduling/explanation.hpp"
#include "scheduling/scheduler.hpp"

using namespace pintle;
using namespace pintle::scheduling;

namespace {

constexpr std::int64_t kGi = 1LL << 30;
const Time kNow = time_from_ms(1'000'000'000);

struct Size {
    int nodes = 5000;
    int waiting = 10000;
};

// Of processor time: it is one thread that neither waits nor sleeps, and others may use the machine too.
class Stopwatch {
public:
    [[nodiscard]] double seconds() const { return static_cast<double>(std::clock() - start_) / CLOCKS_PER_SEC; }

private:
    std::clock_t start_ = std::clock();
};

void report(const std::string& name, const Size& size, std::size_t decisions, double seconds) {
    fmt::print(
        "{{\"name\": \"{}\", \"nodes\": {}, \"waiting\": {}, \"decisions\": {}, \"seconds\": {:.6f}, \"per_second\": "
        "{:.0f}}}\n",
        name, size.nodes, size.waiting, decisions, seconds, static_cast<double>(decisions) / seconds);
}

std::vector<domain::Node> a_cluster(int count, int gpus = 8) {
    std::vector<domain::Node> nodes;
    for (int n = 0; n < count; ++n) {
        domain::Node node{fmt::format("node-{:05}", n), 128'000, 1024 * kGi, {}, {}};
        for (int d = 0; d < gpus; ++d) node.devices.push_back({d, "H100", true, fmt::format("{}-{}", n, d)});
        nodes.push_back(std::move(node));
    }
    return nodes;
}

Workload a_workload(int number, int gpus, int replicas, const char* group = "default") {
    Workload workload;
    workload.id = domain::JobId(fmt::format("01J0000000000000000{:07}", number));
    workload.name = fmt::format("p/train:{}", number);
    workload.owner = domain::UserId("ann");
    workload.group = domain::GroupId(group);
    workload.rank = number;
    workload.needs = {{"worker", replicas, 4000, 16 * kGi, gpus, ""}};
    return workload;
}

// 1, 2, 4 and 8 GPUs; one of twenty is a gang of 2 to 16 nodes.
Workload a_mixed_workload(Rng& rng, int number) {
    const bool gang = rng.chance(5);
    Workload workload =
        gang ? a_workload(number, 8, static_cast<int>(2 + rng.below(15))) : a_workload(number, 1 << rng.below(4), 1);
    workload.needs[0].memory_bytes = static_cast<std::int64_t>(4 + rng.below(4) * 4) * kGi;
    const auto median = static_cast<std::int64_t>(1 + rng.below(24)) * 600'000;
    workload.run_time = domain::ExpectedRunTime{Duration(median), Duration(median * 2), false};
    return workload;
}

std::size_t carry_out(Snapshot& snapshot, Plan plan, Time now) {
    for (Start& start : plan.starts) {
        Running running{*snapshot.find_waiting(start.id), std::move(start.places), now, false};
        snapshot.dequeue(start.id);
        snapshot.start(std::move(running));
    }
    return plan.starts.size();
}

Snapshot a_full_cluster(const Size& size, Rng& rng) {
    Snapshot snapshot;
    snapshot.set_nodes(a_cluster(size.nodes));
    int number = 0;
    for (int gpus = 0; gpus < size.nodes * 8;) {
        Workload workload = a_mixed_workload(rng, ++number);
        gpus += workload.gpus();
        snapshot.enqueue(std::move(workload));
    }
    carry_out(snapshot, plan(snapshot, kNow), kNow);
    // What was too large for what was left.
    for (;;) {
        Workload workload = a_workload(++number, 1, 1);
        workload.run_time = domain::ExpectedRunTime{Duration(3'600'000), Duration(7'200'000), false};
        workload.priority = 1;
        const domain::JobId id = workload.id;
        snapshot.enqueue(std::move(workload));
        if (carry_out(snapshot, plan(snapshot, kNow), kNow) > 0) continue;
        snapshot.dequeue(id);
        break;
    }
    for (const domain::JobId& id : snapshot.queue_of(domain::kDefaultPool, 1'000'000)) snapshot.dequeue(id);
    return snapshot;
}

void fill_queue(Snapshot& snapshot, const Size& size, Rng& rng) {
    for (int i = 0; i < size.waiting; ++i) snapshot.enqueue(a_mixed_workload(rng, 1'000'000 + i));
}

// An empty cluster; whoever waits is decided about in one pass. All that wait are decisions.
void measure_mixed(const Size& size) {
    Rng rng(1);
    Snapshot snapshot;
    snapshot.set_nodes(a_cluster(size.nodes));
    fill_queue(snapshot, size, rng);
    const Stopwatch watch;
    const Plan planned = plan(snapshot, kNow);
    const double seconds = watch.seconds();
    report("mixed, starts", size, planned.starts.size(), seconds);
    report("mixed, all that wait", size, static_cast<std::size_t>(size.waiting), seconds);
}

// As above, with 9 of 10 asking for a node that has twice the GPUs of any.
void measure_unplaceable(const Size& size) {
    Rng rng(2);
    Snapshot snapshot;
    snapshot.set_nodes(a_cluster(size.nodes));
    for (int i = 0; i < size.waiting; ++i) {
        Workload workload = a_mixed_workload(rng, i);
        if (!rng.chance(10)) {
            workload.needs[0].gpus = 16;
            workload.needs[0].memory_bytes = static_cast<std::int64_t>(1 + rng.below(1000)) * kGi;
        }
        snapshot.enqueue(std::move(workload));
    }
    const Stopwatch watch;
    static_cast<void>(plan(snapshot, kNow));
    report("unplaceable, all that wait", size, static_cast<std::size_t>(size.waiting), watch.seconds());
}

// Two groups; one has filled both pools, the other takes its own back job by job.
void measure_reclaim(const Size& size) {
    Snapshot snapshot;
    snapshot.set_nodes(a_cluster(size.nodes));
    // 100 pools that lend, and one group that has borrowed it all.
    std::vector<domain::Pool> pools{{domain::kDefaultPool, domain::kDefaultPoolName, {}, {}, {}}};
    std::vector<domain::Group> groups{{domain::kDefaultGroup, domain::kDefaultGroupName, domain::kDefaultPool, false,
                                       domain::Borrowing{"lab", 0, size.nodes * 8, false}, {}}};
    for (int p = 0; p < 100; ++p) {
        const std::string name = fmt::format("p{:03}", p);
        pools.push_back({domain::PoolId(name), name, "H100", {}, {}});
        groups.push_back(
            {domain::GroupId(name), name, domain::PoolId(name), false, domain::Borrowing{"lab", {}, 0, true}, {}});
    }
    const std::vector<domain::Node> nodes = a_cluster(size.nodes);
    for (std::size_t n = 0; n < nodes.size(); ++n) {
        for (const domain::Device& device : nodes[n].devices)
            pools[1 + n % 100].devices.insert({nodes[n].name, device.uuid});
    }
    snapshot.set_pools(pools);
    snapshot.set_groups(groups);
    int number = 0;
    for (std::size_t n = 0; n < nodes.size(); ++n) {
        for (int half = 0; half < 2; ++half) {
            const std::vector<int> devices = half == 0 ? std::vector<int>{0, 1, 2, 3} : std::vector<int>{4, 5, 6, 7};
            snapshot.start({a_workload(++number, 4, 1), {{nodes[n].name, devices}}, kNow - Duration(number), false});
        }
    }
    for (int i = 0; i < size.waiting; ++i)
        snapshot.enqueue(
            a_workload(1'000'000 + i, 8, 1, groups[1 + static_cast<std::size_t>(i % 100)].id.str().c_str()));
    std::size_t decisions = 0;
    double seconds = 0;
    for (int round = 0; round < 40; ++round) {
        const Stopwatch watch;
        Plan planned = plan(snapshot, kNow);
        seconds += watch.seconds();
        decisions += planned.starts.size() + planned.reclaims.size();
        for (const Reclaim& reclaim : planned.reclaims) snapshot.set_ending(reclaim.id);
        for (const Reclaim& reclaim : planned.reclaims) snapshot.finish(reclaim.id);
        carry_out(snapshot, std::move(planned), kNow);
        if (decisions == 0) break;
    }
    report("reclaim", size, decisions, seconds);
}

void measure_unchanged(const Size& size) {
    Rng rng(3);
    Snapshot snapshot = a_full_cluster(size, rng);
    fill_queue(snapshot, size, rng);
    const Stopwatch first;
    const std::size_t starts = plan(snapshot, kNow).starts.size();
    report("unchanged, first look", size, 1 + starts, first.seconds());
    const Stopwatch watch;
    for (int i = 0; i < 100; ++i) static_cast<void>(plan(snapshot, kNow + Duration(i)));
    report("unchanged, passes", size, 100, watch.seconds());
    // One more at the end of the queue.
    const Stopwatch again;
    for (int i = 0; i < 20; ++i) {
        snapshot.enqueue(a_workload(5'000'000 + i, 8, 1));
        static_cast<void>(plan(snapshot, kNow));
    }
    report("unchanged but for one more waiting, passes", size, 20, again.seconds());
}

// A full cluster; jobs end one by one and a pass follows each.
void measure_churn(const Size& size) {
    Rng rng(4);
    Snapshot snapshot = a_full_cluster(size, rng);
    std::vector<domain::JobId> running;
    for (int i = 1; i < size.nodes * 8; ++i) {
        const domain::JobId id = a_workload(i, 1, 1).id;
        if (snapshot.find_running(id) != nullptr) running.push_back(id);
    }
    fill_queue(snapshot, size, rng);
    static_cast<void>(plan(snapshot, kNow));
    Time now = kNow;
    std::size_t starts = 0;
    const Stopwatch watch;
    for (int i = 0; i < 300; ++i) {
        now += Duration(100);
        snapshot.finish(running[static_cast<std::size_t>(i)]);
        starts += carry_out(snapshot, plan(snapshot, now), now);
    }
    const double seconds = watch.seconds();
    report("churn, passes", size, 300, seconds);
    report("churn, starts", size, starts, seconds);
}

// 1,000 pools of 20 GPUs in 10 cohorts, so many to a node, short jobs of 1, 5 and 20 GPUs; a pass after each event.
void measure_flow_on(const Size& size, int pools_on_node, bool only_asked = false) {
    const int count = 1000;
    Rng rng(5);
    Snapshot snapshot;
    std::vector<domain::Node> nodes = a_cluster(count / pools_on_node, 20 * pools_on_node);
    for (domain::Node& node : nodes) {
        node.cpu_millis *= pools_on_node;
        node.memory_bytes *= pools_on_node;
        node.replicas_max *= pools_on_node;
    }
    snapshot.set_nodes(nodes);
    std::vector<domain::Pool> pools{{domain::kDefaultPool, domain::kDefaultPoolName, {}, {}, {}}};
    std::vector<domain::Group> groups{
        {domain::kDefaultGroup, domain::kDefaultGroupName, domain::kDefaultPool, false, {}, {}}};
    for (int p = 0; p < count; ++p) {
        const std::string name = fmt::format("p{:04}", p);
        domain::Pool pool{domain::PoolId(name), name, "H100", {}, {}};
        const domain::Node& node = nodes[static_cast<std::size_t>(p / pools_on_node)];
        for (std::size_t d = 0; d < 20; ++d)
            pool.devices.insert({node.name, node.devices[static_cast<std::size_t>(p % pools_on_node) * 20 + d].uuid});
        pools.push_back(std::move(pool));
        groups.push_back({domain::GroupId(name),
                          name,
                          domain::PoolId(name),
                          false,
                          domain::Borrowing{fmt::format("c{}", p % 10), {}, 100, false},
                          {}});
    }
    snapshot.set_pools(pools);
    snapshot.set_groups(groups);
    for (int i = 0; i < size.waiting; ++i) {
        const std::uint64_t kind = rng.below(10);
        Workload workload = a_workload(i,
                                       kind < 7   ? 1
                                       : kind < 9 ? 5
                                                  : 20,
                                       1, groups[1 + rng.below(count)].id.str().c_str());
        workload.needs[0].cpu_millis = 1000;
        if (only_asked)
            workload.run_time = domain::ExpectedRunTime{Duration(600'000 + i), Duration(900'000 + i), false};
        workload.priority = kind < 7 ? 50 : kind < 9 ? 100 : 200;
        snapshot.enqueue(std::move(workload));
    }
    if (only_asked) {
        carry_out(snapshot, plan(snapshot, kNow), kNow);
        static_cast<void>(plan(snapshot, kNow));
        const Stopwatch watch;
        for (int i = 0; i < 20; ++i) {
            Workload workload = a_workload(9'000'000 + i, 5, 1, groups[1 + rng.below(count)].id.str().c_str());
            static_cast<void>(what_if(snapshot, workload, kNow));
        }
        return report("what_if, 1,000 pools", size, 20, watch.seconds());
    }
    std::vector<domain::JobId> running;
    std::size_t starts = 0, passes = 0;
    double planning = 0;
    const Stopwatch all;
    do {
        if (!running.empty()) {
            std::swap(running.back(), running[rng.below(running.size())]);
            snapshot.finish(running.back());
            running.pop_back();
        }
        const Stopwatch watch;
        Plan planned = plan(snapshot, kNow);
        planning += watch.seconds();
        passes += 1;
        for (const Start& start : planned.starts) running.push_back(start.id);
        starts += carry_out(snapshot, std::move(planned), kNow);
    } while (!running.empty() && all.seconds() < 60);
    const std::string name = fmt::format("flow, {} to a node", count_of(pools_on_node, "pool"));
    report(name + ", passes", size, passes, planning);
    report(name + ", starts", size, starts, planning);
    report(name + ", starts with all bookkeeping", size, starts, all.seconds());
}

void measure_flow(const Size& size) { measure_flow_on(size, 1); }
void measure_what_if_pools(const Size& size) { measure_flow_on(size, 1, true); }
void measure_flow_together(const Size& size) { measure_flow_on(size, 100); }

void measure_forecast(const Size& size) {
    Rng rng(6);
    Snapshot snapshot = a_full_cluster(size, rng);
    fill_queue(snapshot, size, rng);
    static_cast<void>(plan(snapshot, kNow));
    const Stopwatch watch;
    const std::size_t known = forecast(snapshot, kNow).size();
    report("forecast", size, known, watch.seconds());
}

void measure_what_if(const Size& size) {
    Rng rng(7);
    Snapshot snapshot = a_full_cluster(size, rng);
    fill_queue(snapshot, size, rng);
    static_cast<void>(plan(snapshot, kNow));
    const Stopwatch watch;
    for (int i = 0; i < 20; ++i) static_cast<void>(what_if(snapshot, a_mixed_workload(rng, 9'000'000 + i), kNow));
    report("what_if", size, 20, watch.seconds());
    // Nothing that is remembered helps: a job ends before each, and others start.
    double seconds = 0;
    for (int i = 1, asked = 0; asked < 20; ++i) {
        const domain::JobId id = a_workload(i, 1, 1).id;
        if (snapshot.find_running(id) == nullptr) continue;
        snapshot.finish(id);
        carry_out(snapshot, plan(snapshot, kNow), kNow);
        const Stopwatch one;
        static_cast<void>(what_if(snapshot, a_mixed_workload(rng, 9'000'000 + i), kNow));
        seconds += one.seconds();
        ++asked;
    }
    report("what_if, after each change", size, 20, seconds);
    const std::vector<domain::JobId> queue = snapshot.queue_of(domain::kDefaultPool, 1'000'000);
    const Stopwatch again;
    for (std::size_t i = 0; i < 20; ++i) static_cast<void>(explain(snapshot, queue[i * (queue.size() - 1) / 19], kNow));
    report("explain", size, 20, again.seconds());
}

// What making pools one by one asks: 1,000 of 20 devices, on nodes of 2,000. All devices are looked at for each.
void measure_pools(const Size& size) {
    const std::vector<domain::Node> nodes = a_cluster(10, 2000);
    Snapshot snapshot;
    snapshot.set_nodes(nodes);
    std::vector<domain::Pool> pools{{domain::kDefaultPool, domain::kDefaultPoolName, {}, {}, {}}};
    double looking = 0, setting = 0;
    std::size_t found = 0;
    for (int p = 0; p < 1000; ++p) {
        const Stopwatch look;
        for (const domain::Node& node : nodes) {
            for (const domain::Device& device : node.devices) {
                found += snapshot.pool_of({node.name, device.uuid}) == domain::kDefaultPool ? 1 : 0;
                found += snapshot.user_of({node.name, device.uuid}) ? 1 : 0;
            }
        }
        looking += look.seconds();
        const std::string name = fmt::format("p{:04}", p);
        domain::Pool pool{domain::PoolId(name), name, "H100", {}, {}};
        const domain::Node& node = nodes[static_cast<std::size_t>(p / 100)];
        for (std::size_t d = 0; d < 20; ++d)
            pool.devices.insert({node.name, node.devices[static_cast<std::size_t>(p % 100) * 20 + d].uuid});
        pools.push_back(std::move(pool));
        const Stopwatch set;
        snapshot.set_pools(pools);
        setting += set.seconds();
    }
    report("pools, looking at all devices", size, found > 0 ? 1000 : 0, looking);
    report("pools, setting them", size, 1000, setting);
}

}  // namespace

int main(int argc, char** argv) {
    Size size;
    std::string only;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (std::strcmp(argv[i], "--nodes") == 0) size.nodes = std::atoi(argv[i + 1]);
        if (std::strcmp(argv[i], "--waiting") == 0) size.waiting = std::atoi(argv[i + 1]);
        if (std::strcmp(argv[i], "--case") == 0) only = argv[i + 1];
    }
    const std::vector<std::pair<std::string, void (*)(const Size&)>> cases{
        {"mixed", measure_mixed},
        {"unplaceable", measure_unplaceable},
        {"reclaim", measure_reclaim},
        {"unchanged", measure_unchanged},
        {"churn", measure_churn},
        {"flow", measure_flow},
        {"flow_together", measure_flow_together},
        {"forecast", measure_forecast},
        {"what_if", measure_what_if},
        {"what_if_pools", measure_what_if_pools},
        {"pools", measure_pools}};
    bool found = false;
    for (const auto& [name, measure] : cases) {
        if (!only.empty() && only != name) continue;
        found = true;
        measure(size);
    }
    if (!found) fmt::print(stderr, "there is no case \"{}\"\n", only);
    return found ? 0 : 2;
}
