#pragma once

#include <optional>
#include <string>
#include <vector>

namespace pintle::cli {

/// Curves as text. Pure.

/// One character for each value, from ▁ for `least` to █ for `most`; a space where there is none.
[[nodiscard]] std::string sparkline(const std::vector<std::optional<double>>& values, double least, double most);
/// "▕███     ▏": how much of the whole; of `cells` within its ends.
[[nodiscard]] std::string gauge(double part, double whole, std::size_t cells);
/// As many digits as people read: "156.6", "12340", "0.0312", "1.2e-06".
[[nodiscard]] std::string short_number(double value);
/// A value of a metric with its unit: "156.6 %", "12.3 GB", "4.0 MB/s", "0.25".
[[nodiscard]] std::string with_unit(double value, const std::string& unit);

}  // namespace pintle::cli
