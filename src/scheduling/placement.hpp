#pragma once

#include <algorithm>
#include <vector>

#include "scheduling/ledger.hpp"

namespace pintle::scheduling {

/// Equal replicas that follow each other.
struct Ask {
    int count = 1;
    std::int64_t cpu_millis = 0;
    std::int64_t memory_bytes = 0;
    int gpus = 0;
    std::vector<int> labels;
    bool operator==(const Ask&) const = default;
};

inline constexpr int kAnyModel = -1;

/// What a workload asks for, with names turned into numbers.
struct Asked {
    std::vector<Ask> asks;   ///< In the order of the replicas.
    std::vector<int> order;  ///< In which they are placed: those that are hardest to place first.
    Want whole;              ///< All replicas together.
    int model = kAnyModel;
    bool roams = false;  ///< Some of it may go to nodes of any pool, since it needs no GPU.

    [[nodiscard]] int gpus() const { return whole.gpus; }
    /// Fills in what follows from `asks`.
    void sum_up();
};

/// `count` replicas of it.
[[nodiscard]] Want want_of(const Ask& ask, int count);

/// The tightest node is the one with the fewest GPUs free, then the least memory, then the first by name.

/// What is free now; with `end`, for `self` that runs until then, without what is held for others.
class FreeNow {
public:
    explicit FreeNow(const Ledger& ledger) : ledger_(ledger), beside_holds_(false) {}
    FreeNow(const Ledger& ledger, Key end, const Waiting* self)
        : ledger_(ledger), beside_holds_(true), end_(end), self_(self) {}

    [[nodiscard]] Room room(int node, int bin) const {
        return beside_holds_ ? ledger_.room_beside_holds(node, bin, end_, self_) : ledger_.room(node, bin);
    }
    [[nodiscard]] int free(int bin) const { return ledger_.bins[static_cast<std::size_t>(bin)].free; }
    [[nodiscard]] int most_free(int bin) const;
    [[nodiscard]] bool carries(int node, const std::vector<int>& labels) const { return ledger_.carries(node, labels); }
    /// The tightest node that has it, and none of `skip`; -1: none.
    [[nodiscard]] int find(int bin, const Want& want, const std::vector<int>& skip) const;
    /// The GPUs free on the node in those bins for which `among` is not 0. Nothing is held in bins that lend.
    [[nodiscard]] int free_across(int node, const std::vector<char>& among) const;
    /// Which makes a node tight: what is free, whether or not it is held for others.
    [[nodiscard]] std::int64_t memory_free(int node) const {
        return ledger_.nodes[static_cast<std::size_t>(node)].memory_bytes_free;
    }

private:
    const Ledger& ledger_;
    bool beside_holds_;
    Key end_ = kNever;
    const Waiting* self_ = nullptr;
};

/// What may be free at some other moment, of the nodes that matter. Made to be asked a few times.
class FreeThen {
public:
    /// `bins` are those of the workload's GPUs.
    FreeThen(const Ledger& ledger, std::vector<int> bins, std::vector<int> nodes);

    [[nodiscard]] const std::vector<int>& nodes() const { return nodes_; }
    [[nodiscard]] Room room(int node, int bin) const;
    [[nodiscard]] int free(int bin) const;
    [[nodiscard]] int most_free(int bin) const;
    [[nodiscard]] bool carries(int node, const std::vector<int>& labels) const { return ledger_.carries(node, labels); }
    [[nodiscard]] int find(int bin, const Want& want, const std::vector<int>& skip) const;
    [[nodiscard]] int free_across(int node, const std::vector<char>& among) const;
    [[nodiscard]] std::int64_t memory_free(int node) const { return room(node, kAnyBin).memory_bytes; }

    void give_back(int node, const Entry& entry);
    void take_hold(int node, const Hold& hold);
    void heal(int node, bool used_too);  ///< As if its unhealthy devices (only those that nobody uses) were healthy.
    void clear(int node);                ///< As if nobody used it.

private:
    struct Row {
        std::int64_t cpu_millis = 0;
        std::int64_t memory_bytes = 0;
        int replicas = 0;
        int all_gpus = 0;
        bool there = false;
    };
    [[nodiscard]] int column(int bin) const;
    int& gpus(int node, int column) {
        return gpus_[static_cast<std::size_t>(node) * bins_.size() + static_cast<std::size_t>(column)];
    }
    [[nodiscard]] int gpus(int node, int column) const {
        return gpus_[static_cast<std::size_t>(node) * bins_.size() + static_cast<std::size_t>(column)];
    }

    const Ledger& ledger_;
    std::vector<int> bins_;
    std::vector<int> nodes_;
    std::vector<Row> rows_;  ///< By node - first_.
    std::vector<int> gpus_;
    int first_ = 0;
};

/// Puts all replicas on the tightest node that has room for them all; else fills node after node, each with as many
/// equal replicas as any node can take, the tightest of those. Replicas of one workload stay together: the next kind
/// is first put where the earlier are. `bins` are used in their order; a replica's GPUs come from one bin.
/// Empty: it does not fit. A workload that asks for no GPUs has no bins.
template <class View>
[[nodiscard]] std::vector<Spot> place(const View& view, const Asked& asked, const std::vector<int>& bins);

namespace placing {

struct Taken {
    int node;
    int bin;
    Want want;
};

inline Room less(Room room, int node, int bin, const std::vector<Taken>& taken) {
    for (const Taken& part : taken) {
        if (part.node != node) continue;
        room.cpu_millis -= part.want.cpu_millis;
        room.memory_bytes -= part.want.memory_bytes;
        room.replicas -= part.want.replicas;
        if (part.bin == bin) room.gpus -= part.want.gpus;
    }
    return room;
}

inline int how_many(const Room& room, const Ask& ask, int most) {
    if (room.cpu_millis < 0 || room.memory_bytes < 0 || room.gpus < 0) return 0;
    std::int64_t count = std::min(most, room.replicas);
    if (ask.gpus > 0) count = std::min<std::int64_t>(count, room.gpus / ask.gpus);
    if (ask.cpu_millis > 0) count = std::min(count, room.cpu_millis / ask.cpu_millis);
    if (ask.memory_bytes > 0) count = std::min(count, room.memory_bytes / ask.memory_bytes);
    return static_cast<int>(std::max<std::int64_t>(0, count));
}

/// The tightest of the nodes that take the most replicas, with their number.
template <class View>
std::pair<int, int> roomiest(const View& view, int bin, const Ask& ask, int most, const std::vector<int>& skip) {
    if (ask.gpus > 0) most = std::min(most, view.most_free(bin) / ask.gpus);
    if (most < 1) return {-1, 0};
    int node = view.find(bin, want_of(ask, most), skip);
    if (node >= 0) return {node, most};
    int fits = 0;
    for (int low = 1, high = most - 1; low <= high;) {
        const int middle = fits == 0 ? 1 : (low + high + 1) / 2;
        const int found = view.find(bin, want_of(ask, middle), skip);
        if (found < 0) {
            high = middle - 1;
        } else {
            node = found;
            fits = middle;
            low = middle + 1;
        }
    }
    return {node, fits};
}

}  // namespace placing

template <class View>
std::vector<Spot> place(const View& view, const Asked& asked, const std::vector<int>& bins) {
    static const std::vector<int> kNoGpus{kAnyBin};
    const std::vector<int>& whole_bins = asked.gpus() > 0 ? bins : kNoGpus;
    std::vector<Spot> spots;
    int free = 0;
    for (const int bin : bins) free += view.free(bin);
    if (free < asked.gpus()) return spots;
    for (const int bin : whole_bins) {
        const int node = view.find(bin, asked.whole, {});
        if (node < 0) continue;
        for (std::size_t ask = 0; ask < asked.asks.size(); ++ask)
            spots.push_back({static_cast<int>(ask), node, bin, asked.asks[ask].count});
        return spots;
    }
    if (asked.whole.replicas == 1) return spots;

    std::vector<placing::Taken> taken;
    std::vector<int> used;
    for (const int index : asked.order) {
        const Ask& ask = asked.asks[static_cast<std::size_t>(index)];
        int left = ask.count;
        const auto put = [&](int node, int bin, int count) {
            spots.push_back({index, node, bin, count});
            taken.push_back({node, bin, want_of(ask, count)});
            left -= count;
        };
        const std::vector<int>& own_bins = ask.gpus > 0 ? bins : kNoGpus;
        for (const int node : used) {
            if (!view.carries(node, ask.labels)) continue;
            for (const int bin : own_bins) {
                if (left == 0) break;
                const int count = placing::how_many(placing::less(view.room(node, bin), node, bin, taken), ask, left);
                if (count > 0) put(node, bin, count);
            }
        }
        for (const int bin : own_bins) {
            while (left > 0) {
                const auto [node, count] = placing::roomiest(view, bin, ask, left, used);
                if (node < 0) break;
                put(node, bin, count);
                used.push_back(node);
            }
        }
        if (left > 0) return {};
    }
    return spots;
}

/// Several bins as if they were one.
template <class View>
class Across {
public:
    Across(const View& view, const Ledger& ledger, const std::vector<int>& bins)
        : view_(view), among_(ledger.bins.size()) {
        for (const int bin : bins) {
            const Bin& state = ledger.bins[static_cast<std::size_t>(bin)];
            among_[static_cast<std::size_t>(bin)] = 1;
            free_ += view.free(bin);
            nodes_.insert(nodes_.end(), state.nodes.begin(), state.nodes.end());
        }
        std::sort(nodes_.begin(), nodes_.end());
        nodes_.erase(std::unique(nodes_.begin(), nodes_.end()), nodes_.end());
    }

    [[nodiscard]] Room room(int node, int bin) const {
        Room room = view_.room(node, bin == kSeveralBins ? kAnyBin : bin);
        if (bin == kSeveralBins) room.gpus = view_.free_across(node, among_);
        return room;
    }
    [[nodiscard]] int free(int) const { return free_; }
    [[nodiscard]] int most_free(int) const {
        int most = 0;
        for (const int node : nodes_) most = std::max(most, view_.free_across(node, among_));
        return most;
    }
    [[nodiscard]] bool carries(int node, const std::vector<int>& labels) const { return view_.carries(node, labels); }
    [[nodiscard]] int find(int bin, const Want& want, const std::vector<int>& skip) const {
        if (bin != kSeveralBins) return view_.find(bin, want, skip);
        int best = -1;
        std::pair<int, std::int64_t> best_spare;
        for (const int node : nodes_) {
            const int free = view_.free_across(node, among_);
            if (free < want.gpus || (best >= 0 && free > best_spare.first)) continue;
            const std::pair spare(free, view_.memory_free(node));
            if ((best >= 0 && !(spare < best_spare)) || !room(node, bin).holds(want)) continue;
            if (!carries(node, want.labels) || std::find(skip.begin(), skip.end(), node) != skip.end()) continue;
            best = node;
            best_spare = spare;
        }
        return best;
    }

private:
    const View& view_;
    std::vector<char> among_;  ///< [bin]
    std::vector<int> nodes_;
    int free_ = 0;
};

/// The same as place(), where one replica may have GPUs of several bins of its node. The spots tell kSeveralBins; the
/// GPUs are to be taken in the order of the bins.
template <class View>
[[nodiscard]] std::vector<Spot> place_across(const View& view, const Ledger& ledger, const Asked& asked,
                                             const std::vector<int>& bins) {
    if (bins.size() < 2 || asked.gpus() == 0) return {};
    return place(Across<View>(view, ledger, bins), asked, {kSeveralBins});
}

}  // namespace pintle::scheduling
