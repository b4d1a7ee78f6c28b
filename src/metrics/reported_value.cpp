#include "metrics/reported_value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.hpp"

namespace pintle::metrics {
namespace {

constexpr std::size_t kNameMax = 200;
constexpr double kMillisecondsFrom = 1e11;  // In seconds it would be the year 5138.
constexpr double kTimeMax = 253402300799e3; // The end of the year 9999.

std::optional<std::int64_t> whole(double value) {
    if (!(std::abs(value) < 9e15) || value != std::floor(value)) return std::nullopt;
    return static_cast<std::int64_t>(value);
}

}  // namespace

bool is_value_name(std::string_view name) {
    if (name.empty() || name.size() > kNameMax) return false;
    const bool has_control =
        std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    return !has_control && to_valid_utf8(name) == name;
}

std::optional<double> parse_value(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || text.size() > 400) return std::nullopt;
    const double sign = negative ? -1 : 1;
    if (!(text[0] >= '0' && text[0] <= '9') && text[0] != '.') {
        const std::string word = to_lower(text);
        if (word == "nan") return std::numeric_limits<double>::quiet_NaN();
        if (word == "inf" || word == "infinity") return sign * std::numeric_limits<double>::infinity();
        return std::nullopt;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end != text.data() + text.size()) return std::nullopt;
    // Too large or too small for a double, but a number.
    if (error == std::errc::result_out_of_range)
        return text.find("e-") != text.npos || text.find("E-") != text.npos
                   ? 0.0
                   : sign * std::numeric_limits<double>::infinity();
    if (error != std::errc()) return std::nullopt;
    return sign * value;
}

std::optional<Time> time_from_number(double number) {
    if (!std::isfinite(number) || number <= 0) return std::nullopt;
    const double ms = number >= kMillisecondsFrom ? number : number * 1000;
    if (ms > kTimeMax) return std::nullopt;
    return time_from_ms(static_cast<std::int64_t>(ms));
}

void take_step(std::vector<ReportedValue>& values) {
    for (const char* name : {"step", "global_step", "epoch"}) {
        const auto at =
            std::find_if(values.begin(), values.end(), [&](const ReportedValue& value) { return value.name == name; });
        if (at == values.end() || values.size() == 1) continue;
        const auto step = whole(at->value);
        if (!step) continue;
        values.erase(at);
        for (ReportedValue& value : values) {
            if (!value.step) value.step = step;
        }
        return;
    }
}

}  // namespace pintle::metrics
