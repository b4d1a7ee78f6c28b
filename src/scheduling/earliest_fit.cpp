#include "scheduling/earliest_fit.hpp"

#include <algorithm>
#include <numeric>

namespace pintle::scheduling {
namespace {

// How many distinct moments are tried for a workload of several kinds of replicas, after the first at which each
// kind alone would fit.
constexpr int kMomentsTried = 64;

struct Return {
    Key key;
    const Entry* entry;
};

// What comes back on each of some nodes, the earliest first.
class Returns {
public:
    Returns(const Ledger& ledger, const std::vector<int>& nodes, const KeyOf& key_of) {
        from_.reserve(nodes.size() + 1);
        all_.reserve(nodes.size() * 2);
        for (const int node : nodes) {
            from_.push_back(all_.size());
            for (const Entry& entry : ledger.nodes[static_cast<std::size_t>(node)].entries) {
                if (const Key key = key_of(*entry.holder); key != kNever) all_.push_back({key, &entry});
            }
            if (all_.size() - from_.back() < 2) continue;
            std::sort(all_.begin() + static_cast<std::ptrdiff_t>(from_.back()), all_.end(),
                      [](const Return& a, const Return& b) { return a.key < b.key; });
        }
        from_.push_back(all_.size());
    }
    [[nodiscard]] std::size_t begin_of(std::size_t n) const { return from_[n]; }
    [[nodiscard]] std::size_t end_of(std::size_t n) const { return from_[n + 1]; }
    [[nodiscard]] const Return& operator[](std::size_t at) const { return all_[at]; }
    [[nodiscard]] const std::vector<Return>& all() const { return all_; }

private:
    std::vector<std::size_t> from_;
    std::vector<Return> all_;
};

Room free_beside_holds(const Ledger& ledger, int node, int bin, bool beside_holds) {
    Room room = ledger.room(node, bin);
    if (!beside_holds) return room;
    for (const Hold& hold : ledger.nodes[static_cast<std::size_t>(node)].holds) {
        room.cpu_millis -= hold.cpu_millis;
        room.memory_bytes -= hold.memory_bytes;
        room.replicas -= hold.replicas;
        if (hold.bin == bin) room.gpus -= hold.gpus;
    }
    return room;
}

// The least key at which `ask` alone fits: exact, since equal replicas do not get into each other's way.
std::optional<Key> first_moment(const Ledger& ledger, const Ask& ask, const std::vector<int>& bins,
                                const std::vector<int>& nodes, const Returns& returns, bool beside_holds) {
    std::vector<std::pair<Key, int>> gains;
    int free = 0;
    const std::vector<int> own_bins = ask.gpus > 0 ? bins : std::vector<int>{kAnyBin};
    for (std::size_t n = 0; n < nodes.size(); ++n) {
        if (!ledger.carries(nodes[n], ask.labels)) continue;
        const NodeState& node = ledger.nodes[static_cast<std::size_t>(nodes[n])];
        for (const int bin : own_bins) {
            if (ask.gpus > 0 && node.share_of(bin) == nullptr) continue;
            Room room = free_beside_holds(ledger, nodes[n], bin, beside_holds);
            int fits = placing::how_many(room, ask, ask.count);
            free += fits;
            for (std::size_t r = returns.begin_of(n); r < returns.end_of(n) && fits < ask.count; ++r) {
                const Return& back = returns[r];
                room.cpu_millis += back.entry->cpu_millis;
                room.memory_bytes += back.entry->memory_bytes;
                room.replicas += back.entry->replicas;
                if (ask.gpus > 0) room.gpus += node.gpus_of(*back.entry, bin);
                const int more = placing::how_many(room, ask, ask.count);
                if (more > fits) gains.emplace_back(back.key, more - fits);
                fits = more;
            }
        }
    }
    if (free >= ask.count) return kAtOnce;
    std::sort(gains.begin(), gains.end());
    for (const auto& [key, gain] : gains) {
        free += gain;
        if (free >= ask.count) return key;
    }
    return std::nullopt;
}

}  // namespace

std::vector<int> nodes_for(const Ledger& ledger, const Asked& asked, const std::vector<int>& bins) {
    if (!asked.roams && bins.size() == 1) return ledger.bins[static_cast<std::size_t>(bins.front())].nodes;
    std::vector<int> nodes;
    if (asked.roams) {
        nodes.resize(ledger.nodes.size());
        std::iota(nodes.begin(), nodes.end(), 0);
        return nodes;
    }
    for (const int bin : bins) {
        const std::vector<int>& more = ledger.bins[static_cast<std::size_t>(bin)].nodes;
        nodes.insert(nodes.end(), more.begin(), more.end());
    }
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    return nodes;
}

std::optional<EarliestFit> earliest_fit(const Ledger& ledger, const Asked& asked, const std::vector<int>& bins,
                                        const std::vector<int>& nodes, const KeyOf& key_of, bool beside_holds,
                                        Key* next) {
    const Returns returns(ledger, nodes, key_of);
    if (next != nullptr) {
        for (const Return& back : returns.all()) {
            if (back.key > kSoon) *next = std::min(*next, back.key);
        }
    }
    Key at = kAtOnce;
    for (const Ask& ask : asked.asks) {
        const std::optional<Key> moment = first_moment(ledger, ask, bins, nodes, returns, beside_holds);
        if (!moment) return std::nullopt;
        at = std::max(at, *moment);
    }
    FreeThen then(ledger, bins, nodes);
    std::vector<std::size_t> done(nodes.size());
    for (std::size_t n = 0; n < nodes.size(); ++n) done[n] = returns.begin_of(n);
    if (beside_holds) {
        for (const int node : nodes) {
            for (const Hold& hold : ledger.nodes[static_cast<std::size_t>(node)].holds) then.take_hold(node, hold);
        }
    }
    for (int tried = 0; tried < kMomentsTried; ++tried) {
        Key following = kNever;
        for (std::size_t n = 0; n < nodes.size(); ++n) {
            for (; done[n] < returns.end_of(n) && returns[done[n]].key <= at; ++done[n])
                then.give_back(nodes[n], *returns[done[n]].entry);
            if (done[n] < returns.end_of(n)) following = std::min(following, returns[done[n]].key);
        }
        std::vector<Spot> spots = place(then, asked, bins);
        if (!spots.empty()) return EarliestFit{at, bins, std::move(spots)};
        if (following == kNever) break;
        at = following;
    }
    return std::nullopt;
}

bool fits_when_empty(const Ledger& ledger, const Asked& asked, const std::vector<int>& bins, bool healed) {
    std::size_t most = 0;
    for (const int bin : bins) most += ledger.bins[static_cast<std::size_t>(bin)].by_free.size() - 1;
    for (const Ask& ask : asked.asks) {
        if (ask.gpus > 0 && static_cast<std::size_t>(ask.gpus) > most) return false;
    }
    // Equal replicas do not get into each other's way, so that it is enough to count them.
    if (asked.asks.size() == 1 && (bins.size() == 1 || asked.gpus() == 0)) {
        const Ask& ask = asked.asks.front();
        int left = ask.count;
        for (const int node : ledger.bins[static_cast<std::size_t>(asked.gpus() > 0 ? bins.front() : kAnyBin)].nodes) {
            if (!ledger.carries(node, ask.labels)) continue;
            const int bin = asked.gpus() > 0 ? bins.front() : kAnyBin;
            left -= placing::how_many(ledger.whole_room(node, bin, healed), ask, left);
            if (left == 0) return true;
        }
        return false;
    }
    FreeThen then(ledger, bins, nodes_for(ledger, asked, bins));
    for (const int node : then.nodes()) {
        then.clear(node);
        if (healed) then.heal(node, true);
    }
    return !place(then, asked, bins).empty() || !place_across(then, ledger, asked, bins).empty();
}

}  // namespace pintle::scheduling
