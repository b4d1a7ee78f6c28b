#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "json/value.hpp"

namespace pintle::auth {

/// Signed JSON Web Tokens (RFC 7515, 7518, 7519, 8037), as far as OpenID Connect providers use them for people:
/// RS256, PS256, ES256 and EdDSA with Ed25519. What may be signed how is decided here, never by the token.
///
/// Pure; any thread. Failure: kUnauthorized with a sentence for whoever looks into why a sign-in failed, except where
/// said otherwise.

inline constexpr std::size_t kMaxJwtBytes = 64 << 10;

/// The claims of a token in compact form that one of the provider's keys has signed. `key_set` is the provider's
/// JSON Web Key Set. kNotFound when it has no key of the token's key id: the provider may have new ones. The claims
/// still say anything: check them.
[[nodiscard]] Result<json::Value> verify_jwt(std::string_view token, const json::Value& key_set);

struct ClaimRules {
    std::string issuer;    ///< Must be `iss` exactly.
    std::string audience;  ///< Must be in `aud`, and be `azp` where that is there or `aud` names several.
    std::string nonce;     ///< Must be `nonce`.
    Time now{};            ///< With 60 s of leeway for `exp`, `nbf` and `iat`.
};

/// Whether the claims of an ID token were made for this sign-in (OpenID Connect Core §3.1.3.7).
[[nodiscard]] Result<void> check_claims(const json::Value& claims, const ClaimRules& rules);

}  // namespace pintle::auth
