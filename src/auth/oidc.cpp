#include "auth/oidc.hpp"

#include <sodium.h>

#include "auth/jwt.hpp"
#include "auth/provider_call.hpp"
#include "base/check.hpp"
#include "base/text.hpp"
#include "net/url.hpp"

namespace pintle::auth {
namespace {

constexpr std::size_t kMaxClaimBytes = 255;

/// A claim that people may see; empty when it is absent or no such text.
std::string text_claim(const json::Value& claims, std::string_view name) {
    const json::Value& value = claims[name];
    return value.is_string() && value.as_string().size() <= kMaxClaimBytes ? value.as_string() : "";
}

std::string text_member(const json::Value& object, std::string_view name) {
    const json::Value& value = object[name];
    return value.is_string() ? value.as_string() : "";
}

/// "invalid_grant", or "invalid_grant: the code has expired" where the provider says more.
std::string fault_words(std::string_view code, std::string_view description) {
    return provider_words(description.empty() ? std::string(code) : fmt::format("{}: {}", code, description));
}

tl::unexpected<Error> explain_error(const OidcConfig& config, const OidcProvider::Callback& callback) {
    const std::string words = fault_words(callback.error, callback.error_description);
    if (callback.error == "access_denied") {
        return fail(ErrorCode::kDenied, "{} did not let you in ({})", config.name, words);
    }
    if (callback.error == "temporarily_unavailable" || callback.error == "server_error") {
        return fail(ErrorCode::kUnavailable, "{} cannot sign anybody in ({}); try again later", config.name, words);
    }
    return fail(ErrorCode::kUnauthorized, "{} refused the sign-in ({})", config.name, words);
}

/// Why no token was given for the code.
tl::unexpected<Error> explain_refusal(const OidcConfig& config, const ProviderAnswer& answer) {
    const std::string code = text_member(answer.body, "error");
    const std::string words = fault_words(code, text_member(answer.body, "error_description"));
    if (code == "invalid_grant" || code == "bad_verification_code") {
        return fail(ErrorCode::kUnauthorized, "{} did not accept the code of this sign-in ({}); sign in again",
                    config.name, words);
    }
    if (code.empty()) {
        return fail(ErrorCode::kUnavailable, "{} answered with status {} and no token; try again later", config.name,
                    answer.status);
    }
    return fail(ErrorCode::kUnavailable,
                "{} does not accept this server as its client ({}); an operator must look at the client id, the client "
                "secret and the redirect URI",
                config.name, words);
}

bool is_true(const json::Value& value) {
    // Some providers write it as a text.
    return value == json::Value(true) || value == json::Value("true");
}

std::string basic(const std::string& user, const std::string& password) {
    const std::string pair = net::percent_encode(user) + ":" + net::percent_encode(password);
    std::string text(sodium_base64_encoded_len(pair.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    ::sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(pair.data()), pair.size(),
                        sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();
    return "Basic " + text;
}

/// GitHub has no discovery document; these are as its documentation says.
ProviderEndpoints github_endpoints(const OidcConfig& config) {
    ProviderEndpoints endpoints;
    endpoints.authorization = config.issuer + "/login/oauth/authorize";
    endpoints.token = config.issuer + "/login/oauth/access_token";
    endpoints.user_info = config.api + "/user";
    endpoints.secret_in = ProviderEndpoints::SecretIn::kBody;
    return endpoints;
}

std::string scopes_of(const OidcConfig& config) {
    if (config.kind == OidcConfig::Kind::kOidc) return join(config.scopes, " ");
    std::vector<std::string> scopes;
    for (const std::string& scope : config.scopes) {
        if (scope != "openid" && scope != "profile" && scope != "email") scopes.push_back(scope);
    }
    return join(scopes, " ");
}

/// The `iss` of an answer: GitHub's is not where people sign in.
std::string issuer_in_answers(const OidcConfig& config) {
    return config.kind == OidcConfig::Kind::kGithub ? config.issuer + "/login/oauth" : config.issuer;
}

}  // namespace

OidcProvider::OidcProvider(OidcConfig config, std::string key)
    : config_(std::move(config)), key_(std::move(key)), discovery_(config_.name, config_.issuer) {}

Result<std::unique_ptr<OidcProvider>> OidcProvider::open(OidcConfig config, std::string key) {
    const bool github = config.kind == OidcConfig::Kind::kGithub;
    if (github && config.issuer.empty()) config.issuer = "https://github.com";
    while (github && config.issuer.ends_with('/')) config.issuer.pop_back();
    while (github && config.api.ends_with('/')) config.api.pop_back();
    const auto refuse = [&](std::string_view why) {
        return fail(ErrorCode::kInvalid, "the identity provider \"{}\" {}", config.name, why);
    };
    if (config.name.empty()) return refuse("needs a name");
    if (!is_safe_url(config.issuer)) return refuse("needs an issuer that is an https URL, or http to this machine");
    if (config.issuer.find_first_of("?#") != std::string::npos) return refuse("has an issuer with a query in it");
    if (github && !is_safe_url(config.api)) return refuse("needs an api that is an https URL, or http to this machine");
    if (config.client_id.empty()) return refuse("needs a client_id");
    if (!github && (" " + join(config.scopes, " ") + " ").find(" openid ") == std::string::npos) {
        return refuse("needs the scope openid among its scopes");
    }
    check(key.size() == 32, "the key has 32 bytes");
    return std::unique_ptr<OidcProvider>(new OidcProvider(std::move(config), std::move(key)));
}

Result<ProviderEndpoints> OidcProvider::endpoints(Time now) {
    if (config_.kind == OidcConfig::Kind::kGithub) return github_endpoints(config_);
    return *TRY(discovery_.endpoints(now));
}

Result<OidcProvider::Begun> OidcProvider::begin(const std::string& redirect_uri, const std::string& return_to,
                                                Time now) {
    const SignInState state = TRY(new_sign_in(config_.name, return_to, now));
    const ProviderEndpoints there = TRY(endpoints(now));
    net::QueryParams params{{"response_type", "code"},
                            {"client_id", config_.client_id},
                            {"redirect_uri", redirect_uri},
                            {"scope", scopes_of(config_)},
                            {"state", state.state},
                            {"code_challenge", code_challenge(state.verifier)},
                            {"code_challenge_method", "S256"}};
    if (config_.kind == OidcConfig::Kind::kOidc) params.add("nonce", state.nonce);
    const char joint = there.authorization.find('?') == std::string::npos ? '?' : '&';
    return Begun{there.authorization + joint + form_of(params), seal_sign_in(state, key_)};
}

Result<void> OidcProvider::check_callback(const Callback& callback, const SignInState& state, Time now) {
    if (state.provider != config_.name) {
        return fail(ErrorCode::kUnauthorized, "the sign-in was begun at {}, not at {}; sign in again", state.provider,
                    config_.name);
    }
    if (callback.state != state.state) {
        return fail(ErrorCode::kUnauthorized,
                    "the answer of {} belongs to another sign-in; sign in again, in one tab at a time", config_.name);
    }
    const std::string issuer = issuer_in_answers(config_);
    if (!callback.issuer.empty() && callback.issuer != issuer) {
        return fail(ErrorCode::kUnauthorized, "the answer says that it comes from \"{}\", not from {} (\"{}\")",
                    provider_words(callback.issuer), config_.name, issuer);
    }
    if (!callback.error.empty()) return explain_error(config_, callback);
    if (callback.code.empty()) {
        return fail(ErrorCode::kUnauthorized, "the answer of {} has no code; sign in again", config_.name);
    }
    if (callback.issuer.empty() && TRY(endpoints(now)).says_issuer) {
        return fail(ErrorCode::kUnauthorized,
                    "the answer does not say that it comes from {} (\"iss\"), which {} always does", config_.name,
                    config_.name);
    }
    return {};
}

Result<OidcUser> OidcProvider::finish(const Callback& callback, const std::string& state_cookie,
                                      const std::string& redirect_uri, Time now) {
    const SignInState state = TRY(open_sign_in(state_cookie, key_, now));
    TRY(check_callback(callback, state, now));
    const ProviderEndpoints there = TRY(endpoints(now));
    const json::Value answer = TRY(redeem(there, callback.code, state.verifier, redirect_uri));
    OidcUser user = config_.kind == OidcConfig::Kind::kGithub ? TRY(github_user(there, answer))
                                                              : TRY(oidc_user(there, answer, state.nonce, now));
    user.return_to = state.return_to;
    return user;
}

Result<json::Value> OidcProvider::redeem(const ProviderEndpoints& endpoints, const std::string& code,
                                         const std::string& verifier, const std::string& redirect_uri) const {
    net::QueryParams form{{"grant_type", "authorization_code"},
                          {"code", code},
                          {"redirect_uri", redirect_uri},
                          {"code_verifier", verifier}};
    net::ClientRequest request;
    request.method = "POST";
    request.url = endpoints.token;
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    const bool in_header = endpoints.secret_in == ProviderEndpoints::SecretIn::kHeader;
    if (!config_.client_secret.empty() && in_header) {
        request.headers.add("Authorization", basic(config_.client_id, config_.client_secret));
    } else {
        form.add("client_id", config_.client_id);
        if (!config_.client_secret.empty()) form.add("client_secret", config_.client_secret);
    }
    request.body = form_of(form);
    ProviderAnswer answer = TRY(call_provider(config_.name, std::move(request)));
    // GitHub says 200 to everything.
    if (answer.status != 200 || answer.body.has("error")) return explain_refusal(config_, answer);
    return std::move(answer.body);
}

Result<json::Value> OidcProvider::read_id_token(const ProviderEndpoints& endpoints, const std::string& token,
                                                const std::string& nonce, Time now) {
    const auto keys = TRY(discovery_.keys(endpoints, now, false));
    auto claims = verify_jwt(token, *keys);
    if (!claims && claims.error().code == ErrorCode::kNotFound) {
        claims = verify_jwt(token, *TRY(discovery_.keys(endpoints, now, true)));
    }
    Result<void> good = claims ? check_claims(*claims, {config_.issuer, config_.client_id, nonce, now})
                               : Result<void>(fail(claims.error()));
    if (!good) {
        return fail(ErrorCode::kUnauthorized, "what {} says of you cannot be trusted: {}", config_.name,
                    good.error().message);
    }
    return std::move(*claims);
}

Result<OidcUser> OidcProvider::oidc_user(const ProviderEndpoints& endpoints, const json::Value& answer,
                                         const std::string& nonce, Time now) {
    const std::string token = text_member(answer, "id_token");
    if (token.empty()) {
        return fail(ErrorCode::kUnavailable, "{} gave no ID token; an operator must allow this client the scope openid",
                    config_.name);
    }
    json::Value claims = TRY(read_id_token(endpoints, token, nonce, now));
    const std::string access_token = text_member(answer, "access_token");
    const bool complete = !text_claim(claims, config_.username_claim).empty() && !text_claim(claims, "email").empty();
    // Many providers keep the ID token small and tell names and addresses only when asked.
    if (!complete && !endpoints.user_info.empty() && !access_token.empty()) {
        const json::Value more = TRY(get_from_provider(config_.name, endpoints.user_info, access_token));
        if (more["sub"] != claims["sub"]) {
            return fail(ErrorCode::kUnauthorized, "{} tells of another user than the one who signed in", config_.name);
        }
        // Whether an address is verified counts for that address only.
        const bool has_email = claims.has("email");
        for (const json::Member& member : more.as_object()) {
            const bool of_other_email = has_email && member.key == "email_verified";
            if (!claims.has(member.key) && !of_other_email) claims.add(member.key, member.value);
        }
    }
    OidcUser user;
    user.identity = {config_.issuer, claims["sub"].as_string()};
    user.email = text_claim(claims, "email");
    user.email_verified = is_true(claims["email_verified"]);
    user.user_name = text_claim(claims, config_.username_claim);
    if (user.user_name.empty()) user.user_name = user.email;
    user.display_name = text_claim(claims, "name");
    return user;
}

Result<OidcUser> OidcProvider::github_user(const ProviderEndpoints& endpoints, const json::Value& answer) const {
    const std::string access_token = text_member(answer, "access_token");
    if (access_token.empty()) {
        return fail(ErrorCode::kUnavailable, "{} gave no access token; try again later", config_.name);
    }
    const json::Value claims = TRY(get_from_provider(config_.name, endpoints.user_info, access_token));
    if (!claims["id"].is_int() || claims["id"].as_int() <= 0) {
        return fail(ErrorCode::kUnavailable, "{} does not say who signed in (\"id\")", config_.name);
    }
    OidcUser user;
    // Names can be given up and taken by somebody else; the number cannot.
    user.identity = {config_.issuer, std::to_string(claims["id"].as_int())};
    user.user_name = text_claim(claims, "login");
    user.email = text_claim(claims, "email");
    user.display_name = text_claim(claims, "name");
    return user;
}

}  // namespace pintle::auth
