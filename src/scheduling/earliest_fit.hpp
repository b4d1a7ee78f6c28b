#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "scheduling/placement.hpp"

namespace pintle::scheduling {

/// The key of a holder says in which order resources come back: what has a lower key is back earlier, what has
/// kNever is not coming.
using KeyOf = std::function<Key(const Holder&)>;

struct EarliestFit {
    Key at = kAtOnce;  ///< The least key such that it fits when all holders up to it have given back theirs.
    std::vector<int> bins;
    std::vector<Spot> spots;
};

/// Where a workload would fit first. What is held for the heads of queues is left to them when `beside_holds`. Nothing
/// when it would not even fit after all those with a key. `next` becomes the least key above kSoon that was seen, if
/// that is less.
[[nodiscard]] std::optional<EarliestFit> earliest_fit(const Ledger& ledger, const Asked& asked,
                                                      const std::vector<int>& bins, const std::vector<int>& nodes,
                                                      const KeyOf& key_of, bool beside_holds, Key* next = nullptr);

/// The nodes on which a workload's replicas may be: those of the bins, or all when some need no GPU.
[[nodiscard]] std::vector<int> nodes_for(const Ledger& ledger, const Asked& asked, const std::vector<int>& bins);

/// Whether it would fit if nobody used anything; also what is unhealthy counts when `healed`.
[[nodiscard]] bool fits_when_empty(const Ledger& ledger, const Asked& asked, const std::vector<int>& bins, bool healed);

}  // namespace pintle::scheduling
