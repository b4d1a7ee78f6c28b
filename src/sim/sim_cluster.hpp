#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "domain/node.hpp"

namespace pintle::sim {

/// The simulated machines: two kinds of GPUs on four nodes, of which devices fail and return, and nodes vanish and
/// come back. Deterministic: everything comes from the generator it is given. Not thread safe.
class SimCluster {
public:
    explicit SimCluster(Rng& rng);

    /// Breaks or mends something.
    void change();
    /// Everything is there and healthy again.
    void mend();
    /// What an inventory finds now.
    [[nodiscard]] std::vector<domain::Node> present() const;
    [[nodiscard]] bool is_present(const std::string& node) const { return lost_.count(node) == 0; }
    [[nodiscard]] const std::vector<domain::Node>& all() const { return nodes_; }

private:
    Rng& rng_;
    std::vector<domain::Node> nodes_;
    std::set<std::string> lost_;
};

}  // namespace pintle::sim
