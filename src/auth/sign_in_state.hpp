#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace pintle::auth {

/// What has to be remembered of a sign-in while the person is at the provider. It travels in a cookie that only this
/// server can read and write, so that nothing is kept in memory and a restart loses no sign-in.
///
/// Pure but for new_sign_in(), which reads the machine's random numbers. Any thread.
struct SignInState {
    std::string provider;   ///< Its name in the configuration.
    std::string state;      ///< Comes back with the code: it is this browser's.
    std::string nonce;      ///< Comes back in the ID token: it was made for this sign-in.
    std::string verifier;   ///< Proves to the provider that the code is ours (PKCE).
    std::string return_to;  ///< Where the person wanted to go.
    Time expires_at{};
};

inline constexpr Duration kSignInTime = std::chrono::minutes(10);

/// With random state, nonce and verifier. kInvalid when `return_to` is not a path of this server.
[[nodiscard]] Result<SignInState> new_sign_in(std::string provider, std::string return_to, Time now);

/// The value of the cookie, at most 3 KB. `key` has 32 bytes: Tokens::key_for().
[[nodiscard]] std::string seal_sign_in(const SignInState& state, std::string_view key);
/// The reverse; kUnauthorized, in words for the person, when there is no cookie, or it is not ours, or too old.
[[nodiscard]] Result<SignInState> open_sign_in(std::string_view cookie, std::string_view key, Time now);

/// What the provider is told of the verifier (S256 of RFC 7636).
[[nodiscard]] std::string code_challenge(std::string_view verifier);

/// Whether a redirect there stays on this server: "/jobs?page=2", but not "//evil.example", "/\evil" or "https:…".
[[nodiscard]] bool is_local_path(std::string_view path);

}  // namespace pintle::auth
