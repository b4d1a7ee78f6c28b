#pragma once

#include <string>
#include <string_view>

#include "json/value.hpp"

namespace pintle::json {

/// What an unquoted YAML scalar means in the core schema of YAML 1.2. A number that no 64-bit type can hold (a
/// long row of digits, 1e999) stays text, so that nothing of it is lost.
[[nodiscard]] Value resolve_plain(std::string_view text);

/// Whether some YAML reader, this one or one of version 1.1, would read the unquoted text as anything but text.
[[nodiscard]] bool looks_like_other_type(std::string_view text);

}  // namespace pintle::json
