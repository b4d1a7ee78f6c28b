#include <fmt/core.h>

#include "scheduling/snapshot_impl.hpp"

namespace pintle::scheduling {
namespace {

struct Taken {
    std::int64_t cpu_millis = 0;
    std::int64_t memory_bytes = 0;
    int replicas = 0;
    std::map<int, domain::JobId> devices;
};

}  // namespace

std::optional<std::string> Snapshot::fault() const {
    std::map<std::string, Taken> taken;
    for (const auto& [id, record] : impl_->running) {
        std::size_t replica = 0;
        for (const Need& need : record.running.workload.needs) {
            for (int i = 0; i < need.count; ++i, ++replica) {
                const Place& place = record.running.places[replica];
                Taken& node = taken[place.node];
                node.cpu_millis += need.cpu_millis;
                node.memory_bytes += need.memory_bytes;
                node.replicas += 1;
                for (const int device : place.devices) {
                    const auto [at, is_new] = node.devices.emplace(device, id);
                    if (!is_new) {
                        return fmt::format("device {} of node {} has two users, {} and {}", device, place.node,
                                           at->second.str(), id.str());
                    }
                }
            }
        }
    }
    int devices = 0;
    for (std::size_t n = 0; n < impl_->nodes.size(); ++n) {
        const domain::Node& node = impl_->nodes[n];
        const NodeState& state = impl_->books.ledger.nodes[n];
        const Taken& part = taken[node.name];
        devices += static_cast<int>(node.devices.size());
        if (node.cpu_millis - part.cpu_millis != state.cpu_millis_free ||
            node.memory_bytes - part.memory_bytes != state.memory_bytes_free) {
            return fmt::format("node {} is booked with other CPU or memory than runs there", node.name);
        }
        const bool too_much =
            state.cpu_millis_free < 0 || state.memory_bytes_free < 0 || part.replicas > node.replicas_max;
        if (too_much && !state.over_committed) return fmt::format("node {} gives more than it has", node.name);
        for (std::size_t slot = 0; slot < node.devices.size(); ++slot) {
            const auto user = part.devices.find(node.devices[slot].index);
            const Holder* holder = state.devices[slot].holder;
            const bool same = user == part.devices.end() ? holder == nullptr
                                                         : holder != nullptr && holder->workload->id == user->second;
            if (!same)
                return fmt::format("device {} of node {} is booked for another than uses it", node.devices[slot].index,
                                   node.name);
        }
    }
    int in_pools = 0;
    for (const domain::Pool& pool : impl_->pool_list) {
        const PoolUse use = use_of_pool(pool.id);
        const PoolState& state = *impl_->find_pool(pool.id);
        in_pools += use.total;
        int free = 0, used = 0;
        for (const int bin : state.bins) {
            free += impl_->books.ledger.bins[static_cast<std::size_t>(bin)].free;
            used += impl_->books.ledger.bins[static_cast<std::size_t>(bin)].used;
        }
        if (free != use.free || used != use.used) return fmt::format("{} miscounts its GPUs", pool.name);
    }
    if (in_pools != devices) return fmt::format("the pools have {} devices and the cluster has {}", in_pools, devices);
    std::size_t queued = 0;
    for (const PoolState& pool : impl_->books.pools) queued += pool.queue.size();
    if (queued != impl_->waiting.size())
        return fmt::format("{} wait and {} are in the queues", impl_->waiting.size(), queued);
    return std::nullopt;
}

}  // namespace pintle::scheduling
