#pragma once

#include <vector>

#include "scheduling/earliest_fit.hpp"

namespace pintle::scheduling {

/// The fewest of `holders` whose end, with that of those that are ending, lets the workload fit; empty when not even
/// all do, or none is needed. With at most 12 holders on at most 64 nodes it is the least set there is, of equally
/// small ones the first in the order given; beyond, the first so many in the order given that suffice, less those
/// that turn out not to be needed.
[[nodiscard]] std::vector<const Holder*> fewest(const Ledger& ledger, const Asked& asked, const std::vector<int>& bins,
                                                const std::vector<const Holder*>& holders, const KeyOf& others);

}  // namespace pintle::scheduling
