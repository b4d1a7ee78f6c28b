#include "json/yaml_scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "base/text.hpp"
#include "json/json_text.hpp"

namespace pintle::json {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t count_digits(std::string_view text) {
    return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
}

// Whether it has the form [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool is_float_form(std::string_view text) {
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
    const std::size_t whole = count_digits(text);
    text.remove_prefix(whole);
    std::size_t fraction = 0;
    if (!text.empty() && text[0] == '.') {
        text.remove_prefix(1);
        fraction = count_digits(text);
        text.remove_prefix(fraction);
    }
    if (whole + fraction == 0) return false;
    if (text.empty()) return true;
    if (text[0] != 'e' && text[0] != 'E') return false;
    text.remove_prefix(1);
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
    return !text.empty() && count_digits(text) == text.size();
}

template <class Number, class... Base>
std::optional<Number> number_from(std::string_view digits, Base... base) {
    Number number{};
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number, base...);
    if (digits.empty() || stop != end || error != std::errc()) return std::nullopt;
    return number;
}

// from_chars takes no plus sign.
std::string_view without_plus(std::string_view text) {
    if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
    return text;
}

std::optional<Value> as_integer(std::string_view text) {
    int base = 10;
    std::string_view digits = without_plus(text);
    if (text.starts_with("0x") || text.starts_with("0o")) {
        base = text[1] == 'x' ? 16 : 8;
        digits = text.substr(2);
        if (digits.starts_with('-')) return std::nullopt;
    }
    if (const auto number = number_from<std::int64_t>(digits, base)) return Value(*number);
    if (const auto number = number_from<std::uint64_t>(digits, base)) return Value(*number);
    return std::nullopt;
}

std::optional<Value> as_special_float(std::string_view text) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (text == ".nan" || text == ".NaN" || text == ".NAN") return Value(std::numeric_limits<double>::quiet_NaN());
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text == ".inf" || text == ".Inf" || text == ".INF") return Value(negative ? -kInfinity : kInfinity);
    return std::nullopt;
}

std::optional<Value> as_number(std::string_view text) {
    if (const auto integer = as_integer(text)) return integer;
    if (const auto special = as_special_float(text)) return special;
    const bool has_point = text.find_first_of(".eE") != std::string_view::npos;
    if (!has_point || !is_float_form(text)) return std::nullopt;
    if (const auto number = number_from<double>(without_plus(text))) return Value(*number);
    return std::nullopt;
}

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

}  // namespace

Value resolve_plain(std::string_view text) {
    constexpr std::array<std::string_view, 5> kNull{"", "~", "null", "Null", "NULL"};
    constexpr std::array<std::string_view, 3> kTrue{"true", "True", "TRUE"};
    constexpr std::array<std::string_view, 3> kFalse{"false", "False", "FALSE"};
    if (is_one_of(text, kNull)) return {};
    std::optional<Value> found;
    if (is_one_of(text, kTrue)) found = Value(true);
    if (is_one_of(text, kFalse)) found = Value(false);
    if (!found) found = as_number(text);
    if (!found) return Value(text);
    if (to_json(*found) != text) found->set_spelling(text);
    return std::move(*found);
}

bool looks_like_other_type(std::string_view text) {
    constexpr std::array<std::string_view, 11> kWords{"",  "~",   "null", "true", "false", "yes",
                                                      "no", "on", "off",  "y",    "n"};
    if (is_one_of(to_lower(text), kWords)) return true;
    // Numbers of any version, dates, times of day: some begin of a number and only its characters after it.
    const std::size_t first = text.find_first_not_of("-+.");
    if (first == std::string_view::npos) return true;
    const std::string lower = to_lower(text.substr(first));
    if (lower == "inf" || lower == "nan") return true;
    if (!is_digit(lower[0])) return false;
    return lower.find_first_not_of("0123456789abcdefox_.:+-tz ") == std::string::npos;
}

}  // namespace pintle::json
