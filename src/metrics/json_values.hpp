#pragma once

#include <string_view>
#include <vector>

#include "metrics/reported_value.hpp"

namespace pintle::metrics {

/// The values of one line of a JSON-lines file: an object whose members are numbers, `{"loss": 0.3, "step": 10}`.
/// `time` or `timestamp` says when, in seconds since the epoch or in ISO form; `step` and its like as in take_step().
/// Numbers may be written as texts, and NaN and infinities as Python writes them. An object within gives `outer/inner`.
/// All else is left out, and a line that is no such object holds nothing. Pure.
[[nodiscard]] std::vector<ReportedValue> read_json_line(std::string_view line);

/// Divides what was read of a file into lines.
struct Lines {
    std::vector<std::string_view> whole;  ///< Without line ends; those over kJsonLineMax are left out.
    std::size_t used = 0;   ///< Bytes that need not be read again.
    bool within = false;    ///< What follows belongs to a line that is left out.
};
inline constexpr std::size_t kJsonLineMax = 64 << 10;
/// `within`: the bytes begin in a line that is left out. `ended`: nobody writes any more, so that a line needs no end.
[[nodiscard]] Lines divide_lines(std::string_view bytes, bool within, bool ended);

}  // namespace pintle::metrics
