#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/oidc_discovery.hpp"
#include "auth/sign_in_state.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/user.hpp"
#include "json/value.hpp"

namespace pintle::auth {

/// One identity provider in the server's configuration.
struct OidcConfig {
    enum class Kind {
        kOidc,    ///< OpenID Connect: Keycloak, Dex, Google, Entra …
        kGithub,  ///< Plain OAuth 2, which is what GitHub has for people.
    };
    std::string name;  ///< "keycloak"; for people and in URLs.
    Kind kind = Kind::kOidc;
    std::string issuer;         ///< Exactly as the provider says it. Of GitHub: where people sign in.
    std::string client_id;
    std::string client_secret;  ///< Empty for a public client.
    std::vector<std::string> scopes = {"openid", "profile", "email"};  ///< GitHub needs none of its own.
    std::string username_claim = "preferred_username";  ///< Or else `email`.
    std::string api = "https://api.github.com";         ///< GitHub only.
};

/// Somebody who has signed in at a provider. Only `identity` says who they are; all else is what the provider lets
/// people choose, fit for a proposal and never for finding an account.
struct OidcUser {
    domain::ExternalIdentity identity;
    std::string user_name;  ///< May be empty, and is not checked to be a name here.
    std::string email;      ///< May be empty.
    bool email_verified = false;
    std::string display_name;  ///< May be empty.
    std::string return_to;     ///< Where the person wanted to go: a path of this server.
};

/// Signs people in by a provider: authorization code flow with PKCE (RFC 6749, 7636, 9207, OpenID Connect Core).
///
///     begin()   → send the browser to redirect_url and set state_cookie, for kSignInTime
///     (the provider sends the browser back to redirect_uri with a code)
///     finish()  → who it is; forget the cookie, whatever comes out
///
/// Nothing is kept of a sign-in but the cookie. A code works once, at the provider.
///
/// Threading: any thread; both calls block while the provider is asked, up to 10 seconds for each of at most five
/// calls. Failure: kUnauthorized or kDenied when the person may not be let in, kUnavailable when the provider or its
/// configuration is at fault; the sentence is for the person.
class OidcProvider {
public:
    struct Begun {
        std::string redirect_url;
        std::string state_cookie;
    };
    /// What the browser brings back in the query of redirect_uri; what is absent is empty.
    struct Callback {
        std::string code;
        std::string state;
        std::string issuer;  ///< `iss`
        std::string error;
        std::string error_description;
    };

    /// `key` has 32 bytes: Tokens::key_for(). kInvalid in words for the operator when the configuration cannot work.
    /// Asks nobody.
    [[nodiscard]] static Result<std::unique_ptr<OidcProvider>> open(OidcConfig config, std::string key);

    [[nodiscard]] const OidcConfig& config() const { return config_; }

    /// `redirect_uri` is the URL of this server that the provider knows; `return_to` a path of this server.
    [[nodiscard]] Result<Begun> begin(const std::string& redirect_uri, const std::string& return_to, Time now);
    /// `redirect_uri` is the same as for begin().
    [[nodiscard]] Result<OidcUser> finish(const Callback& callback, const std::string& state_cookie,
                                          const std::string& redirect_uri, Time now);

private:
    OidcProvider(OidcConfig config, std::string key);
    [[nodiscard]] Result<ProviderEndpoints> endpoints(Time now);
    [[nodiscard]] Result<void> check_callback(const Callback& callback, const SignInState& state, Time now);
    [[nodiscard]] Result<json::Value> redeem(const ProviderEndpoints& endpoints, const std::string& code,
                                             const std::string& verifier, const std::string& redirect_uri) const;
    [[nodiscard]] Result<json::Value> read_id_token(const ProviderEndpoints& endpoints, const std::string& token,
                                                    const std::string& nonce, Time now);
    [[nodiscard]] Result<OidcUser> oidc_user(const ProviderEndpoints& endpoints, const json::Value& answer,
                                             const std::string& nonce, Time now);
    [[nodiscard]] Result<OidcUser> github_user(const ProviderEndpoints& endpoints, const json::Value& answer) const;

    const OidcConfig config_;
    const std::string key_;
    OidcDiscovery discovery_;
};

}  // namespace pintle::auth
