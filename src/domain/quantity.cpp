#include "domain/quantity.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "base/text.hpp"

namespace pintle::domain {
namespace {

struct Unit {
    std::string_view suffix;
    double factor;
};

// A number and what follows it; the number must not be negative, NaN or infinite.
struct Split {
    double number;
    std::string_view suffix;
};

Result<Split> split_number(std::string_view text, std::string_view example) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || !std::isfinite(number) || std::signbit(number)) {
        return fail(ErrorCode::kInvalid, "expected {}, got \"{}\"", example, to_valid_utf8(text.substr(0, 80)));
    }
    return Split{number, std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end))};
}

template <std::size_t N>
Result<double> scaled(std::string_view text, const std::array<Unit, N>& units, std::string_view example) {
    const Split split = TRY(split_number(text, example));
    // 1e9 is a number; with a unit behind it nobody can tell what 1e3Ki is meant to be.
    const bool is_exponential = text.find_first_of("eE") < text.size() - split.suffix.size();
    if (is_exponential && !split.suffix.empty())
        return fail(ErrorCode::kInvalid, "expected {}, got \"{}\"", example, to_valid_utf8(text.substr(0, 80)));
    for (const Unit& unit : units) {
        if (unit.suffix == split.suffix) return split.number * unit.factor;
    }
    return fail(ErrorCode::kInvalid, "expected {}, got \"{}\"", example, to_valid_utf8(text.substr(0, 80)));
}

// Larger than any machine, small enough that sums cannot overflow.
constexpr double kLargest = 1e15;

Result<std::int64_t> whole(double value, std::string_view text) {
    if (value > kLargest) return fail(ErrorCode::kInvalid, "\"{}\" is too large", text.substr(0, 80));
    return static_cast<std::int64_t>(std::ceil(value - 1e-9));
}

constexpr std::array kCpuUnits{Unit{"", 1000}, Unit{"m", 1}};
constexpr std::array kMemoryUnits{
    Unit{"", 1},       Unit{"k", 1e3},        Unit{"K", 1e3},           Unit{"M", 1e6},
    Unit{"G", 1e9},    Unit{"T", 1e12},       Unit{"Ki", 1024.0},       Unit{"Mi", 1048576.0},
    Unit{"Gi", 1073741824.0},                 Unit{"Ti", 1099511627776.0}, Unit{"m", 1e-3}};
constexpr std::array kTimeUnits{Unit{"", 60'000},  Unit{"ms", 1},        Unit{"s", 1000},
                                Unit{"m", 60'000}, Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};

}  // namespace

Result<std::int64_t> parse_cpu(std::string_view text) {
    return whole(TRY(scaled(text, kCpuUnits, "CPU like 100m, 0.5 or 2")), text);
}

Result<std::int64_t> parse_memory(std::string_view text) {
    return whole(TRY(scaled(text, kMemoryUnits, "memory like 64Mi, 8Gi or 512M")), text);
}

Result<Duration> parse_timeout(std::string_view text) {
    const double ms = TRY(scaled(text, kTimeUnits, "a time like 5 (minutes), 300s, 5m or 1h"));
    return Duration(TRY(whole(ms, text)));
}

std::string format_cpu(std::int64_t millicores) {
    return millicores % 1000 == 0 ? fmt::format("{}", millicores / 1000) : fmt::format("{}m", millicores);
}

std::string format_memory(std::int64_t bytes) {
    constexpr std::array<std::pair<std::int64_t, const char*>, 8> kUnits{{{1LL << 40, "Ti"},
                                                                          {1LL << 30, "Gi"},
                                                                          {1LL << 20, "Mi"},
                                                                          {1LL << 10, "Ki"},
                                                                          {1'000'000'000'000, "T"},
                                                                          {1'000'000'000, "G"},
                                                                          {1'000'000, "M"},
                                                                          {1'000, "k"}}};
    std::string shortest = fmt::format("{}", bytes);
    for (const auto& [factor, suffix] : kUnits) {
        std::string text = fmt::format("{}{}", bytes / factor, suffix);
        if (bytes != 0 && bytes % factor == 0 && text.size() < shortest.size()) shortest = std::move(text);
    }
    return shortest;
}

std::string format_timeout(Duration timeout) {
    const auto ms = timeout.count();
    if (ms % 60'000 == 0) return fmt::format("{}m", ms / 60'000);
    if (ms % 1000 == 0) return fmt::format("{}s", ms / 1000);
    return fmt::format("{}ms", ms);
}

}  // namespace pintle::domain
