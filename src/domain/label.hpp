#pragma once

#include <string>
#include <string_view>

namespace pintle::domain {

/// Names that people choose for users, groups, pools, nodes and devices: 1 to 255 characters of printable text
/// without a slash, a colon or blanks at its ends. The fault in a sentence, `a user's name may have at most 255
/// characters, this has 300`, or nothing. `what` is such as "user".
[[nodiscard]] std::string label_fault(std::string_view what, std::string_view name);

/// Tags: one field of printable text, at most 256 characters. The fault in a sentence, or nothing.
[[nodiscard]] std::string tag_fault(std::string_view tag);

}  // namespace pintle::domain
