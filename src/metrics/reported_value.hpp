#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace pintle::metrics {

/// A value that a program tells of itself: "loss" is 0.3 at step 10.
struct ReportedValue {
    std::string name;
    double value = 0;  ///< NaN and infinities are values too.
    std::optional<std::int64_t> step;
    std::optional<Time> at;  ///< Where the program says when.
    bool operator==(const ReportedValue&) const = default;
};

/// Something else than text of at most 200 bytes without control characters names no value.
[[nodiscard]] bool is_value_name(std::string_view name);

/// "0.3", "-1e-5", "nan", "inf", "-Infinity": a number with nothing around it, or nothing.
[[nodiscard]] std::optional<double> parse_value(std::string_view text);

/// Seconds since the epoch, or milliseconds where that would be long from now; nothing where it is no such time.
[[nodiscard]] std::optional<Time> time_from_number(double number);

/// What a program told at one time: `step` or `global_step`, else `epoch`, becomes the step of the others, and is no
/// value then; alone it is one.
void take_step(std::vector<ReportedValue>& values);

}  // namespace pintle::metrics
