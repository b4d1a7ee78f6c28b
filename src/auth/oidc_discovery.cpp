#include "auth/oidc_discovery.hpp"

#include <algorithm>

#include "auth/provider_call.hpp"

namespace pintle::auth {
namespace {

bool lists(const json::Value& list, std::string_view word) {
    return list.is_array() && std::count(list.as_array().begin(), list.as_array().end(), json::Value(word)) > 0;
}

Result<std::string> endpoint(const json::Value& document, const std::string& provider, std::string_view name) {
    const json::Value& url = document[name];
    if (!url.is_string() || !is_safe_url(url.as_string())) {
        return fail(
            ErrorCode::kUnavailable,
            "the discovery document of {} has no proper \"{}\": it must be an https URL, or http to this machine",
            provider, name);
    }
    return url.as_string();
}

}  // namespace

Result<ProviderEndpoints> read_discovery(const json::Value& document, const std::string& provider,
                                         const std::string& issuer) {
    if (document["issuer"] != json::Value(issuer)) {
        const json::Value& theirs = document["issuer"];
        return fail(
            ErrorCode::kUnavailable,
            "the discovery document of {} is of the issuer \"{}\", but \"{}\" is configured; an operator must make "
            "them the same",
            provider, provider_words(theirs.is_string() ? theirs.as_string() : ""), issuer);
    }
    ProviderEndpoints endpoints;
    endpoints.authorization = TRY(endpoint(document, provider, "authorization_endpoint"));
    endpoints.token = TRY(endpoint(document, provider, "token_endpoint"));
    endpoints.key_set = TRY(endpoint(document, provider, "jwks_uri"));
    if (document.has("userinfo_endpoint")) endpoints.user_info = TRY(endpoint(document, provider, "userinfo_endpoint"));
    const json::Value& methods = document["token_endpoint_auth_methods_supported"];
    if (lists(methods, "client_secret_post") && !lists(methods, "client_secret_basic")) {
        endpoints.secret_in = ProviderEndpoints::SecretIn::kBody;
    }
    endpoints.says_issuer = document["authorization_response_iss_parameter_supported"] == json::Value(true);
    return endpoints;
}

Result<std::shared_ptr<const ProviderEndpoints>> OidcDiscovery::endpoints(Time now) {
    const auto kept = endpoints_.with([](const auto& current) { return current; });
    if (kept.is_good(now)) return kept.value;
    const std::string base = issuer_.ends_with('/') ? issuer_.substr(0, issuer_.size() - 1) : issuer_;
    const json::Value document = TRY(get_from_provider(provider_, base + "/.well-known/openid-configuration"));
    auto fresh = std::make_shared<const ProviderEndpoints>(TRY(read_discovery(document, provider_, issuer_)));
    endpoints_.with([&](auto& current) { current = {fresh, now}; });
    return fresh;
}

Result<std::shared_ptr<const json::Value>> OidcDiscovery::keys(const ProviderEndpoints& endpoints, Time now,
                                                               bool anew) {
    const auto kept = keys_.with([](const auto& current) { return current; });
    if (!anew && kept.is_good(now)) return kept.value;
    auto fresh = std::make_shared<const json::Value>(TRY(get_from_provider(provider_, endpoints.key_set)));
    keys_.with([&](auto& current) { current = {fresh, now}; });
    return fresh;
}

}  // namespace pintle::auth
