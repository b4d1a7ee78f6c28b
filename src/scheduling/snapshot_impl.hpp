#pragma once

#include <set>
#include <string_view>
#include <unordered_map>

#include "scheduling/ledger.hpp"
#include "scheduling/placement.hpp"
#include "scheduling/present.hpp"
#include "scheduling/scheduler.hpp"
#include "scheduling/snapshot.hpp"

namespace pintle::scheduling {

/// A workload in the queue, with its names turned into numbers.
struct Waiting {
    Workload workload;
    Asked asked;
    int group = 0;
    int pool = 0;
    int owner = 0;
    int shape = 0;
    std::uint64_t tried_in = 0;  ///< The pass that has started it on trial.

    [[nodiscard]] bool ready() const { return workload.held.empty(); }
    /// It may change what workloads of any pool get, since it may go to any node.
    [[nodiscard]] bool roams() const { return asked.roams && ready() && !workload.immediate; }
    /// When it will have ended, 9 times of 10, if it starts now.
    [[nodiscard]] Key end_if_started(Time now) const {
        return workload.run_time ? to_ms(now + workload.run_time->high) : kNever;
    }
};

struct ByTurn {
    bool operator()(const Waiting* a, const Waiting* b) const {
        if (a->workload.priority != b->workload.priority) return a->workload.priority > b->workload.priority;
        return a->workload.rank < b->workload.rank;
    }
};
using Queue = std::set<Waiting*, ByTurn>;

/// Workloads of one shape, and in a pool with fair share of one owner: when one cannot start, none of them can.
struct Unit {
    int shape = 0;
    int owner = -1;  ///< -1: of all owners.
    Queue members;
};

struct Usage {
    int gpus = 0;
    std::int64_t cpu_millis = 0;
    auto operator<=>(const Usage&) const = default;
};

struct PoolState {
    domain::Pool pool;
    bool fair = false;
    int region = 0;
    std::vector<int> bins;  ///< By the model's name.
    Queue queue;            ///< All that wait here.
    std::unordered_map<std::uint64_t, Unit> units;  ///< Those of them that are ready and not immediate.
    std::unordered_map<int, Usage> usage;           ///< By owner, of what queued here.

    /// With `sign` -1 it uses that much less.
    void use(int owner, int gpus, std::int64_t cpu_millis, int sign);

    // What the last pass found.
    Waiting* head = nullptr;  ///< The first that lacks GPUs, whose GPUs are held.
    std::vector<AwaitGpus> awaits;
};

struct GroupState {
    domain::Group group;
    int pool = 0;
    int cohort = -1;
    int used = 0;  ///< GPUs.
};

struct Cohort {
    std::string name;
    std::vector<int> groups;
    std::vector<int> pools;
    bool changed = true;
};

/// Pools that share nodes. Queues of different regions do not touch each other, but by borrowing and by workloads
/// that may go to any node.
struct Region {
    std::vector<int> pools;
    std::vector<int> cohorts;
    std::vector<int> held_nodes;
    bool changed = true;  ///< Since the last pass that found nothing to do.
    Key since = 0;        ///< That pass is right for moments from here on …
    Key until = kNever;   ///< … and before here.
};

struct RunningRecord {
    Running running;
    Holder holder;
};

struct Snapshot::Impl {
    Options options;
    std::vector<domain::Node> nodes;
    std::int64_t cpu_millis_most = 0;  ///< Of any node.
    std::int64_t memory_bytes_most = 0;
    std::vector<domain::Pool> pool_list;
    std::vector<domain::Group> group_list;
    std::unordered_map<domain::JobId, RunningRecord> running;
    std::unordered_map<domain::JobId, Waiting> waiting;

    // What follows from those. A pass changes it and puts it back.
    struct Books {
        Ledger ledger;
        std::vector<PoolState> pools;  ///< By id.
        std::vector<GroupState> groups;
        std::vector<Cohort> cohorts;
        std::vector<Region> regions;
        Queue immediates;  ///< Ready ones.
        std::size_t roaming = 0;
        bool nodes_changed = true;  ///< Anything on any node, since the last pass that found nothing to do.
        std::vector<int> cpu_held_nodes;
        std::uint64_t passes = 0;
        /// [shape] → whether it could start if all ended: 0 not known yet, 1 it could, 2 it could not.
        std::vector<char> ever;
    };
    mutable Books books;
    /// Changes with whatever runs, where, and with all that rebuild() counts anew.
    std::uint64_t running_version = 1;
    mutable Present present;  ///< See present_of().
    mutable Walk walk;
    std::map<domain::PoolId, int> pool_by_id;
    std::unordered_map<domain::GroupId, int> group_by_id;
    std::unordered_map<domain::UserId, int> owner_by_id;
    std::map<std::string, int> model_by_name;
    std::vector<std::string> model_names;
    std::unordered_map<std::string, int> node_by_name;
    /// [node] → a device's place in NodeState::devices, by its uuid in `nodes`.
    std::vector<std::unordered_map<std::string_view, int>> slot_by_uuid;

    struct ShapeHash {
        std::size_t operator()(const std::vector<std::int64_t>& key) const noexcept;
    };
    std::unordered_map<std::vector<std::int64_t>, std::pair<int, int>, ShapeHash> shapes;  ///< → number, users
    std::vector<const std::vector<std::int64_t>*> shape_keys;
    std::vector<int> shapes_free;

    /// All of them, by name, in place of what was there; rebuild() has to follow.
    void set_nodes(std::vector<domain::Node> list);
    void rebuild();
    [[nodiscard]] Asked ask(const Workload& workload);
    Waiting& enqueue(Workload workload);
    void dequeue(const domain::JobId& id);
    void hold_places(RunningRecord& record);
    void release_places(RunningRecord& record);

    void touch_region(int region);
    void touch_pool(int pool) { touch_region(books.pools[static_cast<std::size_t>(pool)].region); }
    void touch_node(int node);
    void touch_all();

    /// Null: it is not there.
    [[nodiscard]] const DeviceSlot* find_device(const domain::DeviceKey& device) const;
    [[nodiscard]] int intern_model(const std::string& name);
    [[nodiscard]] const PoolState* find_pool(const domain::PoolId& id) const;
    /// The pool's bins that the workload may use: of its model, or all.
    [[nodiscard]] std::vector<int> bins_of(int pool, int model) const;
    /// All GPUs that the group may have in use, at most.
    [[nodiscard]] int quota_of(int group) const;
    [[nodiscard]] int nominal_of(int group) const;
    [[nodiscard]] int size_of(int pool) const;

private:
    void number_pools_and_groups();
    void book_nodes();
    void find_regions();
    void join_queue(Waiting& state);
    void leave_queue(Waiting& state);
    [[nodiscard]] int shape_of(const Waiting& state);
};

}  // namespace pintle::scheduling
