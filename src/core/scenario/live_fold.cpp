#include "core/scenario/live_fold.hpp"

#include <algorithm>

namespace pintle::core::scenario {

using namespace domain;

struct LiveFold::Applier {
    LiveFold& to;

    void operator()(const change::ProjectSaved& saved) const {
        to.projects_.insert_or_assign(saved.project.id, saved.project);
    }
    void operator()(const change::ProjectDeleted& gone) const {
        to.projects_.erase(gone.id);
        std::erase_if(to.components_, [&](const auto& entry) { return entry.first.first == gone.id; });
        std::erase_if(to.run_times_, [&](const auto& entry) { return entry.first.first == gone.id; });
    }
    void operator()(const change::ProjectReset& reset) const {
        to.projects_.at(reset.id).next_build = 1;
        std::erase_if(to.run_times_, [&](const auto& entry) { return entry.first.first == reset.id; });
        std::erase_if(to.keys_, [&](const auto& used) { return used.key.starts_with(reset.id.str() + "/"); });
    }
    void operator()(const change::BuildCounted& counted) const {
        to.projects_.at(counted.id).next_build = counted.next_build;
    }
    void operator()(const change::JobSaved& saved) const {
        if (to.jobs_.insert_or_assign(saved.job->id, *saved.job).second) to.submitted_.push_back(saved.job->id);
    }
    void operator()(const change::JobDeleted& gone) const { to.jobs_.erase(gone.id); }
    void operator()(const change::JobTagged&) const {}
    void operator()(const change::ComponentSaved& saved) const {
        to.components_.insert_or_assign(std::pair(saved.record.project, saved.record.name), saved.record);
    }
    void operator()(const change::ComponentDeleted& gone) const { to.components_.erase({gone.project, gone.name}); }
    void operator()(const change::NoticeAdded&) const {}
    void operator()(const change::KeyUsed& used) const { to.keys_.push_back(used); }
    void operator()(const change::UserSaved& saved) const {
        to.users_.insert_or_assign(saved.user.id, saved.user);
        if (saved.user.status != UserStatus::kOffboarded) return;
        std::erase_if(to.tokens_, [&](const auto& entry) { return entry.second.user == saved.user.id; });
        std::erase_if(to.invites_, [&](const auto& entry) { return entry.second.user == saved.user.id; });
    }
    void operator()(const change::GroupSaved& saved) const { to.groups_.insert_or_assign(saved.group.id, saved.group); }
    void operator()(const change::GroupDeleted& gone) const { to.groups_.erase(gone.id); }
    void operator()(const change::PoolSaved& saved) const { to.pools_.insert_or_assign(saved.pool.id, saved.pool); }
    void operator()(const change::PoolDeleted& gone) const { to.pools_.erase(gone.id); }
    void operator()(const change::TokenSaved& saved) const { to.tokens_.insert_or_assign(saved.token.id, saved.token); }
    void operator()(const change::TokenDeleted& gone) const { to.tokens_.erase(gone.id); }
    void operator()(const change::SessionSaved&) const {}
    void operator()(const change::SessionEnded&) const {}
    void operator()(const change::SessionsEnded&) const {}
    void operator()(const change::InviteSaved& saved) const {
        to.invites_.insert_or_assign(saved.invite.hash, saved.invite);
    }
    void operator()(const change::InviteDeleted& gone) const { to.invites_.erase(gone.hash); }
    void operator()(const change::Audited&) const {}
    void operator()(const change::AccountSaved& saved) const {
        to.accounts_.insert_or_assign(saved.account.id, saved.account);
    }
    void operator()(const change::AccountDeleted& gone) const { to.accounts_.erase(gone.id); }
    void operator()(const change::StorageQuotaSaved& saved) const {
        to.storage_quotas_.insert_or_assign(saved.quota.owner, saved.quota.bytes);
    }
    void operator()(const change::StorageQuotaDeleted& gone) const { to.storage_quotas_.erase(gone.owner); }
    void operator()(const change::RunTimesSaved& saved) const {
        to.run_times_.insert_or_assign(std::pair(saved.times.project, saved.times.task), saved.times);
    }
    void operator()(const change::ChoreAdded& added) const { to.chores_.insert_or_assign(added.chore.id, added.chore); }
    void operator()(const change::ChoreDone& done) const { to.chores_.erase(done.id); }
};

void LiveFold::apply(const Changes& changes) {
    for (const Change& change : changes) std::visit(Applier{*this}, change);
}

namespace {

template <class Map>
auto values_of(const Map& map) {
    std::vector<typename Map::mapped_type> values;
    for (const auto& [key, value] : map) values.push_back(value);
    return values;
}

}  // namespace

LiveState LiveFold::live() const {
    LiveState state;
    for (const JobId& id : submitted_) {
        const auto job = jobs_.find(id);
        if (job != jobs_.end() && !is_final(job->second.state)) state.jobs.push_back(job->second);
    }
    state.projects = values_of(projects_);
    state.keys = keys_;
    state.chores = values_of(chores_);
    state.users = values_of(users_);
    state.groups = values_of(groups_);
    state.pools = values_of(pools_);
    state.tokens = values_of(tokens_);
    state.invites = values_of(invites_);
    state.components = values_of(components_);
    state.run_times = values_of(run_times_);
    state.accounts = values_of(accounts_);
    for (const auto& [owner, bytes] : storage_quotas_) state.storage_quotas.push_back({owner, bytes});
    return state;
}

}  // namespace pintle::core::scenario
