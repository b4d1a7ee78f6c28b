#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pintle::form {

/// Text in double quotes as strconv.Quote of Go writes it.
[[nodiscard]] std::string go_quote(std::string_view text, bool only_ascii = false);
/// The character in single quotes, as `%q` writes a number.
[[nodiscard]] std::string go_quote_character(std::int64_t code);
/// What stands between the double quotes of a Go literal, or nothing when an escape is wrong.
[[nodiscard]] std::optional<std::string> go_unquote(std::string_view content);

void append_utf8(std::string& out, std::uint32_t code);
/// The next character of the text, which must not be empty, and how many bytes it takes; 0xFFFD and 1 for a byte that
/// begins none.
struct Character {
    std::uint32_t code = 0;
    std::size_t size = 1;
};
[[nodiscard]] Character next_character(std::string_view text);

}  // namespace pintle::form
