#include "auth/fake_provider.hpp"

#include "auth/sign_in_state.hpp"
#include "base/check.hpp"
#include "json/json_text.hpp"

namespace pintle::auth {
namespace {

std::string param(const net::QueryParams& params, std::string_view name) {
    const std::string* value = params.find(name);
    return value == nullptr ? "" : *value;
}

net::QueryParams query_of(const std::string& url) {
    return net::parse_target(url.substr(url.find('/', url.find("://") + 3))).value().query;
}

net::Response json_answer(int status, const json::Value& body) {
    return {status, {{"Content-Type", "application/json"}}, json::to_json(body)};
}

net::Response oauth_error(int status, const char* code, const char* description) {
    return json_answer(status, json::Value::object({{"error", code}, {"error_description", description}}));
}

}  // namespace

FakeProvider::FakeProvider() {
    net::HttpServer::Options options;
    options.listen = "127.0.0.1:0";
    server_ = net::HttpServer::open(options, [this](net::Request request, net::Responder responder) {
        responder.send(state_.with([&](State& state) { return answer(request, state); }));
    }).value();
}

net::QueryParams FakeProvider::sign_in(const std::string& redirect_url) {
    const net::QueryParams query = query_of(redirect_url);
    check(param(query, "response_type") == "code" && param(query, "code_challenge_method") == "S256",
          "asks for a code");
    return state_.with([&](State& state) {
        const std::string code = "code-" + std::to_string(++state.codes);
        state.grants[code] = {param(query, "code_challenge"), param(query, "nonce"), param(query, "redirect_uri")};
        return net::QueryParams{{"code", code}, {"state", param(query, "state")}};
    });
}

net::Response FakeProvider::answer(const net::Request& request, State& state) const {
    if (request.path == "/.well-known/openid-configuration") {
        ++state.seen.discoveries;
        return json_answer(200, discovery(state));
    }
    if (request.path == "/keys") {
        ++state.seen.key_sets;
        return json_answer(200, key_set_of(state.behaviour.keys));
    }
    if (request.path == "/token" || request.path == "/login/oauth/access_token") return token(request, state);
    const bool authorized = request.headers.get("Authorization") == "Bearer access-1";
    if (request.path == "/userinfo" || request.path == "/user") {
        ++state.seen.user_infos;
        if (!authorized) return oauth_error(401, "invalid_token", "who are you");
        return json_answer(200, request.path == "/user" ? state.behaviour.github_user : state.behaviour.user_info);
    }
    return oauth_error(404, "not_found", "nothing is here");
}

json::Value FakeProvider::discovery(const State& state) const {
    json::Value document = json::Value::object({{"issuer", url()},
                                                {"authorization_endpoint", url() + "/authorize?tenant=a"},
                                                {"token_endpoint", url() + "/token"},
                                                {"userinfo_endpoint", url() + "/userinfo"},
                                                {"jwks_uri", url() + "/keys"}});
    if (state.behaviour.change_discovery) state.behaviour.change_discovery(document);
    return document;
}

net::Response FakeProvider::token(const net::Request& request, State& state) const {
    const net::QueryParams form = net::parse_target("/?" + request.body).value().query;
    state.seen.authorization = std::string(request.headers.get("Authorization"));
    state.seen.form = form;
    const Behaviour& behaviour = state.behaviour;
    if (!behaviour.token_body.empty()) return {behaviour.token_status, {}, behaviour.token_body};
    // "pintle:hush%3A%20100%25" in base64.
    const bool by_header = state.seen.authorization == "Basic cGludGxlOmh1c2glM0ElMjAxMDAlMjU=";
    const bool by_body =
        param(form, "client_id") == "pintle" && param(form, "client_secret") == behaviour.client_secret;
    if (behaviour.client_secret.empty() ? param(form, "client_id") != "pintle" : by_header == by_body) {
        return oauth_error(401, "invalid_client", "unknown client");
    }
    const auto grant = state.grants.find(param(form, "code"));
    if (grant == state.grants.end() || param(form, "grant_type") != "authorization_code" ||
        param(form, "redirect_uri") != grant->second.redirect_uri ||
        code_challenge(param(form, "code_verifier")) != grant->second.challenge) {
        return oauth_error(request.path == "/token" ? 400 : 200, "invalid_grant", "the code is not good");
    }
    json::Value body = json::Value::object({{"access_token", "access-1"}, {"token_type", "Bearer"}});
    if (request.path == "/token") body.set("id_token", id_token(state, grant->second.nonce));
    state.grants.erase(grant);
    return json_answer(200, body);
}

std::string FakeProvider::id_token(const State& state, const std::string& nonce) const {
    json::Value claims = json::Value::object({{"iss", url()},
                                              {"sub", "subject-7"},
                                              {"aud", "pintle"},
                                              {"exp", kNow + 300},
                                              {"iat", kNow},
                                              {"nonce", nonce},
                                              {"preferred_username", "ana"},
                                              {"email", "ana@example.org"},
                                              {"email_verified", true},
                                              {"name", "Ana Lee"}});
    if (state.behaviour.change_claims) state.behaviour.change_claims(claims);
    return state.behaviour.key.token(state.behaviour.header, claims);
}

}  // namespace pintle::auth
