#include "api/bodies.hpp"
#include "api/people.hpp"
#include "api/routes.hpp"
#include "api/sign_in.hpp"
#include "auth/secret.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

constexpr Duration kInviteKept = std::chrono::hours(24 * 7);

Result<net::Response> list_users(Call& call) {
    store::UserFilter filter;
    filter.text = call.query("text");
    filter.include_offboarded = call.query_flag("offboarded");
    if (!call.identity.operates()) filter.group = call.identity.group;
    if (call.has_query("group")) filter.group = TRY(find_known_group(call, call.query("group"))).id;
    const auto page = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return reader.list_users(filter, call.page()); }));
    const Standing standing = standing_now(call);
    json::Array items;
    for (const domain::User& user : page.items) items.push_back(user_value(call, user, standing));
    return json_answer(page_value(std::move(items), page.next));
}

Result<net::Response> show_user(Call& call) {
    const domain::User user = TRY(find_known_user(call, call.param("user")));
    return json_answer(user_value(call, user, standing_now(call)));
}

Result<net::Response> user_again(Call& call, const std::string& id) {
    const domain::User user = TRY(find_known_user(call, id));
    return json_answer(user_value(call, user, standing_now(call)));
}

/// The code of an invite, which is shown once, and what is kept of it.
struct NewInvite {
    std::string code;
    domain::Invite invite;
};

NewInvite make_invite(const Call& call, const domain::UserId& user) {
    NewInvite made{auth::make_secret(auth::kInvitePrefix), {}};
    made.invite = {auth::secret_hash(made.code), user, call.services.deps.clock.now() + kInviteKept};
    return made;
}

// The code stands behind the #, which browsers keep to themselves.
Result<net::Response> invitation(Call& call, const std::string& id, const NewInvite& made, int status) {
    const domain::User user = TRY(find_known_user(call, id));
    const std::string link = fmt::format("{}/welcome#{}", own_url(call), made.code);
    return json_answer(Value::object({{"user", user_value(call, user, standing_now(call))},
                                      {"link", link},
                                      {"code", made.code},
                                      {"expires_at", time_value(made.invite.expires_at)}}),
                       status);
}

Result<domain::Role> read_role(const std::string& text) {
    if (const auto role = domain::role_from(text)) return *role;
    return fail(ErrorCode::kInvalid, "role: expected \"data scientist\" or \"operator\", got \"{}\"",
                to_valid_utf8(text.substr(0, 100)));
}

struct NewUser {
    std::string name;
    domain::Role role = domain::Role::kDataScientist;
    domain::GroupId group;
};

Result<NewUser> read_new_user(Call& call) {
    std::string role, group;
    NewUser user;
    TRY(read_body(call.request, [&](json::Reader& body) {
        user.name = body.text("name", json::kRequired);
        role = body.text("role", std::string(domain::to_string(user.role)));
        group = body.text("group", "");
    }));
    user.role = TRY(read_role(role));
    if (!group.empty()) user.group = TRY(find_known_group(call, group)).id;
    return user;
}

void onboard_user(const CallPtr& call) {
    auto user = read_new_user(*call);
    if (!user) return call->answer(fail(user.error()));
    const domain::UserId id(call->services.deps.runtime.make_id());
    const NewInvite made = make_invite(*call, id);
    command(call, core::input::OnboardUser{id, user->name, user->role, user->group, made.invite, {}},
            [made](Call& later, const std::string& known) { return invitation(later, known, made, 201); });
}

Result<core::InputBody> read_change(Call& call) {
    const domain::User user = TRY(find_known_user(call, call.param("user")));
    std::optional<std::string> role, group;
    TRY(read_body(call.request, [&](json::Reader& body) {
        role = body.text("role");
        group = body.text("group");
    }));
    if (role.has_value() == group.has_value())
        return fail(ErrorCode::kInvalid, "say either the new role or the new group; each is a step of its own");
    if (role) {
        const domain::Role wanted = TRY(read_role(*role));
        return core::InputBody(core::input::ChangeRole{user.id, wanted});
    }
    const domain::GroupId wanted = TRY(find_known_group(call, *group)).id;
    return core::InputBody(core::input::MoveUser{user.id, wanted});
}

void change_user(const CallPtr& call) {
    auto change = read_change(*call);
    if (!change) return call->answer(fail(change.error()));
    command(call, std::move(*change), user_again);
}

Result<core::InputBody> read_offboarding(Call& call) {
    const domain::User user = TRY(find_known_user(call, call.param("user")));
    bool force = false;
    TRY(read_body(call.request, [&](json::Reader& body) { force = body.boolean("force", false); }));
    return core::InputBody(core::input::OffboardUser{user.id, force});
}

void offboard_user(const CallPtr& call) {
    auto offboarding = read_offboarding(*call);
    if (!offboarding) return call->answer(fail(offboarding.error()));
    command(call, std::move(*offboarding), user_again);
}

void invite_user(const CallPtr& call) {
    const auto user = find_known_user(*call, call->param("user"));
    if (!user) return call->answer(fail(user.error()));
    const NewInvite made = make_invite(*call, user->id);
    command(call, core::input::InviteUser{made.invite},
            [made](Call& later, const std::string& known) { return invitation(later, known, made, 201); });
}

}  // namespace

std::vector<Route> user_routes() {
    return {
        {.method = "GET",
         .path = "/users",
         .operation = "listUsers",
         .permission = Permission::kSeeServer,
         .handler = list_users,
         .summary = "people by name: those of one's own group, for operators all",
         .query = page_params({{"text", "Looked for in names."},
                               {"group", "Only of this group, by name or id."},
                               {"offboarded", "Those who have left too.", QueryParam::Type::kFlag}}),
         .answer = {200, "[User]"}},
        {.method = "POST",
         .path = "/users",
         .operation = "onboardUser",
         .permission = Permission::kOperate,
         .handler = onboard_user,
         .summary = "let somebody in; the link to set a password is given this once",
         .body = {BodyShape::Kind::kJson, "NewUser"},
         .answer = {201, "Invitation"}},
        {.method = "GET",
         .path = "/users/{user}",
         .operation = "showUser",
         .permission = Permission::kSeeServer,
         .handler = show_user,
         .summary = "somebody of one's own group; for operators anybody",
         .answer = {200, "User"}},
        {.method = "PATCH",
         .path = "/users/{user}",
         .operation = "changeUser",
         .permission = Permission::kOperate,
         .handler = change_user,
         .summary = "promote, demote or move somebody",
         .body = {BodyShape::Kind::kJson, "UserChange"},
         .answer = {200, "User"}},
        {.method = "POST",
         .path = "/users/{user}/offboard",
         .operation = "offboardUser",
         .permission = Permission::kOperate,
         .handler = offboard_user,
         .summary = "let somebody in no more; refused while jobs of theirs live, unless forced, which stops them",
         .body = {BodyShape::Kind::kJson, "Offboarding", false},
         .answer = {200, "User"}},
        {.method = "POST",
         .path = "/users/{user}/invite",
         .operation = "inviteUser",
         .permission = Permission::kOperate,
         .handler = invite_user,
         .summary = "a new link to set a password, in place of an older one",
         .answer = {201, "Invitation"}},
    };
}

}  // namespace pintle::api
