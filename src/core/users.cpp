#include <algorithm>

#include "base/text.hpp"
#include "core/state.hpp"
#include "domain/label.hpp"

namespace pintle::core {

using namespace domain;

Result<User*> find_user(State& state, const UserId& id) {
    const auto found = state.users.find(id);
    if (found == state.users.end() || found->second.status == UserStatus::kOffboarded)
        return fail(ErrorCode::kNotFound, "there is no such user");
    return &found->second;
}

GroupId group_of(const State& state, const UserId& user) {
    const auto found = state.users.find(user);
    return found == state.users.end() ? kDefaultGroup : found->second.group;
}

std::string name_of(const State& state, const UserId& user) {
    const auto found = state.users.find(user);
    return found == state.users.end() ? std::string("nobody") : found->second.name;
}

std::vector<JobId> live_jobs_of_user(const State& state, const UserId& user) {
    std::vector<JobId> ids;
    for (const auto& [id, job] : state.jobs) {
        if (job->owner == user && !is_final(job->state)) ids.push_back(id);
    }
    return ids;
}

void regroup_job(Step& step, const JobId& id, const std::string& reason) {
    State& state = step.state;
    const std::shared_ptr<const Job> job = state.jobs.at(id);
    const GroupId group = group_of(state, job->owner);
    const PoolId pool = state.groups.at(group).pool;
    // What runs keeps its GPUs and, for the books, the group that has them.
    if (!is_waiting(job->state) || (job->group == group && job->pool == pool)) return;
    record(step, id, event::Regrouped{group, pool, reason});
    enqueue(state, *state.jobs.at(id));
    step.replan = true;
}

void regroup(Step& step, const UserId& user, const std::string& reason) {
    State& state = step.state;
    const GroupId group = group_of(state, user);
    for (const JobId& id : live_jobs_of_user(state, user)) regroup_job(step, id, reason);
    std::vector<ProjectId> projects;
    for (const auto& [id, project] : state.projects) {
        if (project.owner != user) continue;
        if (project.home == group) {
            // The owner is back before the data went: what was ended for that runs again.
            mark_components(state, id);
            continue;
        }
        state.project_ids.emplace(std::pair(group, project.spec.name), id);
        projects.push_back(id);
    }
    for (const ProjectId& id : projects) rehome(step, id);
}

namespace {

void save(Step& step, User& user) {
    user.updated_at = step.now;
    step.result.changes.push_back(change::UserSaved{user});
}

bool is_last_operator(const State& state, const User& user) {
    if (user.role != Role::kOperator) return false;
    return std::none_of(state.users.begin(), state.users.end(), [&](const auto& entry) {
        return entry.first != user.id && entry.second.role == Role::kOperator &&
               entry.second.status != UserStatus::kOffboarded;
    });
}

void put_invite(Step& step, const Invite& invite) {
    State& state = step.state;
    for (auto it = state.invites.begin(); it != state.invites.end();) {
        if (it->second.user != invite.user) {
            ++it;
            continue;
        }
        step.result.changes.push_back(change::InviteDeleted{it->first});
        it = state.invites.erase(it);
    }
    state.invites.emplace(invite.hash, invite);
    step.result.changes.push_back(change::InviteSaved{invite});
}

// Projects and jobs of a time before users belong to the first operator.
void adopt_everything(Step& step, const UserId& owner) {
    State& state = step.state;
    for (auto& [id, project] : state.projects) {
        if (!project.owner.empty()) continue;
        project.owner = owner;
        step.result.changes.push_back(change::ProjectSaved{project});
    }
    for (auto& [id, job] : state.jobs) {
        if (!job->owner.empty()) continue;
        Job adopted = *job;
        adopted.owner = owner;
        job = std::make_shared<const Job>(std::move(adopted));
        step.result.changes.push_back(change::JobSaved{job, {}});
        if (is_waiting(job->state)) enqueue(state, *job);
        if (state.snapshot.find_running(id) == nullptr) continue;
        state.snapshot.finish(id);
        state.snapshot.start(running_of(state, *job));
    }
}

Result<std::string> begin_users(Step& step, const input::BeginUsers& command) {
    State& state = step.state;
    if (!state.users.empty()) return fail(ErrorCode::kConflict, "there are users already");
    step.result.changes.push_back(change::PoolSaved{state.pools.at(kDefaultPool)});
    step.result.changes.push_back(change::GroupSaved{state.groups.at(kDefaultGroup)});
    User user{command.id,   command.name, Role::kOperator, UserStatus::kOnboarding, kDefaultGroup, "",
              std::nullopt, step.now,     step.now};
    state.user_ids.emplace(user.name, user.id);
    User& kept = state.users.emplace(user.id, std::move(user)).first->second;
    save(step, kept);
    put_invite(step, command.invite);
    adopt_everything(step, kept.id);
    step.audit("user.onboard", kept.name, "the first operator");
    return kept.id.str();
}

// Only one user is known by it. Somebody who was off-boarded gives it up when an operator, or its owner in another
// account, gives it to another.
Result<void> claim_identity(Step& step, const UserId& id, const ExternalIdentity& external) {
    for (auto& [other_id, other] : step.state.users) {
        if (other_id == id || other.external != external) continue;
        if (other.status != UserStatus::kOffboarded)
            return fail(ErrorCode::kConflict, "this account of {} is linked to another user already", external.issuer);
        other.external.reset();
        save(step, other);
    }
    return {};
}

// Where nothing is said of it: who comes back comes into the group that they left.
GroupId group_to_come_into(const State& state, const std::string& name) {
    const auto known = state.user_ids.find(name);
    if (known == state.user_ids.end()) return kDefaultGroup;
    const GroupId& last = state.users.at(known->second).group;
    return state.groups.count(last) > 0 ? last : kDefaultGroup;
}

Result<std::string> onboard(Step& step, const input::OnboardUser& command) {
    State& state = step.state;
    if (std::string fault = label_fault("user", command.name); !fault.empty())
        return fail(ErrorCode::kInvalid, "{}", fault);
    const GroupId group = command.group.empty() ? group_to_come_into(state, command.name) : command.group;
    if (state.groups.count(group) == 0)
        return fail(ErrorCode::kNotFound, "there is no such group to put {} into", command.name);
    UserId id = command.id;
    if (const auto known = state.user_ids.find(command.name); known != state.user_ids.end()) {
        const User& before = state.users.at(known->second);
        if (before.status != UserStatus::kOffboarded)
            return fail(ErrorCode::kConflict, "there is already a user named \"{}\"", command.name);
        // Who comes back finds again what was theirs.
        id = before.id;
        TRY(check_project_names(state, id, group));
    }
    if (state.users.size() >= state.options.users_max && state.users.count(id) == 0)
        return fail(ErrorCode::kExhausted, "this server keeps at most {}, and they are there already",
                    count_of(static_cast<std::int64_t>(state.options.users_max), "user"));
    if (command.external) TRY(claim_identity(step, id, *command.external));
    const auto created = state.users.count(id) > 0 ? state.users.at(id).created_at : step.now;
    const UserStatus status = command.external ? UserStatus::kOnboarded : UserStatus::kOnboarding;
    state.users.insert_or_assign(
        id, User{id, command.name, command.role, status, group, "", command.external, created, step.now});
    state.user_ids.insert_or_assign(command.name, id);
    save(step, state.users.at(id));
    if (command.invite) put_invite(step, Invite{command.invite->hash, id, command.invite->expires_at});
    regroup(step, id, std::string(kOwnerMoved));
    step.audit("user.onboard", command.name,
               fmt::format("as {}, into {}", to_string(command.role), state.groups.at(group).name));
    return id.str();
}

Result<std::string> offboard(Step& step, const input::OffboardUser& command) {
    State& state = step.state;
    User& user = *TRY(find_user(state, command.id));
    if (is_last_operator(state, user))
        return fail(ErrorCode::kConflict, "{} is the last operator; promote somebody else first", user.name);
    const std::vector<JobId> live = live_jobs_of_user(state, command.id);
    if (!live.empty() && !command.force) {
        return fail(ErrorCode::kConflict,
                    "{} of {} {} not ended (the first is {}); wait for them, stop them, or off-board with force, which "
                    "stops them",
                    count_of(static_cast<std::int64_t>(live.size()), "job"), user.name,
                    live.size() == 1 ? "has" : "have", state.jobs.at(live.front())->display_name());
    }
    const std::string reason = fmt::format("stopped because {} was off-boarded", user.name);
    for (const JobId& id : live) {
        begin_end(step, id, JobState::kStopped, reason, step.actor.name);
    }
    user.status = UserStatus::kOffboarded;
    for (const auto& [id, project] : state.projects) {
        if (project.owner == user.id) mark_components(state, id);
    }
    user.password_hash.clear();
    // Their identity at a provider stays: by it they are known as somebody who was off-boarded.
    save(step, user);
    // The store ends sessions, tokens and invites with the user; here they must not live on either.
    std::erase_if(state.tokens, [&](const auto& entry) { return entry.second.user == command.id; });
    std::erase_if(state.invites, [&](const auto& entry) { return entry.second.user == command.id; });
    delete_accounts_of(step, command.id);
    step.audit("user.offboard", user.name,
               live.empty() ? "" : fmt::format("{} stopped", count_of(static_cast<std::int64_t>(live.size()), "job")));
    return command.id.str();
}

Result<std::string> change_role(Step& step, const input::ChangeRole& command) {
    User& user = *TRY(find_user(step.state, command.id));
    if (user.role == command.role) return command.id.str();
    if (command.role != Role::kOperator && is_last_operator(step.state, user)) {
        return fail(ErrorCode::kConflict, "{} is the last operator; promote somebody else first", user.name);
    }
    user.role = command.role;
    save(step, user);
    step.audit(command.role == Role::kOperator ? "user.promote" : "user.demote", user.name);
    return command.id.str();
}

Result<std::string> move(Step& step, const input::MoveUser& command) {
    State& state = step.state;
    User& user = *TRY(find_user(state, command.id));
    const auto group = state.groups.find(command.group);
    if (group == state.groups.end())
        return fail(ErrorCode::kNotFound, "there is no such group to move {} to", user.name);
    if (user.group == command.group) return command.id.str();
    TRY(check_project_names(state, user.id, command.group));
    const std::string from = state.groups.at(user.group).name;
    user.group = command.group;
    save(step, user);
    regroup(step, user.id, std::string(kOwnerMoved));
    step.audit("user.move", user.name, fmt::format("from {} to {}", from, group->second.name));
    return command.id.str();
}

Result<std::string> set_password(Step& step, const input::SetPassword& command) {
    State& state = step.state;
    User& user = *TRY(find_user(state, command.id));
    if (!command.invite_hash.empty()) {
        const auto invite = state.invites.find(command.invite_hash);
        if (invite == state.invites.end() || invite->second.user != command.id)
            return fail(ErrorCode::kDenied,
                        "this link was used already, or a newer one has replaced it; ask an operator for another");
        if (invite->second.expires_at <= step.now)
            return fail(ErrorCode::kDenied, "this link has expired; ask an operator for another");
        state.invites.erase(invite);
        step.result.changes.push_back(change::InviteDeleted{command.invite_hash});
    }
    user.password_hash = command.password_hash;
    user.status = UserStatus::kOnboarded;
    save(step, user);
    step.result.changes.push_back(change::SessionsEnded{user.id});
    step.audit("user.set_password", user.name);
    return command.id.str();
}

}  // namespace

void on(Step& step, const input::BeginUsers& command, std::uint64_t ticket) {
    step.reply(ticket, begin_users(step, command));
}
void on(Step& step, const input::OnboardUser& command, std::uint64_t ticket) {
    step.reply(ticket, onboard(step, command));
}
void on(Step& step, const input::OffboardUser& command, std::uint64_t ticket) {
    step.reply(ticket, offboard(step, command));
}
void on(Step& step, const input::ChangeRole& command, std::uint64_t ticket) {
    step.reply(ticket, change_role(step, command));
}
void on(Step& step, const input::MoveUser& command, std::uint64_t ticket) { step.reply(ticket, move(step, command)); }
void on(Step& step, const input::SetPassword& command, std::uint64_t ticket) {
    step.reply(ticket, set_password(step, command));
}

void on(Step& step, const input::InviteUser& command, std::uint64_t ticket) {
    const auto user = find_user(step.state, command.invite.user);
    if (!user) return step.reply(ticket, fail(user.error()));
    put_invite(step, command.invite);
    step.audit("user.invite", (*user)->name);
    step.reply(ticket, (*user)->id.str());
}

void on(Step& step, const input::LinkIdentity& command, std::uint64_t ticket) {
    const auto user = find_user(step.state, command.id);
    if (!user) return step.reply(ticket, fail(user.error()));
    if (auto claimed = claim_identity(step, command.id, command.external); !claimed)
        return step.reply(ticket, fail(claimed.error()));
    (*user)->external = command.external;
    (*user)->status = UserStatus::kOnboarded;
    save(step, **user);
    step.audit("user.link", (*user)->name, command.external.issuer);
    step.reply(ticket, command.id.str());
}

}  // namespace pintle::core
