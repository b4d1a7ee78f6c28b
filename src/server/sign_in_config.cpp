#include "server/sign_in_config.hpp"

#include <set>

#include "base/text.hpp"
#include "domain/label.hpp"
#include "domain/name.hpp"
#include "net/url.hpp"
#include "os/file.hpp"

namespace pintle::server {
namespace {

using Kind = auth::OidcConfig::Kind;

void read_public_url(json::Reader& config, SignInConfig& into) {
    const auto given = config.text("public_url");
    if (!given) return;
    std::string url = *given;
    while (url.ends_with('/')) url.pop_back();
    const bool web = url.starts_with("https://") || url.starts_with("http://");
    const std::string rest = web ? url.substr(url.find("//") + 2) : "";
    if (!web || net::url_host(url).empty() || rest.find_first_of("/?#@ ") != std::string::npos) {
        config.error_at("public_url",
                        "expected an address without a path, such as https://pintle.example or "
                        "https://pintle.example:8443");
        return;
    }
    into.public_url = url;
}

void check_onboarding(const json::Reader& item, const ProviderConfig& provider) {
    if (!provider.onboard && !provider.group.empty())
        item.error_at("group", "this is where on-boarded strangers go; it needs onboard: true");
    if (!provider.onboard && !provider.domains.empty())
        item.error_at("domains", "this says which strangers are on-boarded; it needs onboard: true");
    if (provider.oidc.kind == Kind::kGithub && !provider.domains.empty())
        item.error_at("domains", "GitHub does not say whether an address is verified; on-board these people yourself");
    for (const std::string& domain : provider.domains) {
        if (domain.empty() || domain.find_first_of("@/ ") != std::string::npos)
            item.error_at("domains", fmt::format("expected domains such as example.org, got \"{}\"", domain));
    }
}

ProviderConfig read_provider(json::Reader& item) {
    ProviderConfig provider;
    auth::OidcConfig& oidc = provider.oidc;
    oidc.name = item.text("name", json::kRequired);
    oidc.kind = item.choice("kind", {"oidc", "github"}, "oidc") == "github" ? Kind::kGithub : Kind::kOidc;
    oidc.issuer = item.text("issuer", "");
    oidc.api = item.text("api", oidc.api);
    oidc.client_id = item.text("client_id", json::kRequired);
    provider.client_secret_file = item.text("client_secret_file", "");
    if (auto scopes = item.text_list("scopes"); !scopes.empty()) oidc.scopes = std::move(scopes);
    oidc.username_claim = item.text("username_claim", oidc.username_claim);
    provider.onboard = item.boolean("onboard", false);
    provider.group = item.text("group", "");
    provider.domains = item.text_list("domains");
    item.finish();
    if (!oidc.name.empty() && !domain::is_valid_name(oidc.name)) item.error_at("name", domain::name_fault(oidc.name));
    if (oidc.kind == Kind::kOidc && oidc.issuer.empty())
        item.error_at("issuer", "this is required: the provider's address, exactly as the provider says it");
    check_onboarding(item, provider);
    return provider;
}

Result<api::SignInProvider> open_provider(const ProviderConfig& config, const auth::Tokens& tokens) {
    auth::OidcConfig oidc = config.oidc;
    if (!config.client_secret_file.empty()) {
        auto secret = os::read_file(config.client_secret_file, 4096);
        if (!secret) return fail(secret.error().context("the client secret of " + oidc.name));
        oidc.client_secret = trim(*secret);
        if (oidc.client_secret.empty())
            return fail(ErrorCode::kInvalid, "the client secret of {}: {} is empty", oidc.name,
                        config.client_secret_file);
    }
    const std::string key = tokens.key_for("sign-in " + oidc.name);
    return api::SignInProvider{TRY(auth::OidcProvider::open(std::move(oidc), key)), config.onboard, config.group,
                               config.domains};
}

}  // namespace

void read_sign_in(json::Reader& config, SignInConfig& into) {
    read_public_url(config, into);
    into.first_operator = config.text("first_operator", into.first_operator);
    if (const std::string fault = domain::label_fault("user", into.first_operator); !fault.empty())
        config.error_at("first_operator", fault);
    auto sign_in = config.object("sign_in");
    if (!sign_in) return;
    into.passwords = sign_in->boolean("password", into.passwords);
    std::set<std::string> names;
    for (json::Reader& item : sign_in->list("providers")) {
        ProviderConfig provider = read_provider(item);
        if (!provider.oidc.name.empty() && !names.insert(provider.oidc.name).second)
            item.error_at("name", fmt::format("there are two providers named \"{}\"", provider.oidc.name));
        into.providers.push_back(std::move(provider));
    }
    sign_in->finish();
    if (!into.passwords && into.providers.empty())
        sign_in->error_at("password", "nobody could sign in: allow passwords or name a provider");
}

Result<api::SignInOptions> sign_in_options(const SignInConfig& config, const auth::Tokens& tokens) {
    api::SignInOptions options;
    options.passwords = config.passwords;
    options.public_url = config.public_url;
    for (const ProviderConfig& provider : config.providers)
        options.providers.push_back(TRY(open_provider(provider, tokens)));
    return options;
}

}  // namespace pintle::server
