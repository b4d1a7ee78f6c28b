#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pintle::auth {

/// Texts that travel through a browser and that only this server can read and write. Any thread; `key` has 32 bytes:
/// Tokens::key_for(), another one for each purpose.

/// Letters, digits, "-" and "_"; another text each time.
[[nodiscard]] std::string seal(std::string_view text, std::string_view key);
/// The reverse; nothing when it was not sealed by this key.
[[nodiscard]] std::optional<std::string> unseal(std::string_view sealed, std::string_view key);

}  // namespace pintle::auth
