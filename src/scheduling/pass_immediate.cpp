#include <algorithm>

#include "scheduling/pass.hpp"

namespace pintle::scheduling {
namespace {

// The same with `gpus` in all, taken away as evenly as possible: each replica has what it asked for or, where that is
// more, the same as the others, earlier ones at most one more.
Asked reduced(const Asked& asked, int gpus) {
    std::vector<std::pair<int, int>> replicas;  // ask, GPUs
    for (std::size_t ask = 0; ask < asked.asks.size(); ++ask) {
        for (int i = 0; i < asked.asks[ask].count; ++i) replicas.emplace_back(static_cast<int>(ask), 0);
    }
    for (int left = gpus, level = 1; left > 0; ++level) {
        for (auto& [ask, given] : replicas) {
            if (left == 0) break;
            if (given + 1 != level || given == asked.asks[static_cast<std::size_t>(ask)].gpus) continue;
            given += 1;
            left -= 1;
        }
    }
    Asked less;
    less.model = asked.model;
    int last_ask = -1;
    for (const auto& [ask, given] : replicas) {
        if (ask == last_ask && less.asks.back().gpus == given) {
            less.asks.back().count += 1;
            continue;
        }
        less.asks.push_back(asked.asks[static_cast<std::size_t>(ask)]);
        less.asks.back().count = 1;
        less.asks.back().gpus = given;
        last_ask = ask;
    }
    less.sum_up();
    return less;
}

}  // namespace

// They do not queue: what is free is theirs, of the model of which they get most.
void Pass::start_immediates() {
    for (Waiting* waiting : books_.immediates) {
        const GroupState& group = books_.groups[static_cast<std::size_t>(waiting->group)];
        int most = 0;
        for (const auto& bins : choices_at_home(impl_, waiting->pool, waiting->asked)) {
            if (!bins.empty()) most = std::max(most, ledger_.bins[static_cast<std::size_t>(bins.front())].free);
        }
        most = std::min(most, waiting->asked.gpus());
        if (group.group.borrowing) most = std::min(most, std::max(0, impl_.quota_of(waiting->group) - group.used));
        bool started = false;
        for (int gpus = most; gpus >= 0 && !started; --gpus) {
            const Asked less = reduced(waiting->asked, gpus);
            for (const auto& bins : choices_at_home(impl_, waiting->pool, less)) {
                const std::vector<Spot> spots = place(FreeNow(ledger_), less, bins);
                if (spots.empty()) continue;
                book(*waiting, less, spots);
                started = true;
                break;
            }
        }
    }
}

}  // namespace pintle::scheduling
