#include "scheduling/fewest.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace pintle::scheduling {
namespace {

constexpr std::size_t kExactHolders = 12;
constexpr std::size_t kExactNodes = 64;

class Search {
public:
    Search(const Ledger& ledger, const Asked& asked, const std::vector<int>& bins, const KeyOf& others)
        : ledger_(ledger), asked_(asked), bins_(bins), others_(others), nodes_(nodes_for(ledger, asked, bins)) {}

    [[nodiscard]] std::size_t nodes() const { return nodes_.size(); }
    void only(std::vector<int> nodes) { nodes_ = std::move(nodes); }

    [[nodiscard]] bool fits(const std::vector<const Holder*>& gone) const {
        const KeyOf key_of = [&](const Holder& holder) {
            return std::find(gone.begin(), gone.end(), &holder) != gone.end() ? kSoon : others_(holder);
        };
        return earliest_fit(ledger_, asked_, bins_, nodes_, key_of, false).has_value();
    }
    [[nodiscard]] std::optional<EarliestFit> prefix(const std::unordered_map<const Holder*, Key>& place) const {
        const KeyOf key_of = [&](const Holder& holder) {
            const auto at = place.find(&holder);
            return at == place.end() ? others_(holder) : at->second;
        };
        return earliest_fit(ledger_, asked_, bins_, nodes_, key_of, false);
    }

    /// The first `size` of the holders, in the order of their list, that suffice.
    bool choose(const std::vector<const Holder*>& holders, std::size_t from, std::size_t size, std::vector<const Holder*>& chosen) const {
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
    const KeyOf& others_;
    std::vector<int> nodes_;
};

}  // namespace

std::vector<const Holder*> fewest(const Ledger& ledger, const Asked& asked, const std::vector<int>& bins,
                                  const std::vector<const Holder*>& holders, const KeyOf& others) {
    Search search(ledger, asked, bins, others);
    std::unordered_map<const Holder*, Key> place;
    for (std::size_t i = 0; i < holders.size(); ++i) place.emplace(holders[i], static_cast<Key>(i));
    const std::optional<EarliestFit> fit = search.prefix(place);
    if (!fit || fit->at < 0) return {};

    std::vector<const Holder*> chosen;
    if (holders.size() <= kExactHolders && search.nodes() <= kExactNodes) {
        for (std::size_t size = 1; size <= holders.size(); ++size) {
            if (search.choose(holders, 0, size, chosen)) return chosen;
        }
    }
    std::set<int> nodes;
    for (const Spot& spot : fit->spots) nodes.insert(spot.node);
    search.only({nodes.begin(), nodes.end()});
    for (std::size_t i = 0; i <= static_cast<std::size_t>(fit->at); ++i) {
        const auto is_there = [&](int node) { return nodes.contains(node); };
        if (std::any_of(holders[i]->nodes.begin(), holders[i]->nodes.end(), is_there)) chosen.push_back(holders[i]);
    }
    for (std::size_t i = chosen.size(); i-- > 0;) {
        std::vector<const Holder*> without = chosen;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        if (search.fits(without)) chosen = std::move(without);
    }
    return chosen;
}

}  // namespace pintle::scheduling
