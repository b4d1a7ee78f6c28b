#include <algorithm>

#include "api/bodies.hpp"
#include "api/people.hpp"
#include "api/routes.hpp"
#include "api/sign_in.hpp"
#include "auth/secret.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using domain::Scope;
using json::Value;

constexpr Duration kUsualLife = std::chrono::days(90);
constexpr std::int64_t kLongestDays = 3650;

Value token_value(const domain::AccessToken& token, Time now) {
    json::Array scopes;
    for (const Scope scope : token.scopes) scopes.emplace_back(domain::to_string(scope));
    return Value::object({{"id", token.id.str()},
                          {"name", token.name},
                          {"scopes", Value(std::move(scopes))},
                          {"created_at", time_value(token.created_at)},
                          {"expires_at", time_value(token.expires_at)},
                          {"expired", token.expires_at != Time{} && token.expires_at <= now}});
}

Result<net::Response> tokens_answer(Call& call, const domain::UserId& user) {
    const Time now = call.services.deps.clock.now();
    const auto tokens = TRY(
        call.services.deps.readers.with([&](store::StoreReader& reader) { return reader.list_tokens(user); }));
    json::Array items;
    for (const domain::AccessToken& token : tokens) items.push_back(token_value(token, now));
    return json_answer(page_value(std::move(items), ""));
}

/// "30d", "12h", "15m"; nothing for what is none of these.
std::optional<Duration> parse_life(std::string_view text) {
    if (text.size() < 2) return std::nullopt;
    const auto number = parse_int(text.substr(0, text.size() - 1));
    if (!number || *number < 1 || *number > kLongestDays * 24 * 60) return std::nullopt;
    const char unit = text.back();
    std::optional<Duration> life;
    if (unit == 'd') life = std::chrono::days(*number);
    if (unit == 'h') life = std::chrono::hours(*number);
    if (unit == 'm') life = std::chrono::minutes(*number);
    return life && *life <= std::chrono::days(kLongestDays) ? life : std::nullopt;
}

Time read_expiry(json::Reader& body, Time now) {
    const auto text = body.text("expires");
    if (!text) return now + kUsualLife;
    if (*text == "never") return Time{};
    if (const auto life = parse_life(*text)) return now + *life;
    body.error_at("expires", fmt::format("expected a time such as 30d or 12h, at most {}d, or never, got \"{}\"",
                                         kLongestDays, to_valid_utf8(text->substr(0, 40))));
    return Time{};
}

std::vector<Scope> read_scopes(json::Reader& body) {
    std::vector<Scope> scopes{Scope::kRead};
    for (const std::string& word : body.text_list("scopes")) {
        const auto scope = domain::scope_from(word);
        if (!scope) {
            body.error_at("scopes", fmt::format("expected read, run, write or operate, got \"{}\"",
                                                to_valid_utf8(word.substr(0, 40))));
        } else if (std::find(scopes.begin(), scopes.end(), *scope) == scopes.end()) {
            scopes.push_back(*scope);
        }
    }
    return scopes;
}

Result<net::Response> create_token(Call& call) {
    const Time now = call.services.deps.clock.now();
    domain::AccessToken token;
    TRY(read_body(call.request, [&](json::Reader& body) {
        token.name = body.text("name", json::kRequired);
        token.scopes = read_scopes(body);
        token.expires_at = read_expiry(body, now);
    }));
    const std::string text = auth::make_secret(auth::kPersonalTokenPrefix);
    token.id = domain::TokenId(call.services.deps.runtime.make_id());
    token.user = call.identity.user;
    token.hash = auth::secret_hash(text);
    token.created_at = now;
    TRY(call.services.deps.runtime.call(core::input::CreateToken{token}, call.actor()));
    Value answer = token_value(token, now);
    answer.set("token", text);
    return json_answer(answer, 201);
}

Result<net::Response> list_tokens(Call& call) { return tokens_answer(call, call.identity.user); }

/// By id or name.
Result<net::Response> revoke_token(Call& call, const domain::UserId& user, const std::string& whose) {
    const std::string& wanted = call.param("token");
    const auto tokens = TRY(
        call.services.deps.readers.with([&](store::StoreReader& reader) { return reader.list_tokens(user); }));
    const auto found = std::find_if(tokens.begin(), tokens.end(), [&](const domain::AccessToken& token) {
        return token.id.str() == wanted || token.name == wanted;
    });
    if (found == tokens.end())
        return fail(ErrorCode::kNotFound, "{} no token \"{}\"", whose, to_valid_utf8(wanted.substr(0, 100)));
    TRY(call.services.deps.runtime.call(core::input::RevokeToken{found->id}, call.actor()));
    return json_answer(Value::object({{"revoked", found->name}}));
}

Result<net::Response> revoke_own_token(Call& call) { return revoke_token(call, call.identity.user, "you have"); }

Result<net::Response> list_tokens_of_user(Call& call) {
    return tokens_answer(call, TRY(find_known_user(call, call.param("user"))).id);
}

Result<net::Response> revoke_token_of_user(Call& call) {
    const domain::User user = TRY(find_known_user(call, call.param("user")));
    return revoke_token(call, user.id, user.name + " has");
}

}  // namespace

std::vector<Route> token_routes() {
    return {
        {.method = "GET",
         .path = "/tokens",
         .operation = "listTokens",
         .permission = Permission::kSelf,
         .handler = list_tokens,
         .summary = "one's own access tokens",
         .answer = {200, "[Token]"}},
        {.method = "POST",
         .path = "/tokens",
         .operation = "createToken",
         .permission = Permission::kSelf,
         .handler = create_token,
         .summary = "make an access token; its text is in this answer only",
         .body = {BodyShape::Kind::kJson, "NewToken"},
         .answer = {201, "TokenMade"}},
        {.method = "DELETE",
         .path = "/tokens/{token}",
         .operation = "revokeToken",
         .permission = Permission::kSelf,
         .handler = revoke_own_token,
         .summary = "revoke an access token",
         .answer = {200, "TokenRevoked"}},
        {.method = "GET",
         .path = "/users/{user}/tokens",
         .operation = "listTokensOfUser",
         .permission = Permission::kOperate,
         .handler = list_tokens_of_user,
         .summary = "somebody's access tokens",
         .answer = {200, "[Token]"}},
        {.method = "DELETE",
         .path = "/users/{user}/tokens/{token}",
         .operation = "revokeTokenOfUser",
         .permission = Permission::kOperate,
         .handler = revoke_token_of_user,
         .summary = "revoke somebody's access token",
         .answer = {200, "TokenRevoked"}},
    };
}

}  // namespace pintle::api
