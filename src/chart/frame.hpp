#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace pintle::chart {

/// The part of time that a chart shows, and how finely. Pure.
struct Frame {
    Time start{};       ///< Where its seconds begin to count.
    Time from{};
    Time to{};          ///< Exclusive.
    Duration width{};   ///< Of a point; points begin at whole multiples of it since the epoch.
    bool is_cut = false;  ///< What was before `from` is left out since it is too long ago.

    [[nodiscard]] std::size_t points() const;
};

inline constexpr Duration kLongestRun = std::chrono::hours(7 * 24);
inline constexpr std::size_t kFewestPoints = 2;
inline constexpr std::size_t kMostPoints = 10'000;

/// "10s", "30s", "1m", "5m", "10m", "30m" or "1h"; kInvalid for anything else.
[[nodiscard]] Result<Duration> parse_interval(std::string_view text);
/// "5m", "15m", "30m", "1h", "3h", "6h", "12h" or "1d"; kInvalid for anything else.
[[nodiscard]] Result<Duration> parse_period(std::string_view text);

/// A whole run, or its last week, in steps of the interval, or of a multiple where they would be more than
/// `most_points`.
[[nodiscard]] Frame frame_of_run(Time started, Time ended, Duration interval, std::size_t most_points);
/// The last while until `now`.
[[nodiscard]] Frame frame_of_period(Time now, Duration period, std::size_t most_points);
/// The same time in steps of a multiple of `unit`, as many as there may be.
[[nodiscard]] Frame refined(Frame frame, Duration unit, std::size_t most_points);

}  // namespace pintle::chart
