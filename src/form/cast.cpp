#include "form/cast.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace pintle::form {

using Kind = TemplateValue::Kind;

std::int64_t truncated(double value) {
    if (std::isnan(value)) return 0;
    if (value >= 9223372036854775808.0) return std::numeric_limits<std::int64_t>::max();
    if (value < -9223372036854775808.0) return std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(value);
}

namespace {

// With the prefixes 0x, 0b, 0o and a 0 before octal digits; zeros behind a point do not count.
std::int64_t int_in(std::string text) {
    if (const std::size_t point = text.find('.');
        point != std::string::npos && point > 0 && text.find_first_not_of('0', point + 1) == std::string::npos)
        text.resize(point);
    const bool negative = !text.empty() && text[0] == '-';
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.erase(0, 1);
    int base = 10;
    if (text.size() > 1 && text[0] == '0') {
        const char kind = static_cast<char>(text[1] | 0x20);
        base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
        text.erase(0, kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1);
    }
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size, base);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return 0;
    if (size > (1ULL << 63) - (negative ? 0 : 1)) return 0;
    return static_cast<std::int64_t>(negative ? 0 - size : size);
}

double float_in(std::string text) {
    if (!text.empty() && text[0] == '+') text.erase(0, 1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return text.empty() || error != std::errc{} || end != text.data() + text.size() ? 0 : value;
}

}  // namespace

std::int64_t cast_to_int(const TemplateValue& value) {
    switch (value.kind()) {
        case Kind::kBool: return value.as_bool() ? 1 : 0;
        case Kind::kInt: return value.as_int();
        case Kind::kFloat: return truncated(value.as_float());
        case Kind::kText: return int_in(value.as_text());
        case Kind::kNothing:
        case Kind::kList:
        case Kind::kMapping: return 0;
    }
    return 0;
}

double cast_to_float(const TemplateValue& value) {
    switch (value.kind()) {
        case Kind::kBool: return value.as_bool() ? 1 : 0;
        case Kind::kInt: return static_cast<double>(value.as_int());
        case Kind::kFloat: return value.as_float();
        case Kind::kText: return float_in(value.as_text());
        case Kind::kNothing:
        case Kind::kList:
        case Kind::kMapping: return 0;
    }
    return 0;
}

}  // namespace pintle::form
