#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/group.hpp"
#include "domain/ids.hpp"
#include "domain/node.hpp"
#include "domain/pool.hpp"
#include "domain/run_time.hpp"

namespace pintle::scheduling {

/// What `count` equal replicas of a workload need, each.
struct Need {
    std::string resource;  ///< "worker", for sentences.
    int count = 1;
    std::int64_t cpu_millis = 0;
    std::int64_t memory_bytes = 0;
    int gpus = 0;
    std::string node_label;  ///< "key=value" or "key"; empty: any node.
    bool operator==(const Need&) const = default;
};

/// Where one replica goes.
struct Place {
    std::string node;
    std::vector<int> devices;  ///< Indexes of the node's devices, sorted.
    bool operator==(const Place&) const = default;
};

/// A workload (a job, a notebook, an inference) as the scheduler sees it. All its replicas are placed together or
/// none is, on GPUs of one model.
struct Workload {
    domain::JobId id;
    std::string name;  ///< "digits/train:3", for sentences.
    domain::UserId owner;
    domain::GroupId group;  ///< Of the owner; its pool is where the workload queues.
    int priority = 0;       ///< The higher goes first.
    std::int64_t rank = 0;  ///< Among equals, the lower goes first. Unique.
    Time submitted_at{};
    std::vector<Need> needs;
    std::string gpu_model;   ///< Only GPUs of this model; empty: any one model.
    bool immediate =
        false;  ///< Takes as many GPUs as are free now, at most those it asks for, and never waits for GPUs.
    std::string held;        ///< Why it must not start; empty: it may.
    std::optional<domain::ExpectedRunTime> run_time;
    bool operator==(const Workload&) const = default;

    [[nodiscard]] int gpus() const;  ///< Of all replicas together.
    [[nodiscard]] int replicas() const;
};

/// A workload that holds its places.
struct Running {
    Workload workload;
    std::vector<Place> places;  ///< One per replica, in the order of the needs.
    Time started_at{};
    bool ending = false;  ///< It is being stopped; its resources come back soon.
    bool operator==(const Running&) const = default;
};

struct Options {
    int backfill_depth = 100;  ///< How many jobs behind a blocked head are tried; 0: strictly first come first served.
};

struct NodeUse {
    std::int64_t cpu_millis = 0;
    std::int64_t memory_bytes = 0;
    std::vector<int> devices;  ///< In use, sorted.
    int replicas = 0;
    bool operator==(const NodeUse&) const = default;
};

/// The numbers of a pool. `total` = used + free + unhealthy that nobody uses; over all pools it is the cluster's.
struct PoolUse {
    int total = 0;
    int used = 0;
    int unhealthy = 0;  ///< In use or not.
    int free = 0;       ///< Healthy and unused.
    int waiting_jobs = 0;
    std::map<domain::GroupId, int> used_by_group;  ///< More than one where GPUs are on loan.
    std::map<std::string, int> nodes;              ///< Devices by node; more than one entry: a clustered pool.
    bool operator==(const PoolUse&) const = default;
};

/// Everything that scheduling decides from: nodes, pools, groups, what runs and what waits, with the indexes that
/// make deciding fast. It is changed piece by piece as things happen, and read as a whole by plan(), explain() and
/// forecast(), which are functions of it and of the time alone: equal contents give equal answers, in whichever order
/// they came.
///
/// Threading: none of its own; one owner, also for reading: plan() and explain() try things in it and take them back.
/// Copies are independent and cost all of it.
/// Failure: breaking a rule (a device given twice, an unknown id) aborts: the caller knows better. That a node has less
/// CPU or memory than what runs there, as after it shrank, only keeps it from getting more. What runs on a node or
/// device that is not there any more still counts as running, holds nothing.
class Snapshot {
public:
    Snapshot();
    Snapshot(const Snapshot& other);
    Snapshot(Snapshot&& other) noexcept;
    Snapshot& operator=(Snapshot other) noexcept;
    ~Snapshot();

    void set_options(Options options);
    /// All of them, in place of what was there. Running workloads keep their places.
    void set_nodes(std::vector<domain::Node> nodes);
    /// All of them, with the Default Pool, whose devices are those that no other lists.
    void set_pools(std::vector<domain::Pool> pools);
    /// All of them, each with a pool that is there; those of what waits among them.
    void set_groups(std::vector<domain::Group> groups);

    /// Puts a workload into the queue, or replaces the waiting one of this id.
    void enqueue(Workload workload);
    /// Nothing when it does not wait.
    void dequeue(const domain::JobId& id);
    /// It has its places now. It must have been dequeued.
    void start(Running running);
    void set_ending(const domain::JobId& id);
    /// Nothing when it does not run.
    void finish(const domain::JobId& id);

    [[nodiscard]] const Workload* find_waiting(const domain::JobId& id) const;
    [[nodiscard]] const Running* find_running(const domain::JobId& id) const;
    [[nodiscard]] std::size_t waiting() const;
    [[nodiscard]] std::size_t running() const;
    /// Those that wait in the pool, in the order in which their turn comes; at most `most`.
    [[nodiscard]] std::vector<domain::JobId> queue_of(const domain::PoolId& pool, std::size_t most) const;
    /// 1 is first; 0 when it does not wait.
    [[nodiscard]] std::size_t position_of(const domain::JobId& id) const;

    [[nodiscard]] const std::vector<domain::Node>& nodes() const;  ///< By name.
    [[nodiscard]] NodeUse use_of_node(const std::string& node) const;
    [[nodiscard]] PoolUse use_of_pool(const domain::PoolId& pool) const;
    /// The pool of a device that is there.
    [[nodiscard]] domain::PoolId pool_of(const domain::DeviceKey& device) const;
    /// Which workloads hold the device: none or one.
    [[nodiscard]] std::optional<domain::JobId> user_of(const domain::DeviceKey& device) const;

    /// The first broken rule in words, or nothing, found by counting everything anew: no device has two users, no
    /// node gives more than it has, every device is in one pool and the pools add up to the cluster.
    [[nodiscard]] std::optional<std::string> fault() const;

    struct Impl;
    [[nodiscard]] const Impl& impl() const { return *impl_; }

private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::scheduling
