#include "scheduling/ledger.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace pintle::scheduling {

Key expected_end_of(Key started_at, std::int64_t median, Key now) {
    const std::int64_t end = started_at + median;
    if (end > now) return end;
    const std::int64_t step = std::max<std::int64_t>(10, median / 10);
    return end + ((now - end) / step + 1) * step;
}

Key Holder::expected_end(Time now) const {
    if (ending) return kSoon;
    if (!workload->run_time) return kNever;
    return expected_end_of(to_ms(started_at), workload->run_time->median.count(), to_ms(now));
}

const Share* NodeState::share_of(int bin) const {
    for (const Share& share : shares) {
        if (share.bin == bin) return &share;
    }
    return nullptr;
}
Share* NodeState::share_of(int bin) { return const_cast<Share*>(std::as_const(*this).share_of(bin)); }

int NodeState::gpus_of(const Entry& entry, int bin) const {
    if (bin == kAnyBin || bin == entry.bin) return entry.healthy_gpus;
    if (entry.bin >= 0 || entry.healthy_gpus == 0) return 0;
    int gpus = 0;
    for (const int slot : entry.slots) {
        const DeviceSlot& device = devices[static_cast<std::size_t>(slot)];
        gpus += device.healthy && device.bin == bin ? 1 : 0;
    }
    return gpus;
}

bool carries_label(const domain::Node& node, const std::string& wanted) {
    if (wanted.empty()) return true;
    const std::size_t equals = wanted.find('=');
    const auto found = node.labels.find(wanted.substr(0, equals));
    if (found == node.labels.end()) return false;
    return equals == std::string::npos || found->second == wanted.substr(equals + 1);
}

int Ledger::intern_label(const std::string& label) const {
    const auto [at, is_new] = label_by_text_.emplace(label, static_cast<int>(labels_.size()));
    if (is_new) {
        labels_.push_back(label);
        std::vector<char>& carriers = carriers_.emplace_back(nodes.size());
        for (std::size_t node = 0; node < nodes.size(); ++node)
            carriers[node] = carries_label((*list_)[node], label) ? 1 : 0;
    }
    return at->second;
}

bool Ledger::carries(int node, const std::vector<int>& labels) const {
    return std::all_of(labels.begin(), labels.end(), [&](int label) {
        return carriers_[static_cast<std::size_t>(label)][static_cast<std::size_t>(node)] != 0;
    });
}

int Ledger::find_bin(int pool, int model) const {
    const auto found = bin_by_pool_and_model_.find({pool, model});
    return found == bin_by_pool_and_model_.end() ? -1 : found->second;
}

void Ledger::reset(const std::vector<domain::Node>& list,
                   const std::vector<std::vector<std::pair<int, int>>>& pool_and_model) {
    list_ = &list;
    nodes.assign(list.size(), {});
    bins.assign(1, {});
    bin_by_pool_and_model_.clear();
    for (std::size_t n = 0; n < list.size(); ++n) {
        NodeState& node = nodes[n];
        node.cpu_millis_free = list[n].cpu_millis;
        node.memory_bytes_free = list[n].memory_bytes;
        node.replicas_free = list[n].replicas_max;
        node.shares.push_back({kAnyBin});
        for (std::size_t d = 0; d < list[n].devices.size(); ++d) {
            const auto key = pool_and_model[n][d];
            const auto [at, is_new] = bin_by_pool_and_model_.emplace(key, static_cast<int>(bins.size()));
            if (is_new) bins.push_back({key.first, key.second});
            const bool healthy = list[n].devices[d].healthy;
            node.devices.push_back({list[n].devices[d].index, at->second, healthy, nullptr});
            if (node.share_of(at->second) == nullptr) node.shares.push_back({at->second});
            for (const int bin : {kAnyBin, at->second}) {
                Share& share = *node.share_of(bin);
                share.total += 1;
                share.healthy += healthy ? 1 : 0;
                share.free += healthy ? 1 : 0;
            }
        }
        for (const Share& share : node.shares) {
            Bin& bin = bins[static_cast<std::size_t>(share.bin)];
            bin.free += share.free;
            bin.healthy += share.healthy;
            bin.total += share.total;
            bin.nodes.push_back(static_cast<int>(n));
            const auto room = static_cast<std::size_t>(share.total) + 1;
            if (bin.by_free.size() < room) bin.by_free.resize(room);
            bin.by_free[static_cast<std::size_t>(share.free)].insert({node.memory_bytes_free, static_cast<int>(n)});
        }
    }
    for (std::size_t label = 0; label < labels_.size(); ++label) {
        carriers_[label].assign(nodes.size(), 0);
        for (std::size_t n = 0; n < nodes.size(); ++n)
            carriers_[label][n] = carries_label(list[n], labels_[label]) ? 1 : 0;
    }
}

template <class Change>
void Ledger::change(int index, const Change& apply) {
    NodeState& node = nodes[static_cast<std::size_t>(index)];
    const std::int64_t memory_before = node.memory_bytes_free;
    int before[8];  // Nodes with more shares are moved in every index.
    const std::size_t kept = node.shares.size() <= 8 ? node.shares.size() : 0;
    for (std::size_t s = 0; s < kept; ++s) before[s] = node.shares[s].free;
    std::vector<int> many;
    if (kept == 0) {
        for (const Share& share : node.shares) many.push_back(share.free);
    }
    apply(node);
    for (std::size_t s = 0; s < node.shares.size(); ++s) {
        const Share& share = node.shares[s];
        const int free_before = kept != 0 ? before[s] : many[s];
        if (free_before == share.free && memory_before == node.memory_bytes_free) continue;
        Bin& bin = bins[static_cast<std::size_t>(share.bin)];
        bin.free += share.free - free_before;
        auto item = bin.by_free[static_cast<std::size_t>(free_before)].extract({memory_before, index});
        item.value() = {node.memory_bytes_free, index};
        bin.by_free[static_cast<std::size_t>(share.free)].insert(std::move(item));
    }
}

void Ledger::add(int index, Entry entry) {
    entry.healthy_gpus = 0;
    entry.bin = -1;
    change(index, [&](NodeState& node) {
        node.cpu_millis_free -= entry.cpu_millis;
        node.memory_bytes_free -= entry.memory_bytes;
        node.replicas_free -= entry.replicas;
        for (const int slot : entry.slots) {
            DeviceSlot& device = node.devices[static_cast<std::size_t>(slot)];
            check(device.holder == nullptr, "a device has one user");
            device.holder = entry.holder;
            bins[static_cast<std::size_t>(device.bin)].used += 1;
            if (!device.healthy) continue;
            node.shares.front().free -= 1;
            node.share_of(device.bin)->free -= 1;
            entry.bin = entry.healthy_gpus == 0 || entry.bin == device.bin ? device.bin : -1;
            entry.healthy_gpus += 1;
        }
        entry.holder->gpus += static_cast<int>(entry.slots.size());
        node.entries.push_back(std::move(entry));
    });
}

void Ledger::remove(int index, const Holder* holder) {
    change(index, [&](NodeState& node) {
        // Trials are taken back in reverse, so it is mostly the last.
        std::size_t at = node.entries.size();
        while (at > 0 && node.entries[at - 1].holder != holder) --at;
        check(at > 0, "nothing is released twice");
        Entry& entry = node.entries[at - 1];
        node.cpu_millis_free += entry.cpu_millis;
        node.memory_bytes_free += entry.memory_bytes;
        node.replicas_free += entry.replicas;
        for (const int slot : entry.slots) {
            DeviceSlot& device = node.devices[static_cast<std::size_t>(slot)];
            device.holder = nullptr;
            bins[static_cast<std::size_t>(device.bin)].used -= 1;
            if (!device.healthy) continue;
            node.shares.front().free += 1;
            node.share_of(device.bin)->free += 1;
        }
        entry.holder->gpus -= static_cast<int>(entry.slots.size());
        node.entries.erase(node.entries.begin() + static_cast<std::ptrdiff_t>(at - 1));
    });
}

std::vector<int> Ledger::free_slots(int index, int bin, int count) const {
    const NodeState& node = nodes[static_cast<std::size_t>(index)];
    std::vector<int> slots;
    for (std::size_t slot = 0; slot < node.devices.size() && static_cast<int>(slots.size()) < count; ++slot) {
        const DeviceSlot& device = node.devices[slot];
        if (device.healthy && device.holder == nullptr && device.bin == bin) slots.push_back(static_cast<int>(slot));
    }
    check(static_cast<int>(slots.size()) == count, "a placement takes what is free");
    return slots;
}

Room Ledger::room(int index, int bin) const {
    const NodeState& node = nodes[static_cast<std::size_t>(index)];
    const Share* share = bin == kAnyBin ? nullptr : node.share_of(bin);
    return {node.cpu_millis_free, node.memory_bytes_free, share == nullptr ? 0 : share->free, node.replicas_free};
}

Room Ledger::whole_room(int index, int bin, bool healed) const {
    const domain::Node& node = (*list_)[static_cast<std::size_t>(index)];
    const Share* share = bin == kAnyBin ? nullptr : nodes[static_cast<std::size_t>(index)].share_of(bin);
    const int gpus = share == nullptr ? 0 : healed ? share->total : share->healthy;
    return {node.cpu_millis, node.memory_bytes, gpus, node.replicas_max};
}

Room Ledger::room_beside_holds(int index, int bin, Key end, const Waiting* self) const {
    Room room = this->room(index, bin);
    for (const Hold& hold : nodes[static_cast<std::size_t>(index)].holds) {
        if (!hold.binds(end) || hold.head == self) continue;
        room.cpu_millis = std::min(room.cpu_millis, std::max<std::int64_t>(0, hold.spare_cpu_millis));
        room.memory_bytes = std::min(room.memory_bytes, std::max<std::int64_t>(0, hold.spare_memory_bytes));
        room.replicas = std::min(room.replicas, std::max(0, hold.spare_replicas));
        if (hold.bin == bin) room.gpus = std::min(room.gpus, std::max(0, hold.spare_gpus));
    }
    return room;
}

}  // namespace pintle::scheduling
