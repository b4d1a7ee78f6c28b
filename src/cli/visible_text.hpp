#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pintle::cli {

/// Text from strangers on a terminal: log lines and names must not move the cursor, retitle the window or hide what
/// stands there. Pure functions; any bytes are taken, what is not UTF-8 becomes U+FFFD.

enum class Colors { kKeep, kDrop };

/// Control characters as ^X or \u0085 (direction marks too), so that they show and do nothing. Tabs stay. With kKeep so
/// do colours (SGR sequences), ended by a reset; with kDrop they vanish.
[[nodiscard]] std::string make_visible(std::string_view text, Colors colors);

/// How many cells the text takes on a terminal. SGR sequences take none.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// The text if it fits into `cells`, else its beginning with "…" as the last cell. For text without SGR sequences.
[[nodiscard]] std::string cut_to_width(std::string_view text, std::size_t cells);

}  // namespace pintle::cli
