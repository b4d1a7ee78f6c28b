#include "scheduling/snapshot.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "scheduling/snapshot_impl.hpp"
#include "scheduling/turns.hpp"

namespace pintle::scheduling {

int Workload::gpus() const {
    int sum = 0;
    for (const Need& need : needs) sum += need.count * need.gpus;
    return sum;
}

int Workload::replicas() const {
    int sum = 0;
    for (const Need& need : needs) sum += need.count;
    return sum;
}

Snapshot::Snapshot() : impl_(std::make_unique<Impl>()) {
    impl_->pool_list = {{domain::kDefaultPool, domain::kDefaultPoolName, {}, {}, {}}};
    impl_->group_list = {{domain::kDefaultGroup, domain::kDefaultGroupName, domain::kDefaultPool, false, {}, {}}};
    impl_->rebuild();
}

Snapshot::Snapshot(const Snapshot& other) : impl_(std::make_unique<Impl>()) {
    impl_->options = other.impl_->options;
    impl_->set_nodes(other.impl_->nodes);
    impl_->pool_list = other.impl_->pool_list;
    impl_->group_list = other.impl_->group_list;
    for (const auto& [id, record] : other.impl_->running) impl_->running[id].running = record.running;
    impl_->rebuild();
    for (const auto& [id, waiting] : other.impl_->waiting) impl_->enqueue(waiting.workload);
}

Snapshot::Snapshot(Snapshot&& other) noexcept = default;
Snapshot::~Snapshot() = default;

Snapshot& Snapshot::operator=(Snapshot other) noexcept {
    impl_.swap(other.impl_);
    return *this;
}

void Snapshot::set_options(Options options) {
    impl_->options = options;
    impl_->touch_all();
}

void Snapshot::set_nodes(std::vector<domain::Node> nodes) {
    impl_->set_nodes(std::move(nodes));
    impl_->rebuild();
}

void Snapshot::set_pools(std::vector<domain::Pool> pools) {
    std::sort(pools.begin(), pools.end(), [](const domain::Pool& a, const domain::Pool& b) { return a.id < b.id; });
    const auto is_default = [](const domain::Pool& pool) { return pool.id == domain::kDefaultPool; };
    check(std::any_of(pools.begin(), pools.end(), is_default), "the Default Pool is always there");
    impl_->pool_list = std::move(pools);
    impl_->rebuild();
}

void Snapshot::set_groups(std::vector<domain::Group> groups) {
    std::sort(groups.begin(), groups.end(), [](const domain::Group& a, const domain::Group& b) { return a.id < b.id; });
    for (const domain::Group& group : groups) check(impl_->pool_by_id.contains(group.pool), "a group's pool is there");
    impl_->group_list = std::move(groups);
    impl_->rebuild();
}

void Snapshot::enqueue(Workload workload) { impl_->enqueue(std::move(workload)); }
void Snapshot::dequeue(const domain::JobId& id) { impl_->dequeue(id); }

void Snapshot::start(Running running) {
    const domain::JobId id = running.workload.id;
    check(!impl_->waiting.contains(id), "what starts has left the queue");
    check(static_cast<int>(running.places.size()) == running.workload.replicas(), "every replica has its place");
    const auto [at, is_new] = impl_->running.try_emplace(id);
    check(is_new, "a workload runs once");
    at->second.running = std::move(running);
    impl_->hold_places(at->second);
}

void Snapshot::set_ending(const domain::JobId& id) {
    const auto at = impl_->running.find(id);
    check(at != impl_->running.end(), "what ends runs");
    if (at->second.running.ending) return;
    at->second.running.ending = true;
    at->second.holder.ending = true;
    impl_->running_version += 1;
    for (const int node : at->second.holder.nodes) impl_->touch_node(node);
}

void Snapshot::finish(const domain::JobId& id) {
    const auto at = impl_->running.find(id);
    if (at == impl_->running.end()) return;
    impl_->release_places(at->second);
    impl_->running.erase(at);
}

const Workload* Snapshot::find_waiting(const domain::JobId& id) const {
    const auto at = impl_->waiting.find(id);
    return at == impl_->waiting.end() ? nullptr : &at->second.workload;
}

const Running* Snapshot::find_running(const domain::JobId& id) const {
    const auto at = impl_->running.find(id);
    return at == impl_->running.end() ? nullptr : &at->second.running;
}

std::size_t Snapshot::waiting() const { return impl_->waiting.size(); }
std::size_t Snapshot::running() const { return impl_->running.size(); }

std::vector<domain::JobId> Snapshot::queue_of(const domain::PoolId& pool, std::size_t most) const {
    std::vector<domain::JobId> ids;
    const PoolState* state = impl_->find_pool(pool);
    if (state == nullptr) return ids;
    for (const Waiting* waiting : in_order_of_turns(*state, most)) ids.push_back(waiting->workload.id);
    return ids;
}

std::size_t Snapshot::position_of(const domain::JobId& id) const {
    const auto at = impl_->waiting.find(id);
    return at == impl_->waiting.end()
               ? 0
               : position_in(impl_->books.pools[static_cast<std::size_t>(at->second.pool)], &at->second);
}

const std::vector<domain::Node>& Snapshot::nodes() const { return impl_->nodes; }

NodeUse Snapshot::use_of_node(const std::string& name) const {
    NodeUse use;
    const auto at = impl_->node_by_name.find(name);
    if (at == impl_->node_by_name.end()) return use;
    const NodeState& node = impl_->books.ledger.nodes[static_cast<std::size_t>(at->second)];
    for (const Entry& entry : node.entries) {
        use.cpu_millis += entry.cpu_millis;
        use.memory_bytes += entry.memory_bytes;
        use.replicas += entry.replicas;
        for (const int slot : entry.slots) use.devices.push_back(node.devices[static_cast<std::size_t>(slot)].index);
    }
    std::sort(use.devices.begin(), use.devices.end());
    return use;
}

PoolUse Snapshot::use_of_pool(const domain::PoolId& pool) const {
    PoolUse use;
    const PoolState* state = impl_->find_pool(pool);
    if (state == nullptr) return use;
    use.waiting_jobs = static_cast<int>(state->queue.size());
    const Ledger& ledger = impl_->books.ledger;
    for (const int bin : state->bins) {
        for (const int index : ledger.bins[static_cast<std::size_t>(bin)].nodes) {
            const NodeState& node = ledger.nodes[static_cast<std::size_t>(index)];
            use.nodes[impl_->nodes[static_cast<std::size_t>(index)].name] += node.share_of(bin)->total;
            for (const DeviceSlot& device : node.devices) {
                if (device.bin != bin) continue;
                use.total += 1;
                use.unhealthy += device.healthy ? 0 : 1;
                if (device.holder != nullptr) {
                    use.used += 1;
                    use.used_by_group[device.holder->workload->group] += 1;
                } else if (device.healthy) {
                    use.free += 1;
                }
            }
        }
    }
    return use;
}

domain::PoolId Snapshot::pool_of(const domain::DeviceKey& device) const {
    const DeviceSlot* slot = impl_->find_device(device);
    check(slot != nullptr, "the device is there");
    const int pool = impl_->books.ledger.bins[static_cast<std::size_t>(slot->bin)].pool;
    return impl_->books.pools[static_cast<std::size_t>(pool)].pool.id;
}

std::optional<domain::JobId> Snapshot::user_of(const domain::DeviceKey& device) const {
    const DeviceSlot* slot = impl_->find_device(device);
    if (slot == nullptr || slot->holder == nullptr) return std::nullopt;
    return slot->holder->workload->id;
}

}  // namespace pintle::scheduling
