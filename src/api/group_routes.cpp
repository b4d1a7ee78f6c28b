#include <algorithm>

#include "api/bodies.hpp"
#include "api/cluster.hpp"
#include "api/people.hpp"
#include "api/routes.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

constexpr int kGpusMost = 1'000'000;

/// A group at one moment, with those who are in it.
struct GroupSeen {
    domain::Group group;
    PoolSeen pool;
    std::vector<domain::User> members;  ///< By name.
    int gpus = 0;                       ///< That its jobs use, also of other pools.
};

std::vector<GroupSeen> see_groups(Call& call, const domain::GroupId& only = {}) {
    std::vector<GroupSeen> all;
    call.services.deps.runtime.ask([&](const core::Core& core) {
        const ClusterView view(core, call.identity);
        const auto used = view.use_of_groups();
        std::map<domain::GroupId, std::size_t> places;
        for (const auto& [id, group] : core.groups()) {
            if ((!only.empty() && id != only) || !may_know_group(call.identity, id)) continue;
            const auto found = used.find(id);
            places.emplace(id, all.size());
            all.push_back({group, *view.pool(group.pool), {}, found == used.end() ? 0 : found->second});
        }
        for (const auto& [id, user] : core.users()) {
            const auto place = places.find(user.group);
            if (place != places.end() && user.status != domain::UserStatus::kOffboarded)
                all[place->second].members.push_back(user);
        }
    });
    const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
    for (GroupSeen& seen : all) std::sort(seen.members.begin(), seen.members.end(), by_name);
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.group.name < b.group.name; });
    return all;
}

Value borrowing_value(const std::optional<domain::Borrowing>& borrowing) {
    if (!borrowing) return {};
    return Value::object({{"cohort", borrowing->cohort},
                          {"nominal", Value(borrowing->nominal)},
                          {"limit", borrowing->limit},
                          {"reclaim", borrowing->reclaim}});
}

Value group_value(const Call& call, const GroupSeen& seen) {
    return Value::object({{"id", seen.group.id.str()},
                          {"name", seen.group.name},
                          {"pool", pool_value(seen.pool, call.identity.operates())},
                          {"fair_share", seen.group.fair_share},
                          {"borrowing", borrowing_value(seen.group.borrowing)},
                          {"users", seen.members.size()},
                          {"gpus", seen.gpus},
                          {"created_at", time_value(seen.group.created_at)}});
}

Result<net::Response> list_groups(Call& call) {
    json::Array items;
    for (const GroupSeen& group : see_groups(call)) items.push_back(group_value(call, group));
    return json_answer(page_value(std::move(items), ""));
}

Result<net::Response> group_answer(Call& call, const domain::GroupId& id, int status) {
    const std::vector<GroupSeen> seen = see_groups(call, id);
    if (seen.empty()) return fail(ErrorCode::kNotFound, "the group has been deleted meanwhile");
    const Standing standing = standing_now(call);
    Value value = group_value(call, seen.front());
    Value members = Value::array();
    for (const domain::User& user : seen.front().members) members.push(user_value(call, user, standing));
    value.add("members", std::move(members));
    return json_answer(value, status);
}

Result<net::Response> show_group(Call& call) {
    return group_answer(call, TRY(find_known_group(call, call.param("group"))).id, 200);
}

domain::Borrowing read_borrowing(json::Reader& from) {
    domain::Borrowing borrowing;
    borrowing.cohort = from.text("cohort", json::kRequired);
    if (const auto nominal = from.integer("nominal", 0, kGpusMost)) borrowing.nominal = static_cast<int>(*nominal);
    borrowing.limit = static_cast<int>(from.integer("limit", 0, kGpusMost, 0));
    borrowing.reclaim = from.boolean("reclaim", false);
    from.finish();
    return borrowing;
}

Result<core::input::SaveGroup> read_group(Call& call) {
    core::input::SaveGroup group;
    std::optional<std::string> pool;
    TRY(read_body(call.request, [&](json::Reader& body) {
        group.name = body.text("name");
        pool = body.text("pool");
        group.fair_share = body.boolean("fair_share");
        // Null takes it away, absence leaves it as it is.
        const bool is_given = body.value().has("borrowing");
        auto borrowing = body.object("borrowing");
        if (is_given) group.borrowing.emplace();
        if (borrowing) group.borrowing->emplace(read_borrowing(*borrowing));
    }));
    if (pool) group.pool = TRY(find_known_pool(call, *pool)).id;
    return group;
}

void create_group(const CallPtr& call) {
    auto group = read_group(*call);
    if (!group) return call->answer(fail(group.error()));
    group->id = domain::GroupId(call->services.deps.runtime.make_id());
    group->create = true;
    command(call, std::move(*group),
            [](Call& later, const std::string& id) { return group_answer(later, domain::GroupId(id), 201); });
}

Result<core::InputBody> read_edit(Call& call) {
    const domain::GroupId id = TRY(find_known_group(call, call.param("group"))).id;
    core::input::SaveGroup group = TRY(read_group(call));
    group.id = id;
    return core::InputBody(std::move(group));
}

void edit_group(const CallPtr& call) {
    auto edit = read_edit(*call);
    if (!edit) return call->answer(fail(edit.error()));
    command(call, std::move(*edit),
            [](Call& later, const std::string& id) { return group_answer(later, domain::GroupId(id), 200); });
}

void delete_group(const CallPtr& call) {
    const auto group = find_known_group(*call, call->param("group"));
    if (!group) return call->answer(fail(group.error()));
    command(call, core::input::DeleteGroup{group->id},
            [name = group->name](Call&, const std::string&) -> Result<net::Response> {
                return json_answer(Value::object({{"deleted", name}}));
            });
}

}  // namespace

std::vector<Route> group_routes() {
    return {
        {.method = "GET",
         .path = "/groups",
         .operation = "listGroups",
         .permission = Permission::kSeeServer,
         .handler = list_groups,
         .summary = "groups by name: one's own, for operators all",
         .answer = {200, "[Group]"}},
        {.method = "POST",
         .path = "/groups",
         .operation = "createGroup",
         .permission = Permission::kOperate,
         .handler = create_group,
         .summary = "make a group; it needs a pool of its own",
         .body = {BodyShape::Kind::kJson, "NewGroup"},
         .answer = {201, "GroupFull"}},
        {.method = "GET",
         .path = "/groups/{group}",
         .operation = "showGroup",
         .permission = Permission::kSeeServer,
         .handler = show_group,
         .summary = "a group with its people and its pool",
         .answer = {200, "GroupFull"}},
        {.method = "PATCH",
         .path = "/groups/{group}",
         .operation = "editGroup",
         .permission = Permission::kOperate,
         .handler = edit_group,
         .summary = "change a group; what its people have waiting follows to another pool",
         .body = {BodyShape::Kind::kJson, "GroupEdit"},
         .answer = {200, "GroupFull"}},
        {.method = "DELETE",
         .path = "/groups/{group}",
         .operation = "deleteGroup",
         .permission = Permission::kOperate,
         .handler = delete_group,
         .summary = "delete a group; its people go to the Default Group, its pool is free for another",
         .answer = {200, "Deleted"}},
    };
}

}  // namespace pintle::api
