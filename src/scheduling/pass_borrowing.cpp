#include <algorithm>

#include "scheduling/fewest.hpp"
#include "scheduling/pass.hpp"
#include "scheduling/wait_words.hpp"

namespace pintle::scheduling {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

}  // namespace

void Pass::lend() {
    for (Cohort& cohort : books_.cohorts) {
        while (cohort.changed && lend_in(cohort)) {
        }
    }
}

// Starts the first head that can with what the others' pools have idle, and lets the queue behind it move up. A pool
// whose own queue waits lends nothing.
bool Pass::lend_in(const Cohort& cohort) {
    std::vector<Waiting*> heads;
    std::vector<int> lenders;
    for (const int index : cohort.pools) {
        const PoolState& pool = books_.pools[at(index)];
        if (pool.head != nullptr) {
            const GroupState& group = books_.groups[at(pool.head->group)];
            if (group.cohort >= 0 && &books_.cohorts[at(group.cohort)] == &cohort && within_quota(*pool.head))
                heads.push_back(pool.head);
        } else if (std::any_of(pool.bins.begin(), pool.bins.end(),
                               [&](int bin) { return ledger_.bins[at(bin)].free > 0; })) {
            lenders.push_back(index);
        }
    }
    if (lenders.empty()) return false;
    std::sort(heads.begin(), heads.end(), ByTurn());
    for (Waiting* head : heads) {
        const FreeNow free(ledger_, head->end_if_started(now_), head);
        for (const std::vector<int>& bins : choices_with(impl_, head->pool, lenders, head->asked)) {
            std::vector<Spot> spots = place(free, head->asked, bins);
            if (spots.empty()) spots = place_across(free, ledger_, head->asked, bins);
            if (spots.empty()) continue;
            book(*head, head->asked, spots, bins);
            std::vector<int> regions{books_.pools[at(head->pool)].region};
            if (all_together_) {
                regions.clear();
                for (std::size_t region = 0; region < books_.regions.size(); ++region)
                    regions.push_back(static_cast<int>(region));
            }
            run_regions(regions);
            return true;
        }
    }
    return false;
}

void Pass::reclaim() {
    for (std::size_t index = 0; index < books_.pools.size(); ++index) {
        const PoolState& pool = books_.pools[index];
        if (pool.head == nullptr || looked_at_[at(pool.region)] == 0) continue;
        const GroupState& group = books_.groups[at(pool.head->group)];
        if (group.cohort < 0 || !group.group.borrowing->reclaim) continue;
        if (group.used + pool.head->asked.gpus() > impl_.nominal_of(pool.head->group)) continue;
        reclaim_for(*pool.head);
    }
}

void Pass::reclaim_for(const Waiting& head) {
    const int cohort = books_.groups[at(head.group)].cohort;
    const std::vector<int> bins = impl_.bins_of(head.pool, head.asked.model);
    std::vector<const Holder*> borrowers;
    for (const int bin : bins) {
        for (const int node : ledger_.bins[at(bin)].nodes) {
            for (const Entry& entry : ledger_.nodes[at(node)].entries) {
                const Holder& holder = *entry.holder;
                if (holder.trial || holder.ending || holder.mark == kSoon || holder.pool == head.pool ||
                    holder.group < 0)
                    continue;
                if (books_.groups[at(holder.group)].cohort != cohort ||
                    ledger_.nodes[at(node)].gpus_of(entry, bin) == 0)
                    continue;
                borrowers.push_back(&holder);
            }
        }
    }
    const auto goes_first = [](const Holder* a, const Holder* b) {
        if (a->workload->priority != b->workload->priority) return a->workload->priority < b->workload->priority;
        if (a->started_at != b->started_at) return a->started_at > b->started_at;
        return a->workload->rank > b->workload->rank;
    };
    std::sort(borrowers.begin(), borrowers.end(), goes_first);
    borrowers.erase(std::unique(borrowers.begin(), borrowers.end()), borrowers.end());
    if (borrowers.empty()) return;

    for (std::size_t i = 0; i < borrowers.size(); ++i) borrowers[i]->mark = static_cast<Key>(i);
    const auto up_to = [](std::size_t count) -> KeyOf {
        return [last = static_cast<Key>(count)](const Holder& holder) {
            return holder.ending ? kSoon : holder.mark < last ? holder.mark : kNever;
        };
    };
    std::vector<const Holder*> chosen;
    for (const int bin : bins) {
        const std::vector<int> nodes = nodes_for(ledger_, head.asked, {bin});
        const auto fit = earliest_fit(ledger_, head.asked, {bin}, nodes, up_to(borrowers.size()), false);
        if (!fit) continue;
        if (fit->at <= kSoon) {
            chosen.clear();
            break;
        }
        // None of a higher priority than the first so many that suffice.
        const int priority = borrowers[static_cast<std::size_t>(fit->at)]->workload->priority;
        std::size_t count = 0;
        while (count < borrowers.size() && borrowers[count]->workload->priority <= priority) ++count;
        const std::vector<const Holder*> fewer = fewest(ledger_, head.asked, {bin}, nodes, up_to(count), *fit);
        if (chosen.empty() || (!fewer.empty() && fewer.size() < chosen.size())) chosen = fewer;
    }
    for (const Holder* holder : borrowers) holder->mark = kNever;
    for (const Holder* holder : chosen) {
        holder->mark = kSoon;
        reclaimed_.push_back(holder);
        plan_.reclaims.push_back({holder->workload->id, head.workload.id, kReclaimInWords});
    }
    if (!chosen.empty()) fruitful_[at(books_.pools[at(head.pool)].region)] = 1;
}

}  // namespace pintle::scheduling
