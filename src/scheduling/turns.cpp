#include "scheduling/turns.hpp"

#include <algorithm>
#include <tuple>

namespace pintle::scheduling {

std::vector<const Waiting*> in_order_of_turns(const PoolState& pool, std::size_t most) {
    std::vector<const Waiting*> order;
    if (!pool.fair) {
        for (auto at = pool.queue.begin(); at != pool.queue.end() && order.size() < most; ++at) order.push_back(*at);
        return order;
    }
    std::unordered_map<int, Usage> usage = pool.usage;
    for (auto level = pool.queue.begin(); level != pool.queue.end() && order.size() < most;) {
        const int priority = (*level)->workload.priority;
        std::unordered_map<int, std::vector<const Waiting*>> by_owner;  // The last is the first of them.
        for (; level != pool.queue.end() && (*level)->workload.priority == priority; ++level)
            by_owner[(*level)->owner].push_back(*level);
        std::set<std::tuple<Usage, std::int64_t, int>> owners;
        for (auto& [owner, list] : by_owner) {
            std::reverse(list.begin(), list.end());
            owners.insert({usage[owner], list.back()->workload.rank, owner});
        }
        while (!owners.empty() && order.size() < most) {
            const int owner = std::get<2>(*owners.begin());
            owners.erase(owners.begin());
            std::vector<const Waiting*>& list = by_owner[owner];
            const Waiting* first = list.back();
            list.pop_back();
            order.push_back(first);
            usage[owner].gpus += first->asked.whole.gpus;
            usage[owner].cpu_millis += first->asked.whole.cpu_millis;
            if (!list.empty()) owners.insert({usage[owner], list.back()->workload.rank, owner});
        }
    }
    return order;
}

std::size_t position_in(const PoolState& pool, const Waiting* waiting) {
    if (!pool.fair) {
        // From whichever end of the queue is nearer.
        const auto here = pool.queue.find(const_cast<Waiting*>(waiting));
        auto back = here, ahead = here;
        for (std::size_t steps = 0;; ++steps, --back, ++ahead) {
            if (back == pool.queue.begin()) return steps + 1;
            if (ahead == pool.queue.end()) return pool.queue.size() - steps + 1;
        }
    }
    const std::vector<const Waiting*> order = in_order_of_turns(pool, pool.queue.size());
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), waiting) - order.begin()) + 1;
}

// The heap's top is its greatest, so that what comes first is greatest.
bool Turns::Turn::operator<(const Turn& other) const {
    return std::tuple(-priority, usage, rank) > std::tuple(-other.priority, other.usage, other.rank);
}

Turns::Turns(const PoolState& pool, std::uint64_t pass) : pool_(pool), pass_(pass) {
    heap_.reserve(pool.units.size());
    for (const auto& [key, unit] : pool.units) {
        const auto at = unit.members.begin();
        heap_.push_back({(*at)->workload.priority, usage_of(unit), (*at)->workload.rank, &unit, at});
    }
    std::make_heap(heap_.begin(), heap_.end());
}

Usage Turns::usage_of(const Unit& unit) const {
    if (!pool_.fair) return {};
    const auto at = pool_.usage.find(unit.owner);
    return at == pool_.usage.end() ? Usage{} : at->second;
}

void Turns::push(const Unit& unit, Queue::const_iterator at) {
    if (at == unit.members.end()) return;
    heap_.push_back({(*at)->workload.priority, usage_of(unit), (*at)->workload.rank, &unit, at});
    std::push_heap(heap_.begin(), heap_.end());
}

Waiting* Turns::next() {
    while (!heap_.empty()) {
        const Turn top = heap_.front();
        if ((*top.at)->tried_in == pass_) {
            pass_over();
            continue;
        }
        // Its owner may have got something since; usage only grows in a pass.
        if (pool_.fair && top.usage != usage_of(*top.unit)) {
            drop();
            push(*top.unit, top.at);
            continue;
        }
        return *top.at;
    }
    return nullptr;
}

void Turns::pass_over() {
    const Turn top = heap_.front();
    drop();
    push(*top.unit, std::next(top.at));
}

void Turns::drop() {
    std::pop_heap(heap_.begin(), heap_.end());
    heap_.pop_back();
}

}  // namespace pintle::scheduling
