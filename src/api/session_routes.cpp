#include "api/access.hpp"
#include "api/bodies.hpp"
#include "api/people.hpp"
#include "api/routes.hpp"
#include "api/sign_in.hpp"
#include "auth/secret.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using Kind = auth::Identity::Kind;
using Via = auth::Identity::Via;

std::string_view via_name(Via via) {
    switch (via) {
        case Via::kLocal: return "local token";
        case Via::kSession: return "session";
        case Via::kToken: return "token";
        case Via::kJob: return "job";
    }
    return "";
}

Value scopes_of(const auth::Identity& identity) {
    json::Array scopes;
    for (const auto scope :
         {domain::Scope::kRead, domain::Scope::kRun, domain::Scope::kWrite, domain::Scope::kOperate}) {
        const bool idle = scope == domain::Scope::kOperate && !identity.operates();
        if (identity.has(scope) && !idle) scopes.emplace_back(domain::to_string(scope));
    }
    return Value(std::move(scopes));
}

/// What the request itself carries as "Bearer …".
std::string bearer_of(const Call& call) {
    const std::string_view header = call.request.headers.get("Authorization");
    const std::size_t space = header.find(' ');
    return std::string(space == std::string_view::npos ? "" : header.substr(header.find_first_not_of(' ', space)));
}

struct Standing {
    std::string group;
    std::string csrf;
    Time expires_at{};
    std::int64_t changes_at = 0;  ///< The last change that whatever is read from now on holds.
};

Result<Standing> standing_of(Call& call) {
    const auth::Identity& identity = call.identity;
    return call.services.deps.readers.with([&](store::StoreReader& reader) -> Result<Standing> {
        Standing standing;
        for (const domain::Group& group : TRY(reader.list_groups())) {
            if (group.id == identity.group) standing.group = group.name;
        }
        if (identity.via == Via::kSession) {
            if (const auto found = TRY(reader.find_session(identity.session_hash))) {
                standing.csrf = found->session.csrf;
                standing.expires_at = found->session.expires_at;
            }
        }
        if (identity.via == Via::kToken) {
            if (const auto found = TRY(reader.find_token(auth::secret_hash(bearer_of(call)))))
                standing.expires_at = found->token.expires_at;
        }
        standing.changes_at = TRY(reader.changes_after(0, 1)).last;
        return standing;
    });
}

Result<net::Response> show_session(Call& call) {
    const auth::Identity& identity = call.identity;
    const Standing standing = TRY(standing_of(call));
    const std::string by = TRY(call.by());
    return json_answer(Value::object({{"user", by},
                                      {"user_id", text_or_null(identity.user.str())},
                                      {"role", domain::to_string(identity.role)},
                                      {"group", text_or_null(standing.group)},
                                      {"via", via_name(identity.via)},
                                      {"token", text_or_null(identity.token_name)},
                                      {"scopes", scopes_of(identity)},
                                      {"csrf", text_or_null(standing.csrf)},
                                      {"expires_at", time_value(standing.expires_at)},
                                      {"changes_at", standing.changes_at}}));
}

Error no_passwords(const SignInOptions& options) {
    std::string names;
    for (const SignInProvider& each : options.providers)
        names += (names.empty() ? "" : ", ") + each.provider->config().name;
    return Error{ErrorCode::kDenied,
                 fmt::format("this server takes no passwords; sign in by {}", names.empty() ? "a token" : names),
                 {},
                 {}};
}

Result<net::Response> sign_in(Call& call) {
    TRY(check_sign_in_origin(call));
    if (!call.services.options.sign_in.passwords) return fail(no_passwords(call.services.options.sign_in));
    std::string name;
    std::string password;
    TRY(read_body(call.request, [&](json::Reader& body) {
        name = body.text("user", json::kRequired);
        password = body.text("password", json::kRequired);
    }));
    const domain::User user = TRY(check_password(call, name, password));
    const BegunSession begun = TRY(begin_session(call, user, "password"));
    net::Response response = json_answer(
        Value::object({{"user", user.name}, {"csrf", begun.csrf}, {"expires_at", time_value(begun.expires_at)}}), 201);
    response.headers.set("Set-Cookie", begun.set_cookie);
    return response;
}

void sign_in_at_desk(const std::shared_ptr<Call>& call) { run_at_desk(call->services.desk.hashing, call, sign_in); }

Value signed_out(const std::string& user, std::size_t tokens) {
    return Value::object({{"user", user}, {"tokens_revoked", tokens}});
}

/// A token signs out by being revoked: it may not do more to itself than that.
Result<net::Response> sign_out(Call& call) {
    const auth::Identity& identity = call.identity;
    runtime::Runtime& runtime = call.services.deps.runtime;
    if (identity.via == Via::kSession) {
        TRY(runtime.call(core::input::EndSession{identity.user, identity.session_hash}, call.actor()));
        net::Response response = json_answer(signed_out(identity.name, 0));
        response.headers.set("Set-Cookie", forget_session(call));
        return response;
    }
    if (identity.via == Via::kJob) return fail(ErrorCode::kDenied, "a job's token ends with its job");
    if (identity.via == Via::kLocal)
        return fail(ErrorCode::kConflict, "the token in the server's data folder cannot sign out; stop using it");
    const auto found = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return reader.find_token(auth::secret_hash(bearer_of(call))); }));
    if (found) TRY(runtime.call(core::input::RevokeToken{found->token.id}, call.actor()));
    return json_answer(signed_out(identity.name, found ? 1 : 0));
}

Result<net::Response> list_sessions(Call& call) {
    const Time now = call.services.deps.clock.now();
    const auto sessions = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return reader.list_sessions(call.identity.user); }));
    json::Array items;
    for (const domain::Session& session : sessions) {
        if (session.expires_at <= now) continue;
        items.push_back(Value::object({{"current", session.hash == call.identity.session_hash},
                                       {"address", session.address},
                                       {"agent", text_or_null(session.agent)},
                                       {"created_at", time_value(session.created_at)},
                                       {"expires_at", time_value(session.expires_at)}}));
    }
    return json_answer(page_value(std::move(items), ""));
}

Result<std::size_t> revoke_tokens(Call& call, const domain::UserId& user) {
    const auto tokens = TRY(
        call.services.deps.readers.with([&](store::StoreReader& reader) { return reader.list_tokens(user); }));
    for (const domain::AccessToken& token : tokens) {
        auto revoked = call.services.deps.runtime.call(core::input::RevokeToken{token.id}, call.actor());
        // Somebody else may have been quicker.
        if (!revoked && revoked.error().code != ErrorCode::kNotFound) return fail(revoked.error());
    }
    return tokens.size();
}

Result<net::Response> sign_out_everywhere(Call& call, const domain::UserId& user, const std::string& name) {
    TRY(call.services.deps.runtime.call(core::input::EndSession{user, ""}, call.actor()));
    const std::size_t tokens = call.query_flag("tokens") ? TRY(revoke_tokens(call, user)) : 0;
    return json_answer(signed_out(name, tokens));
}

Result<net::Response> end_own_sessions(Call& call) {
    net::Response response = TRY(sign_out_everywhere(call, call.identity.user, call.identity.name));
    if (call.identity.via == Via::kSession) response.headers.set("Set-Cookie", forget_session(call));
    return response;
}

Result<net::Response> end_sessions_of_user(Call& call) {
    const domain::User user = TRY(find_known_user(call, call.param("user")));
    return sign_out_everywhere(call, user.id, user.name);
}

}  // namespace

std::vector<Route> session_routes() {
    const QueryParam tokens{"tokens", "Revoke every access token as well.", QueryParam::Type::kFlag};
    return {
        {.method = "GET",
         .path = "/session",
         .operation = "showSession",
         .permission = Permission::kSignedIn,
         .handler = show_session,
         .summary = "who am I, and how has it been shown",
         .answer = {200, "Session"},
         .tells_secret = true},
        {.method = "POST",
         .path = "/session",
         .operation = "signIn",
         .permission = Permission::kOpen,
         .handler = sign_in_at_desk,
         .summary = "sign in with a password; the answer sets a cookie",
         .body = {BodyShape::Kind::kJson, "SignIn"},
         .answer = {201, "SignedIn"}},
        {.method = "DELETE",
         .path = "/session",
         .operation = "signOut",
         .permission = Permission::kSignedIn,
         .handler = sign_out,
         .summary = "sign out here: ends the session, or revokes the access token, that the request came with",
         .answer = {200, "SignedOut"}},
        {.method = "GET",
         .path = "/sessions",
         .operation = "listSessions",
         .permission = Permission::kSelf,
         .handler = list_sessions,
         .summary = "where one is signed in",
         .answer = {200, "[SessionPlace]"}},
        {.method = "DELETE",
         .path = "/sessions",
         .operation = "endSessions",
         .permission = Permission::kSelf,
         .handler = end_own_sessions,
         .summary = "sign out everywhere",
         .query = {tokens},
         .answer = {200, "SignedOut"}},
        {.method = "DELETE",
         .path = "/users/{user}/sessions",
         .operation = "endSessionsOfUser",
         .permission = Permission::kOperate,
         .handler = end_sessions_of_user,
         .summary = "sign somebody out everywhere",
         .query = {tokens},
         .answer = {200, "SignedOut"}},
    };
}

}  // namespace pintle::api
