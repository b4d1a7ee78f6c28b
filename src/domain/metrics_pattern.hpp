#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace pintle::domain {

/// How a task says what is measured of its jobs. Pure.

/// Of `metrics_pattern`: no value is taken from what a program prints.
inline constexpr std::string_view kNoMetricsPattern = "off";
inline constexpr Duration kSampleIntervalLeast{1'000};
inline constexpr Duration kSampleIntervalMost{10'000};

/// Whether it can be used as a `metrics_pattern`: empty for the plain rule, "off", or a regular expression in RE2's
/// language with a group for the name and one for the value: the first and the second, or those named so.
[[nodiscard]] Result<void> check_metrics_pattern(const std::string& pattern);

/// 0 means as often as the server does.
[[nodiscard]] Result<void> check_sample_interval(Duration interval);
/// "1s", "500ms" is too short: kInvalid says the range.
[[nodiscard]] Result<Duration> parse_sample_interval(std::string_view text);

}  // namespace pintle::domain
