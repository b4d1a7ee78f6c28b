#include "auth/sign_in_state.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <sodium.h>

#include "auth/base64url.hpp"
#include "auth/seal.hpp"
#include "base/check.hpp"
#include "base/text.hpp"
#include "json/json_text.hpp"

namespace pintle::auth {
namespace {

constexpr std::size_t kMaxPathBytes = 1024;

const unsigned char* raw(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

/// 256 bits in 43 letters, digits, "-" and "_": what RFC 7636 asks of a verifier.
std::string random_word() {
    std::array<char, 32> bytes{};
    ::randombytes_buf(bytes.data(), bytes.size());
    return base64url({bytes.data(), bytes.size()});
}

/// Only this server writes such a text, but perhaps another version of it.
std::optional<SignInState> state_from(std::string_view text) {
    const auto value = json::parse_json(text);
    if (!value || !(*value)["expires_at"].is_int()) return std::nullopt;
    for (const char* name : {"provider", "state", "nonce", "verifier", "return_to"}) {
        if (!(*value)[name].is_string()) return std::nullopt;
    }
    const auto member = [&](std::string_view name) { return (*value)[name].as_string(); };
    return SignInState{member("provider"), member("state"),     member("nonce"),
                       member("verifier"), member("return_to"), time_from_ms((*value)["expires_at"].as_int())};
}

}  // namespace

bool is_local_path(std::string_view path) {
    if (!path.starts_with('/') || path.starts_with("//") || path.size() > kMaxPathBytes) return false;
    // Browsers take a backslash for a slash and drop tabs and line ends.
    return std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
}

Result<SignInState> new_sign_in(std::string provider, std::string return_to, Time now) {
    check(::sodium_init() >= 0, "libsodium starts");
    if (!is_local_path(return_to)) {
        return fail(ErrorCode::kInvalid, "\"{}\" is not a path of this server to return to after the sign-in",
                    to_valid_utf8(return_to.substr(0, 200)));
    }
    return SignInState{std::move(provider), random_word(), random_word(), random_word(), std::move(return_to),
                       now + kSignInTime};
}

std::string seal_sign_in(const SignInState& state, std::string_view key) {
    const std::string text = json::to_json(json::Value::object({{"provider", state.provider},
                                                                {"state", state.state},
                                                                {"nonce", state.nonce},
                                                                {"verifier", state.verifier},
                                                                {"return_to", state.return_to},
                                                                {"expires_at", to_ms(state.expires_at)}}));
    return seal(text, key);
}

Result<SignInState> open_sign_in(std::string_view cookie, std::string_view key, Time now) {
    if (cookie.empty()) {
        return fail(ErrorCode::kUnauthorized,
                    "this browser has not begun a sign-in here within 10 minutes, or keeps no cookies; sign in again");
    }
    const auto text = unseal(cookie, key);
    auto state = text ? state_from(*text) : std::nullopt;
    if (!state) return fail(ErrorCode::kUnauthorized, "the cookie of the sign-in is not this server's; sign in again");
    if (now >= state->expires_at) {
        return fail(ErrorCode::kUnauthorized, "the sign-in took longer than 10 minutes; sign in again");
    }
    return std::move(*state);
}

std::string code_challenge(std::string_view verifier) {
    std::array<char, crypto_hash_sha256_BYTES> hash{};
    ::crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()), raw(verifier), verifier.size());
    return base64url({hash.data(), hash.size()});
}

}  // namespace pintle::auth
