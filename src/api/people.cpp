#include "api/people.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace pintle::api {
namespace {

using json::Value;

// Ids first: programs go by them, and nobody may come between by choosing a name.
template <class Id, class Thing>
const Thing* look_up(const std::map<Id, Thing>& things, const std::string& name_or_id) {
    if (const auto found = things.find(Id(name_or_id)); found != things.end()) return &found->second;
    const auto named =
        std::find_if(things.begin(), things.end(), [&](const auto& entry) { return entry.second.name == name_or_id; });
    return named == things.end() ? nullptr : &named->second;
}

tl::unexpected<Error> no_such(std::string_view what, const std::string& name) {
    return fail(ErrorCode::kNotFound, "there is no {} \"{}\"", what, to_valid_utf8(name.substr(0, 100)));
}

bool is_pool_of(const core::Core& core, const domain::GroupId& group, const domain::PoolId& pool) {
    const auto found = core.groups().find(group);
    return found != core.groups().end() && found->second.pool == pool;
}

}  // namespace

bool may_know_group(const auth::Identity& identity, const domain::GroupId& group) {
    return identity.operates() || (identity.kind == auth::Identity::Kind::kUser && identity.group == group);
}

Result<domain::User> find_known_user(Call& call, const std::string& name_or_id) {
    std::optional<domain::User> user;
    call.services.deps.runtime.ask([&](const core::Core& core) {
        if (const auto* found = look_up(core.users(), name_or_id)) user = *found;
    });
    if (!user || !may_know_group(call.identity, user->group)) return no_such("user", name_or_id);
    return std::move(*user);
}

Result<domain::Group> find_known_group(Call& call, const std::string& name_or_id) {
    std::optional<domain::Group> group;
    call.services.deps.runtime.ask([&](const core::Core& core) {
        if (const auto* found = look_up(core.groups(), name_or_id)) group = *found;
    });
    if (!group || !may_know_group(call.identity, group->id)) return no_such("group", name_or_id);
    return std::move(*group);
}

Result<domain::Pool> find_known_pool(Call& call, const std::string& name_or_id) {
    std::optional<domain::Pool> pool;
    call.services.deps.runtime.ask([&](const core::Core& core) {
        const auto* found = look_up(core.pools(), name_or_id);
        if (found == nullptr) return;
        if (!call.identity.operates() && !is_pool_of(core, call.identity.group, found->id)) return;
        pool = domain::Pool{found->id, found->name, found->model, {}, found->created_at};
    });
    if (!pool) return no_such("pool", name_or_id);
    return std::move(*pool);
}

GroupNames known_group_names(Call& call) {
    GroupNames names;
    call.services.deps.runtime.ask([&](const core::Core& core) {
        for (const auto& [id, group] : core.groups()) {
            if (may_know_group(call.identity, id)) names.emplace(id, group.name);
        }
    });
    return names;
}

std::string name_in(const GroupNames& names, const domain::GroupId& group) {
    const auto found = names.find(group);
    return found == names.end() ? std::string() : found->second;
}

Standing standing_now(Call& call) {
    Standing standing;
    call.services.deps.runtime.ask([&](const core::Core& core) {
        for (const auto& [id, group] : core.groups()) standing.group_names.emplace(id, group.name);
        standing.uses = core.use_by_user();
    });
    return standing;
}

Value named_value(const std::string& id, const std::string& name) {
    return Value::object({{"id", id}, {"name", name}});
}

Value user_value(const Call& call, const domain::User& user, const Standing& standing) {
    const auto group = standing.group_names.find(user.group);
    const auto found = standing.uses.find(user.id);
    const core::UserUse use = found == standing.uses.end() ? core::UserUse() : found->second;
    const bool told_all = call.identity.operates();
    return Value::object(
        {{"id", user.id.str()},
         {"name", user.name},
         {"role", domain::to_string(user.role)},
         {"status", domain::to_string(user.status)},
         {"group", named_value(user.group.str(), group == standing.group_names.end() ? "" : group->second)},
         {"created_at", time_value(user.created_at)},
         {"jobs", Value::object({{"live", use.live_jobs}})},
         {"gpus", use.gpus},
         {"has_password", told_all ? Value(!user.password_hash.empty()) : Value()},
         {"provider", told_all && user.external ? Value(user.external->issuer) : Value()}});
}

}  // namespace pintle::api
