#include "scheduling/explainer.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/core.h>

#include "base/text.hpp"
#include "scheduling/fewest.hpp"
#include "scheduling/future.hpp"
#include "scheduling/pass.hpp"
#include "scheduling/wait_words.hpp"

namespace pintle::scheduling {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

// Of a running workload.
std::optional<Forecast> end_of(const Holder& holder, Time now) {
    const Key end = holder.expected_end(now);
    if (end == kSoon) return Forecast{now, now};
    if (end == kNever) return std::nullopt;
    return Forecast{time_from_ms(end),
                    std::max(time_from_ms(end), holder.started_at + holder.workload->run_time->high)};
}

std::string what_it_waits_for(const Waiting& waiting) {
    if (waiting.asked.gpus() > 0) return asked_in_words(waiting.workload);
    return fmt::format("{} and {} memory", cpu_in_words(waiting.asked.whole.cpu_millis),
                       bytes_in_words(waiting.asked.whole.memory_bytes));
}

}  // namespace

void Overlay::put(const Workload& workload) {
    if (const auto found = impl_.waiting.find(workload.id); !put_ && found != impl_.waiting.end())
        before_ = found->second.workload;
    put_ = workload.id;
    impl_.enqueue(workload);
}

Overlay::~Overlay() {
    if (!put_) return;
    impl_.dequeue(*put_);
    if (before_) impl_.enqueue(std::move(*before_));
}

Explainer::Explainer(const Snapshot& snapshot, const Workload& workload, Time now)
    : snapshot_(snapshot),
      impl_(snapshot.impl()),
      workload_(workload),
      waiting_(&impl_.waiting.at(workload.id)),
      now_(now) {}

Explanation Explainer::explain() {
    plan_ = plan(snapshot_, now_);
    explanation_.position = snapshot_.position_of(workload_.id);
    explanation_.queue_length = impl_.books.pools[at(waiting_->pool)].queue.size();
    const bool may_start = classify();
    if (may_start) explanation_.forecast = forecast_of(impl_, *waiting_, plan_, now_);
    // Trying other things moves it.
    if (explanation_.code != WaitCode::kStarting) find_remedies();
    return std::move(explanation_);
}

// False when no forecast can be made.
bool Explainer::classify() {
    if (!workload_.held.empty()) {
        explanation_.code = WaitCode::kHeld;
        explanation_.reason = workload_.held;
        return false;
    }
    const auto is_it = [&](const Start& start) { return start.id == workload_.id; };
    const auto start = std::find_if(plan_.starts.begin(), plan_.starts.end(), is_it);
    if (start != plan_.starts.end()) {
        for (const Place& place : start->places) {
            std::vector<std::string>& nodes = explanation_.nodes;
            if (std::find(nodes.begin(), nodes.end(), place.node) == nodes.end()) nodes.push_back(place.node);
        }
        explanation_.reason = "it starts now";
        return true;
    }
    if (auto never = why_never(snapshot_, workload_)) {
        explanation_.code = WaitCode::kPoolTooSmall;
        explanation_.reason = std::move(*never);
        return false;
    }
    const GroupState& group = impl_.books.groups[at(waiting_->group)];
    if (!fits_now(*waiting_)) {
        lacking();
    } else if (group.group.borrowing && group.used + waiting_->asked.gpus() > impl_.quota_of(waiting_->group)) {
        at_quota();
    } else {
        behind();
    }
    return true;
}

bool Explainer::fits_now(const Waiting& waiting) const {
    const FreeNow free(impl_.books.ledger);
    for (const std::vector<int>& bins : choices_at_home(impl_, waiting.pool, waiting.asked)) {
        if (!place(free, waiting.asked, bins).empty()) return true;
    }
    return false;
}

void Explainer::lacking() {
    Waiting less = *waiting_;
    const auto fits_without = [&](bool cpu, bool memory) {
        less.asked = waiting_->asked;
        for (Ask& ask : less.asked.asks) {
            if (!cpu) ask.cpu_millis = 0;
            if (!memory) ask.memory_bytes = 0;
        }
        less.asked.sum_up();
        return fits_now(less);
    };
    const Want& whole = waiting_->asked.whole;
    if (lacks_gpus(impl_, *waiting_)) {
        const Ledger& ledger = impl_.books.ledger;
        int free = 0;
        bool if_healed = false;
        for (const int bin : impl_.bins_of(waiting_->pool, waiting_->asked.model)) {
            free = std::max(free, ledger.bins[at(bin)].free);
            if (ledger.bins[at(bin)].healthy == ledger.bins[at(bin)].total) continue;
            FreeThen then(ledger, {bin}, nodes_for(ledger, waiting_->asked, {bin}));
            for (const int node : then.nodes()) then.heal(node, false);
            if_healed = if_healed || !place(then, waiting_->asked, {bin}).empty();
        }
        if_healed = if_healed || !could_ever(impl_, *waiting_, false);
        explanation_.gpus_missing = std::max(0, waiting_->asked.gpus() - free);
        explanation_.code = if_healed                       ? WaitCode::kUnhealthy
                            : explanation_.gpus_missing > 0 ? WaitCode::kGpus
                                                            : WaitCode::kPlace;
        explanation_.reason = gpus_in_words(impl_, *waiting_);
    } else if (fits_without(false, true)) {
        explanation_.code = WaitCode::kCpu;
        explanation_.reason =
            fmt::format("it needs {} and no node where it could run has enough free", cpu_in_words(whole.cpu_millis));
    } else if (fits_without(true, false)) {
        explanation_.code = WaitCode::kMemory;
        explanation_.reason = fmt::format("it needs {} memory and no node where it could run has enough free",
                                          bytes_in_words(whole.memory_bytes));
    } else {
        explanation_.code = WaitCode::kPlace;
        explanation_.reason = "no node has enough of everything at once for one of its replicas";
    }
    const KeyOf ends = [&](const Holder& holder) {
        // Those that are ending are waited for too; those of unknown run time are taken last.
        const Key end = holder.expected_end(now_);
        return end == kSoon ? kSoon + 1 : end == kNever ? kNever - 1 : end;
    };
    std::vector<const Holder*> least;
    std::vector<std::vector<int>> choices{{}};
    if (waiting_->asked.gpus() > 0) {
        choices.clear();
        for (const int bin : impl_.bins_of(waiting_->pool, waiting_->asked.model)) choices.push_back({bin});
    }
    for (const std::vector<int>& bins : choices) {
        const std::vector<int> nodes = nodes_for(impl_.books.ledger, waiting_->asked, bins);
        const auto fit = earliest_fit(impl_.books.ledger, waiting_->asked, bins, nodes, ends, false);
        if (!fit) continue;
        std::vector<const Holder*> other = fewest(impl_.books.ledger, waiting_->asked, bins, nodes, ends, *fit);
        if (least.empty() || (!other.empty() && other.size() < least.size())) least = std::move(other);
    }
    list_running(least);
}

void Explainer::list_running(const std::vector<const Holder*>& holders) {
    explanation_.blockers_in_all = holders.size();
    for (const Holder* holder : holders) {
        if (explanation_.waits_for.size() == kBlockersMost) break;
        explanation_.waits_for.push_back(
            {holder->workload->id, holder->workload->name, holder->gpus, false, end_of(*holder, now_)});
    }
}

// It would fit, if those before it were not there.
void Explainer::behind() {
    explanation_.code = WaitCode::kBehind;
    const Waiting* ahead = who_is_ahead();
    if (ahead == nullptr) {
        explanation_.reason = "others come first, and it would delay them";
        return;
    }
    explanation_.reason = fmt::format("it is behind {}, which waits for {}; starting it now would delay that",
                                      job_in_words(*ahead, waiting_->group), what_it_waits_for(*ahead));
    explanation_.waits_for.push_back(
        {ahead->workload.id, ahead->workload.name, ahead->asked.gpus(), true, std::nullopt});
    explanation_.blockers_in_all = 1;
}

const Waiting* Explainer::who_is_ahead() const {
    const PoolState& pool = impl_.books.pools[at(waiting_->pool)];
    const bool with_gpus = waiting_->asked.gpus() > 0;
    if (with_gpus && pool.head != nullptr && pool.head != waiting_) return pool.head;
    // Whoever has a hold on where it would go.
    const Waiting* first = nullptr;
    for (const std::vector<int>& bins : choices_at_home(impl_, waiting_->pool, waiting_->asked)) {
        for (const Spot& spot : place(FreeNow(impl_.books.ledger), waiting_->asked, bins)) {
            for (const Hold& hold : impl_.books.ledger.nodes[at(spot.node)].holds) {
                if (hold.head == waiting_ || !hold.binds(waiting_->end_if_started(now_))) continue;
                if (first == nullptr || ByTurn()(hold.head, first)) first = hold.head;
            }
        }
    }
    if (first != nullptr) return first;
    for (const Waiting* other : pool.queue) {
        if (other == waiting_) break;
        if (other->ready() && !other->workload.immediate && (other->asked.gpus() > 0) == with_gpus) return other;
    }
    return nullptr;
}

void Explainer::at_quota() {
    explanation_.code = WaitCode::kQuota;
    explanation_.reason = quota_in_words(impl_, *waiting_);
    const GroupState& group = impl_.books.groups[at(waiting_->group)];
    int missing = group.used + waiting_->asked.gpus() - impl_.quota_of(waiting_->group);
    explanation_.gpus_missing = missing;
    std::vector<const Holder*> holders;
    for (const auto& [id, record] : impl_.running) {
        if (record.holder.group == waiting_->group && record.holder.gpus > 0) holders.push_back(&record.holder);
    }
    const auto ends_first = [&](const Holder* a, const Holder* b) {
        return std::tuple(a->expected_end(now_), a->workload->rank, a->workload->id) <
               std::tuple(b->expected_end(now_), b->workload->rank, b->workload->id);
    };
    std::sort(holders.begin(), holders.end(), ends_first);
    // One that is large enough, or the most at a time: no fewer would do.
    std::vector<const Holder*> chosen;
    while (missing > 0 && !holders.empty()) {
        auto next =
            std::find_if(holders.begin(), holders.end(), [&](const Holder* holder) { return holder->gpus >= missing; });
        if (next == holders.end()) {
            next = std::max_element(holders.begin(), holders.end(),
                                    [](const Holder* a, const Holder* b) { return a->gpus < b->gpus; });
        }
        missing -= (*next)->gpus;
        chosen.push_back(*next);
        holders.erase(next);
    }
    list_running(missing > 0 ? std::vector<const Holder*>{} : chosen);
}

}  // namespace pintle::scheduling
