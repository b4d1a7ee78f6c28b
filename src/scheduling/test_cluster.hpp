#pragma once

#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/check.hpp"
#include "scheduling/scheduler.hpp"
#include "scheduling/snapshot.hpp"

namespace pintle::scheduling {

inline constexpr std::int64_t kGi = 1LL << 30;

/// A cluster for tests: put together in a line or two, and moved on by doing what plan() says.
class TestCluster {
public:
    Snapshot snapshot;
    Time now = time_from_ms(1'000'000'000);

    TestCluster& node(const std::string& name, int gpus, const std::string& model = "A100", std::int64_t cpus = 64,
                      std::int64_t gi = 512, std::map<std::string, std::string> labels = {}) {
        domain::Node node{name, cpus * 1000, gi * kGi, {}, std::move(labels)};
        for (int i = 0; i < gpus; ++i) node.devices.push_back({i, model, true, fmt::format("{}-{}", name, i)});
        nodes.push_back(std::move(node));
        snapshot.set_nodes(nodes);
        return *this;
    }
    /// Of the devices of whole nodes.
    TestCluster& pool(const std::string& name, const std::vector<std::string>& of_nodes) {
        domain::Pool pool{domain::PoolId(name), name, {}, {}, {}};
        for (const domain::Node& node : nodes) {
            if (std::find(of_nodes.begin(), of_nodes.end(), node.name) == of_nodes.end()) continue;
            for (const domain::Device& device : node.devices) pool.devices.insert({node.name, device.uuid});
        }
        pools.push_back(std::move(pool));
        snapshot.set_pools(pools);
        return *this;
    }
    TestCluster& group(const std::string& name, const std::string& pool,
                       std::optional<domain::Borrowing> borrowing = {}, bool fair = false) {
        groups.push_back({domain::GroupId(name), name, domain::PoolId(pool), fair, std::move(borrowing), {}});
        snapshot.set_groups(groups);
        return *this;
    }

    /// A workload of one replica, ready to be changed before submit().
    Workload workload(const std::string& name, int gpus) {
        Workload workload;
        workload.id = domain::JobId(name);
        workload.name = "p/" + name;
        workload.owner = domain::UserId("ann");
        workload.group = groups.back().id;
        workload.rank = ++rank_;
        workload.needs = {{"worker", 1, 1000, kGi, gpus, ""}};
        return workload;
    }
    void submit(Workload workload) { snapshot.enqueue(std::move(workload)); }
    void submit(const std::string& name, int gpus) { submit(workload(name, gpus)); }
    void submit(const std::string& name, int gpus, int median_s) {
        Workload job = workload(name, gpus);
        job.run_time = run_time(median_s);
        submit(std::move(job));
    }
    static domain::ExpectedRunTime run_time(int median_s) {
        return {Duration(median_s * 1000), Duration(median_s * 1000), false};
    }

    [[nodiscard]] Plan plan() const { return scheduling::plan(snapshot, now); }
    /// Does what plan() says about starting; who started, "a b".
    std::string step() {
        std::string names;
        for (Start& start : plan().starts) {
            const Workload* waiting = snapshot.find_waiting(start.id);
            check(waiting != nullptr, "what starts waits");
            Running running{*waiting, std::move(start.places), now, false};
            snapshot.dequeue(start.id);
            names += (names.empty() ? "" : " ") + start.id.str();
            snapshot.start(std::move(running));
        }
        return names;
    }
    void finish(const std::string& name) { snapshot.finish(domain::JobId(name)); }
    [[nodiscard]] std::vector<Place> places(const std::string& name) const {
        return snapshot.find_running(domain::JobId(name))->places;
    }
    /// "n1 n1 n2": the nodes of its replicas.
    [[nodiscard]] std::string nodes_of(const std::string& name) const {
        std::string text;
        for (const Place& place : places(name)) text += (text.empty() ? "" : " ") + place.node;
        return text;
    }
    void pass_time(int seconds) { now += Duration(seconds * 1000); }
    void set_healthy(const std::string& node, int device, bool healthy) {
        for (domain::Node& each : nodes) {
            if (each.name == node) each.devices[static_cast<std::size_t>(device)].healthy = healthy;
        }
        snapshot.set_nodes(nodes);
    }

    std::vector<domain::Node> nodes;
    std::vector<domain::Pool> pools{{domain::kDefaultPool, domain::kDefaultPoolName, {}, {}, {}}};
    std::vector<domain::Group> groups{
        {domain::kDefaultGroup, domain::kDefaultGroupName, domain::kDefaultPool, false, {}, {}}};

private:
    std::int64_t rank_ = 0;
};

}  // namespace pintle::scheduling
