#include "domain/metrics_pattern.hpp"

#include <re2/re2.h>

#include "domain/quantity.hpp"

namespace pintle::domain {
namespace {

constexpr std::size_t kPatternMax = 1000;
// In the worst case each byte of a line is held against each instruction of the program.
constexpr int kProgramMax = 5000;

}  // namespace

Result<void> check_metrics_pattern(const std::string& pattern) {
    if (pattern.empty() || pattern == kNoMetricsPattern) return {};
    if (pattern.size() > kPatternMax) return fail(ErrorCode::kInvalid, "is longer than {} bytes", kPatternMax);
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(8 << 20);
    const RE2 expression(pattern, options);
    if (!expression.ok()) return fail(ErrorCode::kInvalid, "is not a regular expression: {}", expression.error());
    if (expression.ProgramSize() > kProgramMax) {
        return fail(ErrorCode::kInvalid, "is too large an expression; use smaller repetition counts");
    }
    const auto& names = expression.NamedCapturingGroups();
    if (names.count("name") > 0 && names.count("value") > 0) return {};
    if (!names.empty()) return fail(ErrorCode::kInvalid, "needs groups named \"name\" and \"value\" when it names any");
    if (expression.NumberOfCapturingGroups() >= 2) return {};
    return fail(
        ErrorCode::kInvalid,
        "needs two groups, the first for a value's name and the second for the number, such as ([\\w-]+)=(\\S+)");
}

Result<void> check_sample_interval(Duration interval) {
    if (interval.count() == 0 || (interval >= kSampleIntervalLeast && interval <= kSampleIntervalMost)) return {};
    return fail(ErrorCode::kInvalid, "expected a time from 1s to 10s");
}

Result<Duration> parse_sample_interval(std::string_view text) {
    const auto interval = parse_timeout(text);
    if (!interval || !check_sample_interval(*interval)) {
        return fail(ErrorCode::kInvalid, "expected a time from 1s to 10s, got \"{}\"", text.substr(0, 80));
    }
    return *interval;
}

}  // namespace pintle::domain
