#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "core/input.hpp"
#include "sim/sim_cluster.hpp"

namespace pintle::sim {

/// What simulated operators and data scientists do besides submitting jobs: they come, go, and move between groups;
/// groups and pools are made, changed and deleted; the queue is held, released and reordered. Much of it is wrong and
/// must be refused.
///
/// Deterministic: everything comes from the generators it is given. Not thread safe.
class SimPeople {
public:
    using MakeId = std::function<std::string()>;
    SimPeople(Rng& rng, const SimCluster& cluster, MakeId make_id);

    /// The first operator, who must be there before anybody else.
    [[nodiscard]] core::InputBody begin();
    [[nodiscard]] core::InputBody random_command(const std::vector<domain::JobId>& jobs,
                                                 const std::vector<domain::ProjectId>& projects);
    /// Anybody, on-boarded or not.
    [[nodiscard]] domain::UserId somebody();
    /// The first operator, for the audit log.
    [[nodiscard]] domain::Actor operator_actor() const;

private:
    [[nodiscard]] core::InputBody of_users();
    [[nodiscard]] core::InputBody of_groups();
    [[nodiscard]] core::InputBody of_pools();
    [[nodiscard]] core::InputBody of_queue(const std::vector<domain::JobId>& jobs);
    template <class T>
    [[nodiscard]] T one_of(const std::vector<T>& list) { return list[rng_.below(list.size())]; }

    Rng& rng_;
    const SimCluster& cluster_;
    const MakeId make_id_;
    std::vector<domain::UserId> users_;
    std::vector<domain::GroupId> groups_{domain::kDefaultGroup};
    std::vector<domain::PoolId> pools_{domain::kDefaultPool};
};

}  // namespace pintle::sim
