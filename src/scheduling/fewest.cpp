#include "scheduling/fewest.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

namespace pintle::scheduling {
namespace {

constexpr std::size_t kExactHolders = 12;
constexpr std::size_t kExactNodes = 64;
constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

class Search {
public:
    Search(const Ledger& ledger, const Asked& asked, const std::vector<int>& bins, const KeyOf& key_of,
           std::vector<int> nodes)
        : ledger_(ledger), asked_(asked), bins_(bins), key_of_(key_of), nodes_(std::move(nodes)) {}

    /// Those that may be chosen, the lowest key first; nobody when there are more entries than `most`.
    [[nodiscard]] std::vector<const Holder*> candidates(Key up_to, std::size_t most) const {
        std::vector<const Holder*> found;
        for (const int node : nodes_) {
            if (found.size() > most) return {};
            for (const Entry& entry : ledger_.nodes[static_cast<std::size_t>(node)].entries) {
                const Key key = key_of_(*entry.holder);
                if (key > kSoon && key != kNever && key <= up_to) found.push_back(entry.holder);
            }
        }
        std::sort(found.begin(), found.end(), [&](const Holder* a, const Holder* b) {
            return std::tuple(key_of_(*a), a->workload->rank, a->workload->id) <
                   std::tuple(key_of_(*b), b->workload->rank, b->workload->id);
        });
        found.erase(std::unique(found.begin(), found.end()), found.end());
        return found;
    }

    [[nodiscard]] bool fits(const std::vector<const Holder*>& gone) const {
        const KeyOf only = [&](const Holder& holder) {
            const bool ends = key_of_(holder) <= kSoon || std::find(gone.begin(), gone.end(), &holder) != gone.end();
            return ends ? kSoon : kNever;
        };
        return earliest_fit(ledger_, asked_, bins_, nodes_, only, false).has_value();
    }

    /// The first `size` of the holders, in the order of their list, that suffice.
    bool choose(const std::vector<const Holder*>& holders, std::size_t from, std::size_t size,
                std::vector<const Holder*>& chosen) const {
        if (size == 0) return fits(chosen);
        for (std::size_t i = from; i + size <= holders.size(); ++i) {
            chosen.push_back(holders[i]);
            if (choose(holders, i + 1, size - 1, chosen)) return true;
            chosen.pop_back();
        }
        return false;
    }

private:
    const Ledger& ledger_;
    const Asked& asked_;
    const std::vector<int>& bins_;
    const KeyOf& key_of_;
    std::vector<int> nodes_;
};

}  // namespace

std::vector<const Holder*> fewest(const Ledger& ledger, const Asked& asked, const std::vector<int>& bins,
                                  const std::vector<int>& nodes, const KeyOf& key_of, const EarliestFit& fit) {
    if (fit.at <= kSoon) return {};
    std::vector<const Holder*> chosen;
    if (nodes.size() <= kExactNodes) {
        const Search search(ledger, asked, bins, key_of, nodes);
        // One holder may have several entries.
        const std::vector<const Holder*> all = search.candidates(kNever, kExactHolders * 8);
        for (std::size_t size = 1; all.size() <= kExactHolders && size <= all.size(); ++size) {
            if (search.choose(all, 0, size, chosen)) return chosen;
        }
    }
    std::set<int> there;
    for (const Spot& spot : fit.spots) there.insert(spot.node);
    const Search search(ledger, asked, bins, key_of, {there.begin(), there.end()});
    chosen = search.candidates(fit.at, kAll);
    for (std::size_t i = chosen.size(); i-- > 0;) {
        std::vector<const Holder*> without = chosen;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        if (search.fits(without)) chosen = std::move(without);
    }
    return chosen;
}

}  // namespace pintle::scheduling
