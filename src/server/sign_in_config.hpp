#pragma once

#include <string>
#include <vector>

#include "api/sign_in_options.hpp"
#include "auth/tokens.hpp"
#include "json/reader.hpp"

namespace pintle::server {

/// An identity provider as the configuration names it.
struct ProviderConfig {
    auth::OidcConfig oidc;
    std::string client_secret_file;  ///< Empty: a public client.
    bool onboard = false;
    std::string group;
    std::vector<std::string> domains;
};

/// How people sign in.
///
///     public_url: https://pintle.example      # what browsers call the server, where a proxy stands before it
///     first_operator: operator                # the name of the user that the first start makes
///     sign_in:
///       password: true
///       providers:
///       - name: keycloak
///         kind: oidc                          # or github
///         issuer: https://id.example/realms/research
///         client_id: pintle
///         client_secret_file: /etc/pintle/keycloak-secret
///         scopes: [openid, profile, email]
///         username_claim: preferred_username
///         onboard: true                       # strangers become users when they first sign in
///         group: research                     # into this group; without it, the Default Group
///         domains: [example.org]              # only with a verified e-mail address there
struct SignInConfig {
    std::string public_url;  ///< Without a slash at its end.
    std::string first_operator = "operator";
    bool passwords = true;
    std::vector<ProviderConfig> providers;
};

/// Reads these fields of the configuration; faults go to the reader's.
void read_sign_in(json::Reader& config, SignInConfig& into);

/// Ready to work: secrets are read and providers opened, without asking any. Fails with the provider's name and what
/// is wrong with it.
[[nodiscard]] Result<api::SignInOptions> sign_in_options(const SignInConfig& config, const auth::Tokens& tokens);

}  // namespace pintle::server
