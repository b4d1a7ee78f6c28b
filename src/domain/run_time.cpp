#include "domain/run_time.hpp"

#include <algorithm>
#include <array>

namespace pintle::domain {
namespace {

constexpr std::array<std::size_t, 4> kSteps{1, 5, 10, kRunTimesUsed};

// Of so many samples, the first ones that count.
std::size_t used_of(std::size_t samples) {
    std::size_t used = 0;
    for (const std::size_t step : kSteps) used = samples >= step ? step : used;
    return used;
}

}  // namespace

bool RunTimes::add(Duration run_time) {
    samples_ms.push_back(run_time.count());
    if (samples_ms.size() == 2 * kRunTimesUsed) {
        samples_ms.erase(samples_ms.begin(), samples_ms.begin() + kRunTimesUsed);
        return true;
    }
    return used_of(samples_ms.size()) != used_of(samples_ms.size() - 1);
}

std::optional<ExpectedRunTime> RunTimes::expected() const {
    if (samples_ms.empty()) return std::nullopt;
    std::vector<std::int64_t> sorted(samples_ms.begin(),
                                     samples_ms.begin() + static_cast<std::ptrdiff_t>(used_of(samples_ms.size())));
    std::sort(sorted.begin(), sorted.end());
    const auto rank = [&](std::size_t percent) { return Duration(sorted[(sorted.size() * percent + 99) / 100 - 1]); };
    return ExpectedRunTime{rank(50), rank(90), false};
}

}  // namespace pintle::domain
