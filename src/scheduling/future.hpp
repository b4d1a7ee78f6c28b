#pragma once

#include <optional>
#include <vector>

#include "scheduling/explanation.hpp"
#include "scheduling/snapshot_impl.hpp"

namespace pintle::scheduling {

/// What is there now; of a snapshot in which no pass is under way.
[[nodiscard]] const Present& present_of(const Snapshot::Impl& impl);

/// Walks through the future of all queues: what runs ends when it is expected to, what waits starts strictly in order
/// of turns as soon as it fits. Nobody overtakes, so that what is told is rather too late than too early. It has books
/// of its own, simpler than Ledger's: it asks for any node of those with the fewest free GPUs. One at a time of a
/// snapshot.
class Future {
public:
    enum class Pace {
        kMedian,  ///< Everything takes as long as it does in half of all cases.
        kHigh,    ///< As long as it does in 1 of 10 cases.
    };

    /// `next` is what starts now. Those behind `only` in its queue are left out; null: nobody.
    Future(const Snapshot::Impl& impl, Time now, const Plan& next, const Waiting* only);
    Future(const Future&) = delete;
    Future& operator=(const Future&) = delete;

    /// Walks until `only` has started, or as far as anything is known; each time from the beginning.
    void run(Pace pace);

    /// When `only` starts; nothing when that is not known.
    [[nodiscard]] std::optional<Time> start_of_only() const { return only_start_; }
    /// All that wait, but for those that must not start, and in the same order when those of each start; kNever where
    /// that is not known.
    [[nodiscard]] std::vector<const Waiting*> all() const;
    [[nodiscard]] std::vector<Key> starts_of_all() const;

    // What place() asks.
    [[nodiscard]] Room room(int node, int bin) const;
    [[nodiscard]] int free(int bin) const { return free_[static_cast<std::size_t>(bin)]; }
    [[nodiscard]] int most_free(int bin) const;
    [[nodiscard]] bool carries(int node, const std::vector<int>& labels) const {
        return impl_.books.ledger.carries(node, labels);
    }
    [[nodiscard]] int find(int bin, const Want& want, const std::vector<int>& skip) const;
    [[nodiscard]] int free_across(int node, const std::vector<char>& among) const;
    [[nodiscard]] std::int64_t memory_free(int node) const {
        return nodes_[static_cast<std::size_t>(node)].memory_bytes;
    }

private:
    using Part = Present::Part;
    using Grant = Present::Grant;
    using Job = Present::Job;
    using Turn = Walk::Turn;
    using Line = Walk::Line;

    void line_up();
    void begin();
    void add_starts();
    void book(const Grant& grant, int sign);
    void move(int part, int free);
    void add_end(Job job, std::int64_t median, std::int64_t high, Time now);
    void advance(Line& line, Time now);
    bool start(Turn& turn, Time now);
    [[nodiscard]] bool could_start(const Turn& turn) const;
    [[nodiscard]] int find_simple(const Turn& turn, int bin) const;
    [[nodiscard]] bool within_quota(const Turn& turn) const;
    [[nodiscard]] bool take_simple(const Turn& turn);
    /// `bins` become those of spots with kSeveralBins.
    [[nodiscard]] std::vector<Spot> place_somewhere(const Turn& turn, std::vector<int>& bins) const;
    [[nodiscard]] std::vector<Spot> borrow(const Waiting& waiting, std::vector<int>& bins) const;
    /// What a group may borrow from: choices_with(), found once for each.
    [[nodiscard]] const std::vector<std::vector<int>>& choices_of(int group, const Asked& asked) const;
    void take(const Grant& grant);
    void take_across(Grant grant, const std::vector<int>& bins);
    [[nodiscard]] int part_of(int node, int bin) const;
    void wake(int node);
    void end_all_at(Key moment);
    void end(int job);

    const Snapshot::Impl& impl_;
    const Present& present_;
    Time now_;
    const Plan& next_;
    const Waiting* only_;
    bool somebody_roams_;  ///< Only then it matters where any GPUs are free.
    mutable std::map<std::pair<int, int>, std::vector<std::vector<int>>> choices_;  ///< [group, model]

    // Of the present walk.
    Pace pace_ = Pace::kMedian;
    std::optional<Time> only_start_;
    std::vector<Line>& lines_;
    std::vector<Present::Node>& nodes_;
    std::vector<Part>& parts_;
    std::vector<int>& lists_;
    std::vector<int>& free_;
    std::vector<int>& free_in_cohort_;
    std::vector<int>& used_by_group_;
    std::vector<Job>& jobs_;
    std::vector<Grant>& grants_;
    std::vector<Walk::End>& ends_;
    std::vector<int>& ended_;
    std::vector<char>& woken_;
};

/// Of one that waits; `next` is what starts now.
[[nodiscard]] std::optional<Forecast> forecast_of(const Snapshot::Impl& impl, const Waiting& waiting, const Plan& next,
                                                  Time now);

}  // namespace pintle::scheduling
