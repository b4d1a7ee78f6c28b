#pragma once

#include <deque>
#include <optional>

#include "scheduling/earliest_fit.hpp"
#include "scheduling/snapshot_impl.hpp"
#include "scheduling/turns.hpp"

namespace pintle::scheduling {

/// One run over the queues. What it starts it books in the snapshot, so that the next sees it taken, and takes it
/// back at the end. Regions in which a pass found nothing to do are left out of the next ones until something there
/// changes or the moment comes at which somebody is overdue.
class Pass {
public:
    Pass(const Snapshot::Impl& impl, Time now);
    ~Pass();
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

    [[nodiscard]] Plan run();

private:
    /// Those that compete for the same thing: a pool's workloads with GPUs, or all without.
    struct Lane {
        Waiting* head = nullptr;
        int tried = 0;
    };

    void start_immediates();
    void start_in_regions();
    void run_regions(const std::vector<int>& regions);
    void try_next(Turns& turns, Waiting& next, Lane& lane);
    void stop_at_quota(Waiting& waiting, Lane& lane);
    void block(Waiting& waiting, Lane& lane);
    void make_head(Waiting& waiting, Lane& lane);
    void hold_places(const Waiting& waiting, const EarliestFit& fit, std::vector<int>& held_nodes);
    void hold_everything(const Waiting& waiting, std::vector<int>& held_nodes);
    void keep(int node, Hold hold, const Room& free, std::vector<int>& held_nodes);
    [[nodiscard]] KeyOf ends() const;
    void forget(Region& region);

    void lend();
    [[nodiscard]] bool lend_in(const Cohort& cohort);
    void reclaim();
    void reclaim_for(const Waiting& head);

    [[nodiscard]] bool within_quota(const Waiting& waiting) const;
    [[nodiscard]] std::vector<Spot> place_at_home(const Waiting& waiting) const;
    /// `bins` are those of spots with kSeveralBins.
    void book(Waiting& waiting, const Asked& asked, const std::vector<Spot>& spots, const std::vector<int>& bins = {});
    /// As many free devices of the bins, in their order, as places in NodeState::devices; none of `taken`.
    [[nodiscard]] std::vector<int> slots_across(int node, const std::vector<int>& bins, int count,
                                                const std::vector<int>& taken) const;
    void bear_fruit(int region);
    void give_back();

    const Snapshot::Impl& impl_;
    Snapshot::Impl::Books& books_;
    Ledger& ledger_;
    Time now_;
    Plan plan_;
    std::deque<Holder> trials_;
    Lane cpu_lane_;
    std::uint64_t run_ = 0;
    std::vector<std::uint64_t> failed_in_;    ///< [shape] → the run in which it could not start.
    std::vector<std::uint64_t> at_quota_in_;  ///< [group] → the run in which it was at its quota.
    Key next_ = kNever;                       ///< When what is expected will be different.
    bool all_together_ = false;               ///< Somebody who may go to any node waits.
    std::vector<char> looked_at_;             ///< [region]
    std::vector<char> fruitful_;              ///< [region]
    std::vector<const Holder*> reclaimed_;
};

/// The bins of its own pool, one choice per model; those with the fewest GPUs free first. A workload without GPUs has
/// one choice, of no bins.
[[nodiscard]] std::vector<std::vector<int>> choices_at_home(const Snapshot::Impl& impl, int pool, const Asked& asked);
/// The same with those of the pools `mates` added to each.
[[nodiscard]] std::vector<std::vector<int>> choices_with(const Snapshot::Impl& impl, int pool,
                                                         const std::vector<int>& mates, const Asked& asked);

/// Whether the workload could start if nobody used anything; also with what its group may borrow. What is unhealthy
/// counts when `healed`.
[[nodiscard]] bool could_ever(const Snapshot::Impl& impl, const Waiting& waiting, bool healed);
/// The same without what is unhealthy, found once for all of a shape.
[[nodiscard]] bool could_start_if_all_ended(const Snapshot::Impl& impl, const Waiting& waiting);

}  // namespace pintle::scheduling
