#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pintle::auth {

/// Base64 of RFC 4648 §5 without padding, as tokens have it. Pure; any thread.

[[nodiscard]] std::string base64url(std::string_view bytes);

/// The bytes; nothing unless base64url() writes them exactly so: no padding, no spaces, no stray bits at the end.
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

}  // namespace pintle::auth
