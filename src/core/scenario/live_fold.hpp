#pragma once

#include <map>

#include "domain/change.hpp"

namespace pintle::core::scenario {

/// What a store makes of the core's changes, without a disk: everything that a core must be given to go on after a
/// restart.
class LiveFold {
public:
    void apply(const domain::Changes& changes);
    [[nodiscard]] domain::LiveState live() const;

private:
    struct Applier;
    std::map<domain::ProjectId, domain::Project> projects_;
    std::vector<domain::JobId> submitted_;  ///< In their order.
    std::map<domain::JobId, domain::Job> jobs_;
    std::vector<domain::change::KeyUsed> keys_;
    std::map<std::string, domain::Chore> chores_;
    std::map<domain::UserId, domain::User> users_;
    std::map<domain::GroupId, domain::Group> groups_;
    std::map<domain::PoolId, domain::Pool> pools_;
    std::map<domain::TokenId, domain::AccessToken> tokens_;
    std::map<std::string, domain::Invite> invites_;
    std::map<domain::AccountId, domain::Account> accounts_;
    domain::StorageQuotas storage_quotas_;
    std::map<std::pair<domain::ProjectId, std::string>, domain::ComponentRecord> components_;
    std::map<std::pair<domain::ProjectId, std::string>, domain::RunTimes> run_times_;
};

}  // namespace pintle::core::scenario
