#include "source/git_progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>

#include "base/text.hpp"

namespace pintle::source {
namespace {

struct Stage {
    std::string_view begins;
    std::string_view words;
};
constexpr std::string_view kReceiving = "Receiving objects:";
constexpr std::string_view kReceivingLarge = "Downloading LFS objects:";
constexpr std::array kStages{Stage{"remote: Counting objects:", "its server counts the objects"},
                             Stage{"remote: Compressing objects:", "its server packs the objects"},
                             Stage{kReceiving, ""},
                             Stage{kReceivingLarge, ""},
                             Stage{"Resolving deltas:", "all objects are here and are put together"},
                             Stage{"Checking connectivity:", "all objects are here and are looked through"}};

struct Unit {
    std::string_view name;
    double bytes;
};
constexpr std::array kUnits{Unit{"bytes", 1},
                            Unit{"KiB", 1024},
                            Unit{"MiB", 1024.0 * 1024},
                            Unit{"GiB", 1024.0 * 1024 * 1024},
                            Unit{"B", 1},
                            Unit{"KB", 1e3},
                            Unit{"MB", 1e6},
                            Unit{"GB", 1e9},
                            Unit{"TB", 1e12}};

// "  45% (25/55)…" → 45; -1 for anything else.
int percent_of(std::string_view text) {
    text = trim(text);
    int percent = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
    const bool is_percent = error == std::errc() && end != text.data() + text.size() && *end == '%';
    return is_percent && percent >= 0 && percent <= 100 ? percent : -1;
}

// "1.90 GiB", as git writes it, or "2.0 GB", as git-lfs does → bytes; 0 for anything else.
std::int64_t bytes_of(std::string_view text) {
    const std::string given(trim(text));
    char* end = nullptr;
    double count = std::strtod(given.c_str(), &end);
    const std::string_view unit = trim(std::string_view(end));
    const auto* known = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& one) { return one.name == unit; });
    if (known == kUnits.end()) return 0;
    count *= known->bytes;
    return count > 0 && count < 1e18 ? static_cast<std::int64_t>(count) : 0;
}

// What follows the count: ", 1.90 GiB | 52.00 MiB/s".
std::string size_in(std::string_view rest) {
    const std::size_t comma = rest.find("), ");
    if (comma == std::string_view::npos) return {};
    rest = rest.substr(comma + 3);
    const std::size_t bar = rest.find(" | ");
    const std::int64_t bytes = bytes_of(rest.substr(0, bar));
    return bytes == 0 ? std::string() : fmt::format(" ({})", bytes_in_words(bytes));
}

}  // namespace

void GitProgress::take(std::string_view line, Moment now) {
    const auto* stage =
        std::find_if(kStages.begin(), kStages.end(), [&](const Stage& one) { return line.starts_with(one.begins); });
    if (stage == kStages.end()) return;
    const std::string_view rest = line.substr(stage->begins.size());
    const int percent = percent_of(rest);
    if (percent < 0) return;
    is_kept_ = stage->begins == kReceivingLarge;
    if (stage->begins == kReceiving) so_far_ = fmt::format("{} % of the objects{}", percent, size_in(rest));
    if (is_kept_) so_far_ = fmt::format("{} % of the large files{}", percent, size_in(rest));
    if (now < due_) return;
    constexpr std::chrono::seconds kPauseMost{300};
    due_ = now + pause_;
    pause_ = std::min(pause_ * 2, kPauseMost);
    tell_(stage->words.empty() ? fmt::format("Fetching {}: {} have come.", shown_, so_far_)
                               : fmt::format("Fetching {}: {}, {} %.", shown_, stage->words, percent));
}

}  // namespace pintle::source
