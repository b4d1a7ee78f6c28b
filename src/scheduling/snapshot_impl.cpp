#include "scheduling/snapshot_impl.hpp"

#include <algorithm>
#include <numeric>

#include "base/check.hpp"

namespace pintle::scheduling {
namespace {

std::uint64_t unit_key(int shape, int owner) {
    return static_cast<std::uint64_t>(shape) << 32 | static_cast<std::uint32_t>(owner);
}

}  // namespace

std::size_t Snapshot::Impl::ShapeHash::operator()(const std::vector<std::int64_t>& key) const noexcept {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const std::int64_t part : key) {
        hash = (hash ^ static_cast<std::uint64_t>(part)) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 29;
    }
    return hash;
}

void PoolState::use(int owner, int gpus, std::int64_t cpu_millis, int sign) {
    const auto at = usage.try_emplace(owner).first;
    at->second.gpus += sign * gpus;
    at->second.cpu_millis += sign * cpu_millis;
    if (at->second == Usage{}) usage.erase(at);
}

void Snapshot::Impl::set_nodes(std::vector<domain::Node> list) {
    std::sort(list.begin(), list.end(), [](const domain::Node& a, const domain::Node& b) { return a.name < b.name; });
    nodes = std::move(list);
    slot_by_uuid.assign(nodes.size(), {});
    cpu_millis_most = memory_bytes_most = 0;
    for (const domain::Node& node : nodes) {
        cpu_millis_most = std::max(cpu_millis_most, node.cpu_millis);
        memory_bytes_most = std::max(memory_bytes_most, node.memory_bytes);
    }
    for (std::size_t node = 0; node < nodes.size(); ++node) {
        const std::vector<domain::Device>& devices = nodes[node].devices;
        slot_by_uuid[node].reserve(devices.size());
        for (std::size_t slot = 0; slot < devices.size(); ++slot)
            slot_by_uuid[node].emplace(devices[slot].uuid, static_cast<int>(slot));
    }
}

const DeviceSlot* Snapshot::Impl::find_device(const domain::DeviceKey& device) const {
    const auto node = node_by_name.find(device.node);
    if (node == node_by_name.end()) return nullptr;
    const auto& slots = slot_by_uuid[static_cast<std::size_t>(node->second)];
    const auto slot = slots.find(device.uuid);
    if (slot == slots.end()) return nullptr;
    return &books.ledger.nodes[static_cast<std::size_t>(node->second)].devices[static_cast<std::size_t>(slot->second)];
}

int Snapshot::Impl::intern_model(const std::string& name) {
    const auto [at, is_new] = model_by_name.emplace(name, static_cast<int>(model_names.size()));
    if (is_new) model_names.push_back(name);
    return at->second;
}

const PoolState* Snapshot::Impl::find_pool(const domain::PoolId& id) const {
    const auto at = pool_by_id.find(id);
    return at == pool_by_id.end() ? nullptr : &books.pools[static_cast<std::size_t>(at->second)];
}

std::vector<int> Snapshot::Impl::bins_of(int pool, int model) const {
    const std::vector<int>& all = books.pools[static_cast<std::size_t>(pool)].bins;
    if (model == kAnyModel) return all;
    const int bin = books.ledger.find_bin(pool, model);
    return bin < 0 ? std::vector<int>{} : std::vector<int>{bin};
}

int Snapshot::Impl::size_of(int pool) const {
    int size = 0;
    for (const int bin : books.pools[static_cast<std::size_t>(pool)].bins)
        size += books.ledger.bins[static_cast<std::size_t>(bin)].total;
    return size;
}

int Snapshot::Impl::nominal_of(int group) const {
    const GroupState& state = books.groups[static_cast<std::size_t>(group)];
    if (state.group.borrowing && state.group.borrowing->nominal) return *state.group.borrowing->nominal;
    return size_of(state.pool);
}

int Snapshot::Impl::quota_of(int group) const {
    const GroupState& state = books.groups[static_cast<std::size_t>(group)];
    if (!state.group.borrowing) return std::numeric_limits<int>::max();
    return nominal_of(group) + std::max(0, state.group.borrowing->limit);
}

void Snapshot::Impl::touch_region(int region) {
    Region& state = books.regions[static_cast<std::size_t>(region)];
    state.changed = true;
    for (const int cohort : state.cohorts) books.cohorts[static_cast<std::size_t>(cohort)].changed = true;
}

void Snapshot::Impl::touch_node(int node) {
    books.nodes_changed = true;
    if (const int region = books.ledger.nodes[static_cast<std::size_t>(node)].region; region >= 0) touch_region(region);
}

void Snapshot::Impl::touch_all() {
    books.nodes_changed = true;
    for (std::size_t region = 0; region < books.regions.size(); ++region) touch_region(static_cast<int>(region));
}

Asked Snapshot::Impl::ask(const Workload& workload) {
    Asked asked;
    asked.model = workload.gpu_model.empty() ? kAnyModel : intern_model(workload.gpu_model);
    for (const Need& need : workload.needs) {
        if (need.count <= 0) continue;
        Ask part{need.count, need.cpu_millis, need.memory_bytes, need.gpus, {}};
        if (!need.node_label.empty()) part.labels.push_back(books.ledger.intern_label(need.node_label));
        asked.asks.push_back(std::move(part));
    }
    asked.sum_up();
    return asked;
}

// What decides whether a workload can start, besides its place in the queue.
int Snapshot::Impl::shape_of(const Waiting& state) {
    std::vector<std::int64_t> key{state.group, state.asked.model,
                                  state.workload.run_time ? state.workload.run_time->high.count() : -1};
    for (const Ask& ask : state.asked.asks) {
        key.insert(key.end(), {ask.count, ask.cpu_millis, ask.memory_bytes, ask.gpus,
                               static_cast<std::int64_t>(ask.labels.size())});
        key.insert(key.end(), ask.labels.begin(), ask.labels.end());
    }
    const auto [at, is_new] = shapes.try_emplace(std::move(key), 0, 0);
    if (is_new && shapes_free.empty()) {
        at->second.first = static_cast<int>(shape_keys.size());
        shape_keys.push_back(nullptr);
    } else if (is_new) {
        at->second.first = shapes_free.back();
        shapes_free.pop_back();
    }
    shape_keys[static_cast<std::size_t>(at->second.first)] = &at->first;
    books.ever.resize(shape_keys.size());
    if (is_new) books.ever[static_cast<std::size_t>(at->second.first)] = 0;
    at->second.second += 1;
    return at->second.first;
}

void Snapshot::Impl::join_queue(Waiting& state) {
    PoolState& pool = books.pools[static_cast<std::size_t>(state.pool)];
    state.shape = shape_of(state);
    check(pool.queue.insert(&state).second, "ranks are unique");
    if (state.ready() && state.workload.immediate) {
        books.immediates.insert(&state);
    } else if (state.ready()) {
        const int owner = pool.fair ? state.owner : -1;
        Unit& unit = pool.units[unit_key(state.shape, owner)];
        unit.shape = state.shape;
        unit.owner = owner;
        unit.members.insert(&state);
    }
    if (state.roams()) {
        books.roaming += 1;
        touch_all();
    }
    touch_pool(state.pool);
}

void Snapshot::Impl::leave_queue(Waiting& state) {
    PoolState& pool = books.pools[static_cast<std::size_t>(state.pool)];
    pool.queue.erase(&state);
    if (pool.head == &state) pool.head = nullptr;
    if (state.ready() && state.workload.immediate) {
        books.immediates.erase(&state);
    } else if (state.ready()) {
        const auto unit = pool.units.find(unit_key(state.shape, pool.fair ? state.owner : -1));
        unit->second.members.erase(&state);
        if (unit->second.members.empty()) pool.units.erase(unit);
    }
    if (state.roams()) {
        books.roaming -= 1;
        touch_all();
    }
    touch_pool(state.pool);
    const auto shape = shapes.find(*shape_keys[static_cast<std::size_t>(state.shape)]);
    if (--shape->second.second == 0) {
        shapes_free.push_back(shape->second.first);
        shapes.erase(shape);
    }
}

Waiting& Snapshot::Impl::enqueue(Workload workload) {
    check(!running.contains(workload.id), "what runs does not wait");
    dequeue(workload.id);
    const auto group = group_by_id.find(workload.group);
    check(group != group_by_id.end(), "a workload's group is there");
    Waiting& state = waiting[workload.id];
    state.asked = ask(workload);
    state.group = group->second;
    state.pool = books.groups[static_cast<std::size_t>(group->second)].pool;
    state.owner = owner_by_id.emplace(workload.owner, static_cast<int>(owner_by_id.size())).first->second;
    state.workload = std::move(workload);
    join_queue(state);
    return state;
}

void Snapshot::Impl::dequeue(const domain::JobId& id) {
    const auto at = waiting.find(id);
    if (at == waiting.end()) return;
    leave_queue(at->second);
    waiting.erase(at);
}

void Snapshot::Impl::hold_places(RunningRecord& record) {
    running_version += 1;
    const Running& run = record.running;
    Holder& holder = record.holder;
    holder = {};
    holder.workload = &run.workload;
    holder.started_at = run.started_at;
    holder.ending = run.ending;
    holder.owner = owner_by_id.emplace(run.workload.owner, static_cast<int>(owner_by_id.size())).first->second;
    if (const auto group = group_by_id.find(run.workload.group); group != group_by_id.end()) {
        holder.group = group->second;
        holder.pool = books.groups[static_cast<std::size_t>(group->second)].pool;
    }
    std::map<int, Entry> entries;
    std::size_t replica = 0;
    for (const Need& need : run.workload.needs) {
        for (int i = 0; i < need.count; ++i, ++replica) {
            const Place& place = run.places[replica];
            const auto node = node_by_name.find(place.node);
            if (node == node_by_name.end()) continue;
            Entry& entry = entries[node->second];
            entry.holder = &holder;
            entry.cpu_millis += need.cpu_millis;
            entry.memory_bytes += need.memory_bytes;
            entry.replicas += 1;
            holder.cpu_millis += need.cpu_millis;
            const std::vector<DeviceSlot>& slots = books.ledger.nodes[static_cast<std::size_t>(node->second)].devices;
            for (const int device : place.devices) {
                // Mostly the driver counts them without a gap.
                const auto guess = static_cast<std::size_t>(device);
                if (guess < slots.size() && slots[guess].index == device) {
                    entry.slots.push_back(device);
                    continue;
                }
                const auto slot =
                    std::find_if(slots.begin(), slots.end(), [&](const DeviceSlot& it) { return it.index == device; });
                if (slot != slots.end()) entry.slots.push_back(static_cast<int>(slot - slots.begin()));
            }
        }
    }
    for (auto& [node, entry] : entries) {
        holder.nodes.push_back(node);
        books.ledger.add(node, std::move(entry));
        touch_node(node);
    }
    if (holder.group < 0) return;
    books.groups[static_cast<std::size_t>(holder.group)].used += holder.gpus;
    books.pools[static_cast<std::size_t>(holder.pool)].use(holder.owner, holder.gpus, holder.cpu_millis, 1);
    touch_pool(holder.pool);
}

void Snapshot::Impl::release_places(RunningRecord& record) {
    running_version += 1;
    Holder& holder = record.holder;
    if (holder.group >= 0) {
        books.groups[static_cast<std::size_t>(holder.group)].used -= holder.gpus;
        books.pools[static_cast<std::size_t>(holder.pool)].use(holder.owner, holder.gpus, holder.cpu_millis, -1);
        touch_pool(holder.pool);
    }
    for (const int node : holder.nodes) {
        books.ledger.remove(node, &holder);
        touch_node(node);
    }
}

void Snapshot::Impl::number_pools_and_groups() {
    pool_by_id.clear();
    group_by_id.clear();
    std::map<std::string, int> cohort_by_name;
    for (const domain::Pool& pool : pool_list) {
        pool_by_id.emplace(pool.id, static_cast<int>(books.pools.size()));
        books.pools.emplace_back().pool = pool;
    }
    for (const domain::Group& group : group_list) {
        const int index = static_cast<int>(books.groups.size());
        group_by_id.emplace(group.id, index);
        GroupState& state = books.groups.emplace_back();
        state.group = group;
        // Between set_pools() and set_groups() a pool may be gone.
        const auto pool = pool_by_id.find(group.pool);
        state.pool = pool == pool_by_id.end() ? pool_by_id.at(domain::kDefaultPool) : pool->second;
        PoolState& pool_state = books.pools[static_cast<std::size_t>(state.pool)];
        pool_state.fair = pool_state.fair || group.fair_share;
        if (!group.borrowing || group.borrowing->cohort.empty()) continue;
        const auto [cohort, is_new] =
            cohort_by_name.emplace(group.borrowing->cohort, static_cast<int>(books.cohorts.size()));
        if (is_new) books.cohorts.emplace_back().name = group.borrowing->cohort;
        state.cohort = cohort->second;
        Cohort& mates = books.cohorts[static_cast<std::size_t>(cohort->second)];
        mates.groups.push_back(index);
        mates.pools.push_back(state.pool);
    }
    for (Cohort& cohort : books.cohorts) {
        std::sort(cohort.pools.begin(), cohort.pools.end());
        cohort.pools.erase(std::unique(cohort.pools.begin(), cohort.pools.end()), cohort.pools.end());
    }
}

void Snapshot::Impl::book_nodes() {
    std::unordered_map<std::string, std::unordered_map<std::string, int>> pool_by_device;
    for (std::size_t pool = 0; pool < pool_list.size(); ++pool) {
        for (const domain::DeviceKey& device : pool_list[pool].devices) {
            check(pool_by_device[device.node].emplace(device.uuid, static_cast<int>(pool)).second,
                  "a device is in one pool at most");
        }
    }
    const int default_pool = pool_by_id.at(domain::kDefaultPool);
    std::vector<std::vector<std::pair<int, int>>> pool_and_model(nodes.size());
    node_by_name.clear();
    for (std::size_t node = 0; node < nodes.size(); ++node) {
        check(node_by_name.emplace(nodes[node].name, static_cast<int>(node)).second, "a node is listed once");
        const auto on_node = pool_by_device.find(nodes[node].name);
        for (const domain::Device& device : nodes[node].devices) {
            int pool = default_pool;
            if (on_node != pool_by_device.end()) {
                if (const auto at = on_node->second.find(device.uuid); at != on_node->second.end()) pool = at->second;
            }
            pool_and_model[node].emplace_back(pool, intern_model(device.model));
        }
    }
    books.ledger.reset(nodes, pool_and_model);
    for (std::size_t bin = 1; bin < books.ledger.bins.size(); ++bin) {
        books.pools[static_cast<std::size_t>(books.ledger.bins[bin].pool)].bins.push_back(static_cast<int>(bin));
    }
    for (PoolState& pool : books.pools) {
        std::sort(pool.bins.begin(), pool.bins.end(), [&](int a, int b) {
            const auto name = [&](int bin) -> const std::string& {
                return model_names[static_cast<std::size_t>(books.ledger.bins[static_cast<std::size_t>(bin)].model)];
            };
            return name(a) < name(b);
        });
    }
}

void Snapshot::Impl::find_regions() {
    std::vector<int> root(books.pools.size());
    std::iota(root.begin(), root.end(), 0);
    const auto find = [&](int pool) {
        while (root[static_cast<std::size_t>(pool)] != pool) pool = root[static_cast<std::size_t>(pool)];
        return pool;
    };
    const auto pool_of = [&](const Share& share) {
        return books.ledger.bins[static_cast<std::size_t>(share.bin)].pool;
    };
    for (const NodeState& node : books.ledger.nodes) {
        for (std::size_t share = 2; share < node.shares.size(); ++share) {
            const int a = find(pool_of(node.shares[1])), b = find(pool_of(node.shares[share]));
            root[static_cast<std::size_t>(std::max(a, b))] = std::min(a, b);
        }
    }
    std::vector<int> region_of(books.pools.size(), -1);
    for (std::size_t pool = 0; pool < books.pools.size(); ++pool) {
        int& region = region_of[static_cast<std::size_t>(find(static_cast<int>(pool)))];
        if (region < 0) {
            region = static_cast<int>(books.regions.size());
            books.regions.emplace_back();
        }
        books.pools[pool].region = region;
        books.regions[static_cast<std::size_t>(region)].pools.push_back(static_cast<int>(pool));
    }
    for (NodeState& node : books.ledger.nodes) {
        if (node.shares.size() > 1) node.region = books.pools[static_cast<std::size_t>(pool_of(node.shares[1]))].region;
    }
    for (std::size_t cohort = 0; cohort < books.cohorts.size(); ++cohort) {
        for (const int pool : books.cohorts[cohort].pools) {
            std::vector<int>& cohorts =
                books.regions[static_cast<std::size_t>(books.pools[static_cast<std::size_t>(pool)].region)].cohorts;
            if (cohorts.empty() || cohorts.back() != static_cast<int>(cohort))
                cohorts.push_back(static_cast<int>(cohort));
        }
    }
}

void Snapshot::Impl::rebuild() {
    running_version += 1;
    const std::uint64_t passes = books.passes;
    books.pools.clear();
    books.groups.clear();
    books.cohorts.clear();
    books.regions.clear();
    books.immediates.clear();
    books.cpu_held_nodes.clear();
    books.roaming = 0;
    books.nodes_changed = true;
    books.passes = passes;
    number_pools_and_groups();
    book_nodes();
    find_regions();
    for (auto& [id, record] : running) hold_places(record);
    for (NodeState& node : books.ledger.nodes) {
        node.over_committed = node.cpu_millis_free < 0 || node.memory_bytes_free < 0 || node.replicas_free < 0;
    }
    shapes.clear();
    shape_keys.clear();
    shapes_free.clear();
    books.ever.clear();
    for (auto& [id, state] : waiting) {
        const auto group = group_by_id.find(state.workload.group);
        check(group != group_by_id.end(), "a workload's group is there");
        state.group = group->second;
        state.pool = books.groups[static_cast<std::size_t>(group->second)].pool;
        join_queue(state);
    }
}

}  // namespace pintle::scheduling
