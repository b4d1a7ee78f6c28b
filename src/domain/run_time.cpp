#include "domain/run_time.hpp"

#include <algorithm>

namespace pintle::domain {

void RunTimes::add(Duration run_time) {
    samples_ms.push_back(run_time.count());
    if (samples_ms.size() > kRunTimesKept) samples_ms.erase(samples_ms.begin());
}

std::optional<ExpectedRunTime> RunTimes::expected() const {
    if (samples_ms.empty()) return std::nullopt;
    std::vector<std::int64_t> sorted = samples_ms;
    std::sort(sorted.begin(), sorted.end());
    const auto rank = [&](std::size_t percent) { return Duration(sorted[(sorted.size() * percent + 99) / 100 - 1]); };
    return ExpectedRunTime{rank(50), rank(90), false};
}

}  // namespace pintle::domain
