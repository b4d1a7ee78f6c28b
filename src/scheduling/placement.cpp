#include "scheduling/placement.hpp"

#include <numeric>
#include <tuple>

namespace pintle::scheduling {

Want want_of(const Ask& ask, int count) {
    return {ask.cpu_millis * count, ask.memory_bytes * count, ask.gpus * count, count, ask.labels};
}

void Asked::sum_up() {
    whole = {};
    roams = false;
    for (const Ask& ask : asks) {
        const Want want = want_of(ask, ask.count);
        whole.cpu_millis += want.cpu_millis;
        whole.memory_bytes += want.memory_bytes;
        whole.gpus += want.gpus;
        whole.replicas += want.replicas;
        whole.labels.insert(whole.labels.end(), ask.labels.begin(), ask.labels.end());
        roams = roams || ask.gpus == 0;
    }
    order.resize(asks.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        const auto hardness = [&](int i) {
            const Ask& ask = asks[static_cast<std::size_t>(i)];
            return std::tuple(ask.gpus, ask.labels.size(), ask.memory_bytes);
        };
        return hardness(a) > hardness(b);
    });
}

int FreeNow::most_free(int bin) const {
    const auto& by_free = ledger_.bins[static_cast<std::size_t>(bin)].by_free;
    std::size_t most = by_free.size();
    while (most > 0 && by_free[most - 1].empty()) --most;
    return static_cast<int>(most) - 1;
}

int FreeNow::find(int bin, const Want& want, const std::vector<int>& skip) const {
    const auto& by_free = ledger_.bins[static_cast<std::size_t>(bin)].by_free;
    for (std::size_t free = static_cast<std::size_t>(want.gpus); free < by_free.size(); ++free) {
        const auto& nodes = by_free[free];
        for (auto at = nodes.lower_bound({want.memory_bytes, -1}); at != nodes.end(); ++at) {
            const NodeState& node = ledger_.nodes[static_cast<std::size_t>(at->second)];
            if (node.cpu_millis_free < want.cpu_millis || node.replicas_free < want.replicas) continue;
            if (!want.labels.empty() && !ledger_.carries(at->second, want.labels)) continue;
            if (!skip.empty() && std::find(skip.begin(), skip.end(), at->second) != skip.end()) continue;
            if (beside_holds_ && !node.holds.empty() &&
                !ledger_.room_beside_holds(at->second, bin, end_, self_).holds(want))
                continue;
            return at->second;
        }
    }
    return -1;
}

int FreeNow::free_across(int node, const std::vector<char>& among) const {
    int free = 0;
    for (const Share& share : ledger_.nodes[static_cast<std::size_t>(node)].shares)
        free += among[static_cast<std::size_t>(share.bin)] != 0 ? share.free : 0;
    return free;
}

FreeThen::FreeThen(const Ledger& ledger, std::vector<int> bins, std::vector<int> nodes)
    : ledger_(ledger), bins_(std::move(bins)), nodes_(std::move(nodes)) {
    if (nodes_.empty()) return;
    const auto [least, most] = std::minmax_element(nodes_.begin(), nodes_.end());
    first_ = *least;
    rows_.resize(static_cast<std::size_t>(*most - first_ + 1));
    gpus_.resize(rows_.size() * bins_.size());
    for (const int node : nodes_) {
        const NodeState& state = ledger_.nodes[static_cast<std::size_t>(node)];
        rows_[static_cast<std::size_t>(node - first_)] = {state.cpu_millis_free, state.memory_bytes_free,
                                                          state.replicas_free, state.shares.front().free, true};
        for (std::size_t b = 0; b < bins_.size(); ++b) {
            const Share* share = state.share_of(bins_[b]);
            gpus(node - first_, static_cast<int>(b)) = share == nullptr ? 0 : share->free;
        }
    }
}

int FreeThen::column(int bin) const {
    for (std::size_t b = 0; b < bins_.size(); ++b) {
        if (bins_[b] == bin) return static_cast<int>(b);
    }
    return -1;
}

Room FreeThen::room(int node, int bin) const {
    const Row& row = rows_[static_cast<std::size_t>(node - first_)];
    const int at = column(bin);
    return {row.cpu_millis, row.memory_bytes, at < 0 ? 0 : gpus(node - first_, at), row.replicas};
}

int FreeThen::free(int bin) const {
    int sum = 0;
    const int at = column(bin);
    for (const int node : nodes_) sum += at < 0 ? 0 : std::max(0, gpus(node - first_, at));
    return sum;
}

int FreeThen::most_free(int bin) const {
    int most = 0;
    const int at = column(bin);
    for (const int node : nodes_) most = std::max(most, at < 0 ? 0 : gpus(node - first_, at));
    return most;
}

int FreeThen::find(int bin, const Want& want, const std::vector<int>& skip) const {
    int best = -1;
    std::pair<int, std::int64_t> best_spare;
    const int at = bin == kAnyBin ? -1 : column(bin);
    for (const int node : nodes_) {
        const Row& row = rows_[static_cast<std::size_t>(node - first_)];
        const int free = bin == kAnyBin ? row.all_gpus : gpus(node - first_, at);
        const std::pair spare(free, row.memory_bytes);
        if (best >= 0 && !(spare < best_spare)) continue;
        if (row.cpu_millis < want.cpu_millis || row.memory_bytes < want.memory_bytes || row.replicas < want.replicas ||
            free < want.gpus)
            continue;
        // Nodes without devices of the bin are not in it, though a replica without GPUs would fit there.
        if (bin != kAnyBin && ledger_.nodes[static_cast<std::size_t>(node)].share_of(bin) == nullptr) continue;
        if (!ledger_.carries(node, want.labels) || std::find(skip.begin(), skip.end(), node) != skip.end()) continue;
        best = node;
        best_spare = spare;
    }
    return best;
}

int FreeThen::free_across(int node, const std::vector<char>& among) const {
    int free = 0;
    for (std::size_t b = 0; b < bins_.size(); ++b) {
        if (among[static_cast<std::size_t>(bins_[b])] != 0) free += gpus(node - first_, static_cast<int>(b));
    }
    return free;
}

void FreeThen::give_back(int node, const Entry& entry) {
    Row& row = rows_[static_cast<std::size_t>(node - first_)];
    row.cpu_millis += entry.cpu_millis;
    row.memory_bytes += entry.memory_bytes;
    row.replicas += entry.replicas;
    const NodeState& state = ledger_.nodes[static_cast<std::size_t>(node)];
    row.all_gpus += state.gpus_of(entry, kAnyBin);
    for (std::size_t b = 0; b < bins_.size(); ++b)
        gpus(node - first_, static_cast<int>(b)) += state.gpus_of(entry, bins_[b]);
}

void FreeThen::take_hold(int node, const Hold& hold) {
    Row& row = rows_[static_cast<std::size_t>(node - first_)];
    row.cpu_millis -= hold.cpu_millis;
    row.memory_bytes -= hold.memory_bytes;
    row.replicas -= hold.replicas;
    row.all_gpus -= hold.gpus;
    if (const int at = column(hold.bin); at >= 0) gpus(node - first_, at) -= hold.gpus;
}

void FreeThen::heal(int node, bool used_too) {
    const NodeState& state = ledger_.nodes[static_cast<std::size_t>(node)];
    for (const DeviceSlot& device : state.devices) {
        if (device.healthy || (device.holder != nullptr && !used_too)) continue;
        rows_[static_cast<std::size_t>(node - first_)].all_gpus += 1;
        if (const int at = column(device.bin); at >= 0) gpus(node - first_, at) += 1;
    }
}

void FreeThen::clear(int node) {
    for (const Entry& entry : ledger_.nodes[static_cast<std::size_t>(node)].entries) give_back(node, entry);
}

}  // namespace pintle::scheduling
