#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/usage.hpp"

namespace pintle::runtime {

/// What becomes of counters that only rise: what was used in a second. Pure.

/// How often something is looked at when nobody wants it otherwise.
inline constexpr Duration kSampleEvery{10'000};

/// What was known of something at one moment. `since` is a clock that never jumps.
struct Reading {
    engine::Usage usage;
    Duration since{};
};

/// A measured value and the name of its series, "cpu_percent".
using Measured = std::vector<std::pair<std::string, double>>;

/// What was used between the readings, of all that both know. Nothing where a counter has begun anew, where the
/// readings lie so near to each other that the machine's own steps would be measured, or so far apart that a look was
/// missed: a gap is a gap, and what fell into it is no peak.
[[nodiscard]] Measured rates_between(const Reading& before, const Reading& now, Duration interval);
/// What needs no other reading: the memory.
[[nodiscard]] Measured levels_of(const engine::Usage& usage);
/// Of a GPU, what its driver tells.
[[nodiscard]] Measured levels_of(const engine::DeviceUsage& usage);

/// When something is to be looked at, by a clock that never jumps. A late look does not make the next one early, and
/// looks are at whole multiples of the interval, so that all that have the same one fall together.
[[nodiscard]] Duration next_look(Duration now, Duration interval);

}  // namespace pintle::runtime
