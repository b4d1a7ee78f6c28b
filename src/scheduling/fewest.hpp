#pragma once

#include <vector>

#include "scheduling/earliest_fit.hpp"

namespace pintle::scheduling {

/// The fewest holders whose end lets the workload fit, out of those with a key above kSoon (those up to kSoon end
/// anyway); empty when not even all do, or none is needed. Of at most 12 candidates on at most 64 nodes it is the
/// least set there is, of equally small ones that of the lowest keys; of more it is all that have the lowest keys and
/// are in the way where it would fit first, less those that turn out not to be needed. `fit` is earliest_fit() of the
/// same.
[[nodiscard]] std::vector<const Holder*> fewest(const Ledger& ledger, const Asked& asked, const std::vector<int>& bins,
                                                const std::vector<int>& nodes, const KeyOf& key_of,
                                                const EarliestFit& fit);

}  // namespace pintle::scheduling
