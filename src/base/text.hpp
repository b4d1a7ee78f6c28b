#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pintle {

[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] std::string to_upper(std::string_view text);
[[nodiscard]] std::string replace_all(std::string text, std::string_view from, std::string_view to);
/// A whole decimal number with nothing around it, or nothing.
[[nodiscard]] std::optional<std::int64_t> parse_int(std::string_view text);
/// The candidate that differs least from `word`, if one is near enough to be a likely slip of the pen.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);
/// The text inside single quotes for a POSIX shell.
[[nodiscard]] std::string shell_quote(std::string_view text);
/// "8.0 GB", "512 MB", "20 kB": decimal units, for sentences.
[[nodiscard]] std::string bytes_in_words(std::int64_t bytes);
/// "1 replica", "2 replicas".
[[nodiscard]] std::string count_of(std::int64_t count, std::string_view singular, std::string_view plural = "");
/// The text with every invalid UTF-8 sequence replaced by U+FFFD.
[[nodiscard]] std::string to_valid_utf8(std::string_view text);

}  // namespace pintle
