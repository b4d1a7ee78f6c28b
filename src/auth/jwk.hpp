#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace pintle::auth {

/// Public keys of JSON Web Key Sets, and signatures by them (OpenSSL). Pure; any thread.

enum class JwtAlgorithm { kRs256, kPs256, kEs256, kEdDsa };
[[nodiscard]] std::string_view to_string(JwtAlgorithm algorithm);  ///< "RS256"
/// kUnauthorized for all others: "none" and the HS family among them, which would let anybody sign.
[[nodiscard]] Result<JwtAlgorithm> jwt_algorithm_from(std::string_view name);

/// The key of the set for that algorithm and key id; an empty id is that of a token without one, which is fine where
/// only one key fits. kNotFound when no key has the id, kUnauthorized when the one that has it does not fit.
[[nodiscard]] Result<json::Value> find_key(const json::Value& key_set, JwtAlgorithm algorithm, std::string_view id);

/// Whether `signature` (raw bytes) is of `text` by that key; an error for a key that is damaged or too weak.
[[nodiscard]] Result<bool> is_signed(const json::Value& key, JwtAlgorithm algorithm, std::string_view text,
                                     std::string_view signature);

}  // namespace pintle::auth
