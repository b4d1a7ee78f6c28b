#include "cli/sparkline.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"

namespace pintle::cli {

namespace {
constexpr std::array kLevels{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
}

std::string sparkline(const std::vector<std::optional<double>>& values, double least, double most) {
    std::string line;
    for (const auto& value : values) {
        if (!value || !std::isfinite(*value)) {
            line += ' ';
            continue;
        }
        const double share = most > least ? std::clamp((*value - least) / (most - least), 0.0, 1.0) : 0.0;
        line += kLevels[std::min<std::size_t>(static_cast<std::size_t>(share * kLevels.size()), kLevels.size() - 1)];
    }
    return line;
}

std::string gauge(double part, double whole, std::size_t cells) {
    const double share = whole > 0 && std::isfinite(part) ? std::clamp(part / whole, 0.0, 1.0) : 0.0;
    const auto full = static_cast<std::size_t>(std::lround(share * static_cast<double>(cells)));
    std::string text = "▕";
    for (std::size_t i = 0; i < cells; ++i) text += i < full ? "█" : " ";
    return text + "▏";
}

std::string short_number(double value) {
    const double size = std::fabs(value);
    if (size >= 1000 && size < 1e9) return fmt::format("{:.0f}", value);
    if (size >= 100 && size < 1000) return fmt::format("{:.4g}", value);
    return fmt::format("{:.3g}", value);
}

std::string with_unit(double value, const std::string& unit) {
    if (std::isfinite(value) && std::fabs(value) < 1e15) {
        if (unit == "MB") return bytes_in_words(std::llround(value * 1e6));
        if (unit == "B/s" && std::fabs(value) < 1000) return fmt::format("{:.0f} B/s", value);
        if (unit == "B/s") return bytes_in_words(std::llround(value)) + "/s";
    }
    return unit.empty() ? short_number(value) : short_number(value) + " " + unit;
}

}  // namespace pintle::cli
