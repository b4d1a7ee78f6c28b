#pragma once

#include <string>
#include <string_view>

namespace pintle::auth {

/// Secrets that the server gives out once and keeps only as a hash: "ppt_Kd8…3hQ01xZ9a". Letters and digits after the
/// prefix, so that a double click selects all of it: 43 random ones (256 bits) and 6 of a checksum, by which scanners
/// for leaked secrets know a real one, and people learn of a slip before the server is asked.
///
/// Pure but for make_secret(), which reads the machine's random numbers. Any thread. Nothing here fails.

inline constexpr std::string_view kPersonalTokenPrefix = "ppt_";
inline constexpr std::string_view kInvitePrefix = "pin_";
inline constexpr std::string_view kSessionPrefix = "pse_";

[[nodiscard]] std::string make_secret(std::string_view prefix);

/// Whether the text could have been made by make_secret(prefix): prefix, length, alphabet and checksum. The checksum
/// is CRC-32 of all before it, as six digits of base 62 (0-9 A-Z a-z), the highest first.
[[nodiscard]] bool looks_like_secret(std::string_view prefix, std::string_view text);

/// SHA-256 in lower-case hexadecimal; what is stored. No salt and no slow hash: the secrets cannot be guessed anyway.
[[nodiscard]] std::string secret_hash(std::string_view text);

}  // namespace pintle::auth
