#include <unistd.h>

#include "api/bodies.hpp"
#include "api/routes.hpp"
#include "api/sign_in.hpp"
#include "auth/password.hpp"
#include "auth/secret.hpp"
#include "os/file.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;

struct InviteKnown {
    domain::Invite invite;
    domain::User user;
};

Result<InviteKnown> find_invite(Call& call, const std::string& code) {
    if (!auth::looks_like_secret(auth::kInvitePrefix, code))
        return fail(ErrorCode::kInvalid, "this is not the whole code of a link; copy it again");
    const std::string gone =
        "this link was used already, or a newer one has replaced it; ask an operator for another";
    return call.services.deps.readers.with([&](store::StoreReader& reader) -> Result<InviteKnown> {
        const auto invite = TRY(reader.find_invite(auth::secret_hash(code)));
        if (!invite) return fail(ErrorCode::kDenied, "{}", gone);
        auto user = TRY(reader.find_user(invite->user));
        if (!user || user->status == domain::UserStatus::kOffboarded) return fail(ErrorCode::kDenied, "{}", gone);
        if (invite->expires_at <= call.services.deps.clock.now())
            return fail(ErrorCode::kDenied, "this link has expired; ask an operator for another");
        return InviteKnown{*invite, std::move(*user)};
    });
}

Result<net::Response> show_invite(Call& call) {
    std::string code;
    TRY(read_body(call.request, [&](json::Reader& body) { code = body.text("invite", json::kRequired); }));
    const InviteKnown known = TRY(find_invite(call, code));
    return json_answer(
        Value::object({{"user", known.user.name}, {"expires_at", time_value(known.invite.expires_at)}}));
}

struct NewPassword {
    std::optional<std::string> invite;
    std::optional<std::string> user;
    std::optional<std::string> old_password;
    std::string password;
};

/// The link of the first start lies in the data folder until it is used.
void forget_first_link(Call& call, const std::string& code) {
    const std::string path = call.services.deps.data.file("welcome");
    const auto text = os::read_file(path, 4096);
    if (text && text->find(code) != std::string::npos) ::unlink(path.c_str());
}

Result<domain::User> find_self(Call& call) {
    if (call.identity.kind != auth::Identity::Kind::kUser || call.identity.user.empty())
        return fail(ErrorCode::kUnauthorized, "say whose password it is: the field user is missing");
    auto self = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return reader.find_user(call.identity.user); }));
    if (!self) return fail(ErrorCode::kNotFound, "there is no such user");
    return std::move(*self);
}

/// Whose password it is, proved by the link, by the old password, or by the token of the data folder, whose holder
/// owns the server anyway.
Result<domain::User> find_owner(Call& call, const NewPassword& wanted) {
    if (wanted.invite) return TRY(find_invite(call, *wanted.invite)).user;
    if (!wanted.old_password) {
        const bool local = call.identity.kind == auth::Identity::Kind::kUser &&
                           call.identity.via == auth::Identity::Via::kLocal;
        if (!local) return fail(ErrorCode::kInvalid, "send the old password, or the code of a link, as well");
        auto self = TRY(find_self(call));
        if (wanted.user && *wanted.user != self.name)
            return fail(ErrorCode::kDenied, "only the password of {} can be set so; make a link for {}", self.name,
                        *wanted.user);
        return self;
    }
    const std::string name = wanted.user ? *wanted.user : TRY(find_self(call)).name;
    return check_password(call, name, *wanted.old_password);
}

Result<net::Response> set_password(Call& call) {
    TRY(check_sign_in_origin(call));
    if (!call.services.options.sign_in.passwords) return fail(ErrorCode::kDenied, "this server takes no passwords");
    NewPassword wanted;
    TRY(read_body(call.request, [&](json::Reader& body) {
        wanted.invite = body.text("invite");
        wanted.user = body.text("user");
        wanted.old_password = body.text("old_password");
        wanted.password = body.text("password", json::kRequired);
    }));
    const domain::User user = TRY(find_owner(call, wanted));
    if (std::string fault = auth::password_fault(wanted.password, user.name); !fault.empty())
        return fail(Error{ErrorCode::kInvalid, fault, {{"password", fault, 0, 0}}, {}});
    core::input::SetPassword command;
    command.id = user.id;
    if (wanted.invite) command.invite_hash = auth::secret_hash(*wanted.invite);
    command.password_hash = TRY(auth::hash_password(wanted.password, call.services.options.sign_in.strength));
    domain::Actor actor = call.actor();
    if (actor.user.empty()) {
        actor.user = user.id;
        actor.name = user.name;
        actor.via = wanted.invite ? "link" : "password";
    }
    TRY(call.services.deps.runtime.call(std::move(command), actor));
    if (wanted.invite) forget_first_link(call, *wanted.invite);
    return json_answer(Value::object({{"user", user.name}}));
}

void set_password_at_desk(const std::shared_ptr<Call>& call) {
    run_at_desk(call->services.desk.hashing, call, set_password);
}

}  // namespace

std::vector<Route> password_routes() {
    return {
        {.method = "POST",
         .path = "/invite",
         .operation = "showInvite",
         .permission = Permission::kOpen,
         .handler = show_invite,
         .summary = "whose the code of a link is, and until when it is good",
         .body = {BodyShape::Kind::kJson, "InviteCode"},
         .answer = {200, "Invite"}},
        {.method = "POST",
         .path = "/password",
         .operation = "setPassword",
         .permission = Permission::kOpen,
         .handler = set_password_at_desk,
         .summary = "set a password, with the code of a link or with the old password; ends all sessions",
         .body = {BodyShape::Kind::kJson, "NewPassword"},
         .answer = {200, "PasswordSet"}},
    };
}

}  // namespace pintle::api
