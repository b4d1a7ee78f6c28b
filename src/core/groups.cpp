#include <algorithm>

#include "base/text.hpp"
#include "core/state.hpp"
#include "domain/label.hpp"

namespace pintle::core {

using namespace domain;

void publish_groups(State& state) {
    std::vector<Group> groups;
    for (const auto& [id, group] : state.groups) groups.push_back(group);
    state.snapshot.set_groups(std::move(groups));
}

namespace {

Result<void> check_name(const State& state, const GroupId& self, const std::string& name) {
    if (std::string fault = label_fault("group", name); !fault.empty()) return fail(ErrorCode::kInvalid, "{}", fault);
    for (const auto& [id, group] : state.groups) {
        if (id != self && group.name == name)
            return fail(ErrorCode::kConflict, "there is already a group named \"{}\"", name);
    }
    return {};
}

Result<void> check_pool(const State& state, const GroupId& self, const PoolId& pool) {
    const auto found = state.pools.find(pool);
    if (found == state.pools.end()) return fail(ErrorCode::kNotFound, "there is no such pool to give the group");
    if (pool == kDefaultPool)
        return fail(ErrorCode::kConflict, "the Default Pool belongs to the Default Group; make a pool for this group");
    for (const auto& [id, group] : state.groups) {
        if (id != self && group.pool == pool)
            return fail(ErrorCode::kConflict, "the pool {} belongs to the group {} already", found->second.name,
                        group.name);
    }
    return {};
}

Result<void> check_borrowing(const std::optional<Borrowing>& borrowing) {
    constexpr int kMost = 1'000'000;
    if (!borrowing) return {};
    if (std::string fault = label_fault("cohort", borrowing->cohort); !fault.empty())
        return fail(ErrorCode::kInvalid, "{}", fault);
    if (borrowing->limit < 0 || borrowing->limit > kMost)
        return fail(ErrorCode::kInvalid, "the borrowing limit is from 0 to {}, not {}", kMost, borrowing->limit);
    if (borrowing->nominal && (*borrowing->nominal < 0 || *borrowing->nominal > kMost))
        return fail(ErrorCode::kInvalid, "the nominal number of GPUs is from 0 to {}, not {}", kMost,
                    *borrowing->nominal);
    return {};
}

// What runs is in the books under its group.
Result<void> check_running(const State& state, const GroupId& group, const std::string& name) {
    for (const auto& [id, job] : state.jobs) {
        if (job->group != group || is_waiting(job->state)) continue;
        return fail(ErrorCode::kConflict,
                    "jobs of the group {} are running ({} is one); stop them or wait for their end", name,
                    job->display_name());
    }
    return {};
}

void requeue_members(Step& step, const GroupId& group, const std::string& reason) {
    std::vector<UserId> members;
    for (const auto& [id, user] : step.state.users) {
        if (user.group == group) members.push_back(id);
    }
    for (const UserId& id : members) regroup(step, id, reason);
}

std::string in_words(const std::optional<Borrowing>& borrowing) {
    if (!borrowing) return "no cohort";
    return fmt::format("cohort {}, nominal {}, limit {}, reclaim {}", borrowing->cohort,
                       borrowing->nominal ? std::to_string(*borrowing->nominal) : "all of the pool", borrowing->limit,
                       borrowing->reclaim ? "on" : "off");
}

// What was changed, for the audit log; a new group has everything changed.
std::string changes_in_words(const State& state, const Group& before, const Group& after) {
    std::vector<std::string> said;
    const bool is_new = before.name.empty();
    if (!is_new && before.name != after.name) said.push_back(fmt::format("renamed from {}", before.name));
    if (before.pool != after.pool) said.push_back(fmt::format("pool {}", state.pools.at(after.pool).name));
    if (before.fair_share != after.fair_share)
        said.push_back(fmt::format("fair share {}", after.fair_share ? "on" : "off"));
    if (before.borrowing != after.borrowing) said.push_back(in_words(after.borrowing));
    return said.empty() ? "nothing changed" : join(said, "; ");
}

Result<std::string> save_group(Step& step, const input::SaveGroup& command) {
    State& state = step.state;
    const auto found = state.groups.find(command.id);
    if (!command.create && found == state.groups.end()) return fail(ErrorCode::kNotFound, "there is no such group");
    if (command.create && state.groups.size() >= state.options.groups_max)
        return fail(ErrorCode::kExhausted, "this server keeps at most {}, and they are there already",
                    count_of(static_cast<std::int64_t>(state.options.groups_max), "group"));
    if (command.create && !command.pool)
        return fail(ErrorCode::kInvalid, "a new group needs a pool; make one (it may have no GPUs) and name it");
    if (command.create && !command.name) return fail(ErrorCode::kInvalid, "a new group needs a name");
    Group group = command.create ? Group{command.id, "", {}, false, std::nullopt, step.now} : found->second;
    if (command.id == kDefaultGroup && command.name && *command.name != group.name)
        return fail(ErrorCode::kConflict, "the Default Group cannot be renamed");
    if (command.id == kDefaultGroup && command.pool && *command.pool != group.pool)
        return fail(ErrorCode::kConflict, "the Default Group always has the Default Pool");
    if (command.create || (command.name && *command.name != group.name))
        TRY(check_name(state, command.id, *command.name));
    if (command.pool && *command.pool != group.pool) TRY(check_pool(state, command.id, *command.pool));
    if (command.borrowing) TRY(check_borrowing(*command.borrowing));
    const bool has_new_pool = command.pool && *command.pool != group.pool;
    const Group before = group;
    group.name = command.name.value_or(group.name);
    group.pool = command.pool.value_or(group.pool);
    group.fair_share = command.fair_share.value_or(group.fair_share);
    if (command.borrowing) group.borrowing = *command.borrowing;
    state.groups.insert_or_assign(group.id, group);
    publish_groups(state);
    step.result.changes.push_back(change::GroupSaved{group});
    if (has_new_pool && !command.create) requeue_members(step, group.id, "its group has another pool now");
    step.audit(command.create ? "group.create" : "group.edit", group.name, changes_in_words(state, before, group));
    step.replan = true;
    return group.id.str();
}

Result<std::string> delete_group(Step& step, const input::DeleteGroup& command) {
    State& state = step.state;
    const auto found = state.groups.find(command.id);
    if (found == state.groups.end()) return fail(ErrorCode::kNotFound, "there is no such group");
    if (command.id == kDefaultGroup) return fail(ErrorCode::kConflict, "the Default Group cannot be deleted");
    std::vector<UserId> members;
    for (const auto& [id, user] : state.users) {
        if (user.group == command.id) members.push_back(id);
    }
    for (const UserId& id : members) TRY(check_project_names(state, id, kDefaultGroup));
    TRY(check_running(state, command.id, found->second.name));
    TRY(check_no_accounts(state, found->second));
    const std::string name = found->second.name;
    for (const UserId& id : members) {
        User& user = state.users.at(id);
        user.group = kDefaultGroup;
        user.updated_at = step.now;
        step.result.changes.push_back(change::UserSaved{user});
        regroup(step, id, std::string(kOwnerMoved));
    }
    state.groups.erase(command.id);
    forget_quotas(step, command.id);
    publish_groups(state);
    step.result.changes.push_back(change::GroupDeleted{command.id});
    step.audit("group.delete", name, members.empty() ? "" : "its users are in the Default Group");
    step.replan = true;
    return command.id.str();
}

}  // namespace

void on(Step& step, const input::SaveGroup& command, std::uint64_t ticket) {
    step.reply(ticket, save_group(step, command));
}
void on(Step& step, const input::DeleteGroup& command, std::uint64_t ticket) {
    step.reply(ticket, delete_group(step, command));
}

}  // namespace pintle::core
