#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pintle::net {

/// Percent encoding (RFC 3986). Pure; any thread.

/// Encodes every byte but letters, digits and `-._~`, so the result fits into a path segment or a query value.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// Whether "+" stands for a space, as it does in queries and never in paths.
enum class Plus { kLiteral, kSpace };

/// The reverse; kInvalid for a "%" without two hexadecimal digits, for an encoded NUL, and for anything that is not
/// UTF-8 once decoded.
[[nodiscard]] Result<std::string> percent_decode(std::string_view text, Plus plus = Plus::kLiteral);

/// The same for what may be any bytes, such as names of files: only bad encoding and NUL are kInvalid.
[[nodiscard]] Result<std::string> percent_decode_bytes(std::string_view text);

/// What of a URL may be shown to people: "http://host:port", without user, password, path and query.
[[nodiscard]] std::string url_origin(std::string_view url);

/// The host of a URL in lower case, without brackets and port; empty when there is none.
[[nodiscard]] std::string url_host(std::string_view url);

/// Whether the host means this machine: localhost, 127.0.0.0/8, ::1.
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace pintle::net
