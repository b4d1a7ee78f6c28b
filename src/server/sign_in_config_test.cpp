#include "server/sign_in_config.hpp"

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "server/server_config.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::server;

namespace {

std::string fault_of(const std::string& text) {
    ServerConfig config;
    const auto read = read_config(text, config);
    if (read) return "";
    REQUIRE(read.error().details.size() == 1);
    const Fault& fault = read.error().details[0];
    return fault.path + ": " + fault.message;
}

const std::string kProvider = "sign_in:\n  providers:\n  - {name: kc, client_id: pintle, issuer: https://id.example";

}  // namespace

TEST_CASE("the configuration says how people sign in") {
    ServerConfig config;
    const std::string text = R"(public_url: https://pintle.example:8443/
first_operator: root
sign_in:
  password: false
  providers:
  - name: keycloak
    issuer: https://id.example/realms/research
    client_id: pintle
    client_secret_file: /etc/pintle/secret
    scopes: [openid, email]
    username_claim: nickname
    onboard: true
    group: research
    domains: [example.org]
  - {name: github, kind: github, client_id: abc}
)";
    const auto read = read_config(text, config);
    INFO((read ? "" : describe(read.error())));
    REQUIRE(read.has_value());
    const SignInConfig& sign_in = config.sign_in;
    CHECK(sign_in.public_url == "https://pintle.example:8443");
    CHECK(sign_in.first_operator == "root");
    CHECK_FALSE(sign_in.passwords);
    REQUIRE(sign_in.providers.size() == 2);
    const ProviderConfig& keycloak = sign_in.providers[0];
    CHECK(keycloak.oidc.issuer == "https://id.example/realms/research");
    CHECK(keycloak.oidc.scopes == std::vector<std::string>{"openid", "email"});
    CHECK(keycloak.oidc.username_claim == "nickname");
    CHECK(keycloak.client_secret_file == "/etc/pintle/secret");
    CHECK(keycloak.onboard);
    CHECK(keycloak.group == "research");
    CHECK(keycloak.domains == std::vector<std::string>{"example.org"});
    CHECK(sign_in.providers[1].oidc.kind == auth::OidcConfig::Kind::kGithub);
    CHECK(ServerConfig{}.sign_in.passwords);
}

TEST_CASE("what cannot work is refused with its place") {
    const std::string url =
        "public_url: expected an address without a path, such as https://pintle.example or https://pintle.example:8443";
    CHECK(fault_of("public_url: pintle.example\n") == url);
    CHECK(fault_of("public_url: https://pintle.example/sub\n") == url);
    CHECK(fault_of("public_url: https://me@pintle.example\n") == url);
    CHECK(fault_of("first_operator: a/b\n") == "first_operator: a user's name may not have a slash or a colon");
    CHECK(fault_of("sign_in: {password: false}\n") ==
          "sign_in.password: nobody could sign in: allow passwords or name a provider");
    CHECK(fault_of("sign_in: {providers: [{name: kc, client_id: x}]}\n") ==
          "sign_in.providers[0].issuer: this is required: the provider's address, exactly as the provider says it");
    CHECK(fault_of("sign_in: {providers: [{name: A b, client_id: x, kind: github}]}\n").find("not a valid name") !=
          std::string::npos);
    CHECK(fault_of(kProvider + ", group: x}\n") ==
          "sign_in.providers[0].group: this is where on-boarded strangers go; it needs onboard: true");
    CHECK(fault_of(kProvider + ", domains: [a.example]}\n") ==
          "sign_in.providers[0].domains: this says which strangers are on-boarded; it needs onboard: true");
    CHECK(fault_of(kProvider + ", onboard: true, domains: [me@a.example]}\n") ==
          "sign_in.providers[0].domains: expected domains such as example.org, got \"me@a.example\"");
    CHECK(fault_of("sign_in: {providers: [{name: gh, kind: github, client_id: x, onboard: true, domains: [a.b]}]}\n") ==
          "sign_in.providers[0].domains: GitHub does not say whether an address is verified; on-board these people "
          "yourself");
    CHECK(fault_of(kProvider + "}\n  - {name: kc, client_id: x, kind: github}\n") ==
          "sign_in.providers[1].name: there are two providers named \"kc\"");
}

TEST_CASE("a provider's secret comes from its file, and a bad one keeps the server from starting") {
    const testing::TempFolder folder;
    const auto tokens = auth::Tokens::open(folder.path()).value();
    SignInConfig config;
    ProviderConfig provider;
    provider.oidc.name = "kc";
    provider.oidc.issuer = "https://id.example";
    provider.oidc.client_id = "pintle";
    provider.client_secret_file = folder.path() + "/client-secret";
    config.providers = {provider};
    const auto missing = sign_in_options(config, tokens);
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().message.starts_with("the client secret of kc: could not open "));
    REQUIRE(os::write_file_atomic(provider.client_secret_file, " \n", 0600).has_value());
    CHECK(sign_in_options(config, tokens).error().message ==
          "the client secret of kc: " + provider.client_secret_file + " is empty");
    REQUIRE(os::write_file_atomic(provider.client_secret_file, "hush\n", 0600).has_value());
    CHECK(sign_in_options(config, tokens).value().providers.at(0).provider->config().client_secret == "hush");
    config.providers[0].oidc.issuer = "http://id.example";
    CHECK(sign_in_options(config, tokens).error().message ==
          "the identity provider \"kc\" needs an issuer that is an https URL, or http to this machine");
}
