#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scheduling/snapshot.hpp"

namespace pintle::scheduling {

/// The bin of every GPU of the cluster, for what needs none: such replicas go where the fewest GPUs are idle.
inline constexpr int kAnyBin = 0;

/// In place of a bin: any of several, which place_across() was told, also for GPUs of one replica.
inline constexpr int kSeveralBins = -2;

/// Moments as keys, in milliseconds: kAtOnce is before all, kNever after all.
using Key = std::int64_t;
inline constexpr Key kAtOnce = std::numeric_limits<Key>::min();
inline constexpr Key kSoon = kAtOnce + 1;  ///< Of what is ending already.
inline constexpr Key kNever = std::numeric_limits<Key>::max();

/// When what runs since `started_at` will probably end. What is overdue is given a tenth of its median at a time, so
/// that what is expected stays the same between two such moments.
[[nodiscard]] Key expected_end_of(Key started_at, std::int64_t median, Key now);

struct Waiting;

/// Whoever holds resources: a running workload, or one that a pass has just started.
struct Holder {
    const Workload* workload = nullptr;
    int group = -1;  ///< -1: of a group that is gone.
    int pool = -1;   ///< Where it queued.
    int owner = -1;
    int gpus = 0;  ///< That are there.
    std::int64_t cpu_millis = 0;
    Time started_at{};
    bool ending = false;
    mutable Key mark = kNever;  ///< Its turn among those who may have to give back; kSoon: it has to. Of one pass.
    bool trial = false;         ///< A pass has started it and will take that back.
    std::vector<int> nodes;     ///< Where it has entries.

    /// kNever where its run time is not known.
    [[nodiscard]] Key expected_end(Time now) const;
};

/// What a holder has of a node.
struct Entry {
    Holder* holder = nullptr;
    std::int64_t cpu_millis = 0;
    std::int64_t memory_bytes = 0;
    int replicas = 0;
    std::vector<int> slots;  ///< Places in NodeState::devices.

    // Filled in by Ledger::add(), for speed.
    int healthy_gpus = 0;
    int bin = -1;  ///< Of all of those; -1: none, or of several.
};

struct DeviceSlot {
    int index = 0;  ///< The device's own.
    int bin = 0;
    bool healthy = true;
    Holder* holder = nullptr;
};

/// A node's part of a bin.
struct Share {
    int bin = 0;
    int free = 0;     ///< Healthy and unused.
    int healthy = 0;  ///< Used or not.
    int total = 0;
};

/// What is kept on a node for the head of a queue: who stays longer than `until` may take only `spare` of it.
struct Hold {
    const Waiting* head = nullptr;  ///< For whom.
    Key until = kNever;             ///< kNever: nobody knows when the head starts.
    int bin = -1;
    int gpus = 0;  ///< Kept.
    std::int64_t cpu_millis = 0;
    std::int64_t memory_bytes = 0;
    int replicas = 0;
    int spare_gpus = 0;  ///< Of the bin.
    std::int64_t spare_cpu_millis = 0;
    std::int64_t spare_memory_bytes = 0;
    int spare_replicas = 0;

    [[nodiscard]] bool binds(Key end) const { return until == kNever || end > until; }
};

struct NodeState {
    std::int64_t cpu_millis_free = 0;
    std::int64_t memory_bytes_free = 0;
    int replicas_free = 0;
    std::vector<DeviceSlot> devices;
    std::vector<Share> shares;  ///< The first is that of kAnyBin.
    std::vector<Entry> entries;
    std::vector<Hold> holds;
    int region = -1;
    bool over_committed = false;  ///< It has shrunk below what runs on it.

    [[nodiscard]] const Share* share_of(int bin) const;
    [[nodiscard]] Share* share_of(int bin);
    /// How many healthy devices of the bin come back with the entry.
    [[nodiscard]] int gpus_of(const Entry& entry, int bin) const;
};

/// The GPUs of one model in one pool, and the nodes that carry them by how many are free there.
struct Bin {
    int pool = -1;
    int model = -1;
    int free = 0;
    int used = 0;  ///< Healthy or not.
    int healthy = 0;
    int total = 0;
    std::vector<int> nodes;  ///< Ascending.
    /// [free GPUs] → nodes by free memory.
    std::vector<std::set<std::pair<std::int64_t, int>>> by_free;

    /// That its largest node has, used or not.
    [[nodiscard]] int gpus_of_largest() const { return by_free.empty() ? 0 : static_cast<int>(by_free.size()) - 1; }
};

/// What one node must have for some replicas.
struct Want {
    std::int64_t cpu_millis = 0;
    std::int64_t memory_bytes = 0;
    int gpus = 0;
    int replicas = 0;
    std::vector<int> labels;  ///< Interned by Ledger; each must be carried.
};

/// What a node has for a workload.
struct Room {
    std::int64_t cpu_millis = 0;
    std::int64_t memory_bytes = 0;
    int gpus = 0;
    int replicas = 0;

    [[nodiscard]] bool holds(const Want& want) const {
        return cpu_millis >= want.cpu_millis && memory_bytes >= want.memory_bytes && gpus >= want.gpus &&
               replicas >= want.replicas;
    }
};

/// One grant: `count` replicas on a node, with `gpus` each of a bin.
struct Spot {
    int ask = 0;  ///< Which of Asked::asks.
    int node = 0;
    int bin = kAnyBin;
    int count = 0;
    bool operator==(const Spot&) const = default;
};

/// Who holds what on which node, indexed by free GPUs. Nodes are numbered by name, bins by pool and model; a pass
/// takes for trial and gives back.
class Ledger {
public:
    std::vector<NodeState> nodes;
    std::vector<Bin> bins;

    /// All anew and nothing taken. `pool_of` tells each device's pool, `model_of` its model's number.
    void reset(const std::vector<domain::Node>& list,
               const std::vector<std::vector<std::pair<int, int>>>& pool_and_model);
    [[nodiscard]] int find_bin(int pool, int model) const;  ///< -1: none.

    /// A label's number. Nodes that carry it are found once.
    [[nodiscard]] int intern_label(const std::string& label) const;
    [[nodiscard]] bool carries(int node, const std::vector<int>& labels) const;

    /// Puts an entry onto the node; its devices must be free of users.
    void add(int node, Entry entry);
    /// Takes the holder's entry off the node.
    void remove(int node, const Holder* holder);
    /// The lowest `count` free devices of the bin, as places in NodeState::devices.
    [[nodiscard]] std::vector<int> free_slots(int node, int bin, int count) const;

    [[nodiscard]] Room room(int node, int bin) const;
    /// If nobody used anything there, also with what is unhealthy when `healed`.
    [[nodiscard]] Room whole_room(int node, int bin, bool healed) const;
    /// The same for `self` that ends at `end`, without what is held for others.
    [[nodiscard]] Room room_beside_holds(int node, int bin, Key end, const Waiting* self) const;

private:
    template <class Change>
    void change(int node, const Change& apply);

    const std::vector<domain::Node>* list_ = nullptr;
    std::map<std::pair<int, int>, int> bin_by_pool_and_model_;
    mutable std::map<std::string, int> label_by_text_;
    mutable std::vector<std::vector<char>> carriers_;  ///< [label][node]
    mutable std::vector<std::string> labels_;
};

[[nodiscard]] bool carries_label(const domain::Node& node, const std::string& wanted);

}  // namespace pintle::scheduling
