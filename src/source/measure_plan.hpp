#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/time.hpp"

namespace pintle::source {

/// A folder that is measured now and then. Ordered by storage, then by folder.
using MeasuredFolder = std::pair<std::string, std::string>;

struct MeasureState {
    Time measured_at{};   ///< When the last measuring began; zero: never.
    Duration took{};      ///< How long that was.
    Time touched_at{};    ///< When something was last done there that may have changed its size.
    bool written = false; ///< Jobs write to it now.
};

/// How often folders are measured. What takes long is measured less often, so that measuring is a small part of what
/// the disk does, however many files there are.
struct MeasureRhythm {
    Duration pause = std::chrono::seconds(2);    ///< At least so long after the last time,
    int pause_times = 10;                        ///< and so many times as long as it took: for what was touched,
    Duration written = std::chrono::seconds(30); ///< for what jobs write to,
    int written_times = 20;
    Duration idle = std::chrono::hours(6);       ///< and for the rest.
    int idle_times = 50;
};

[[nodiscard]] Time due_at(const MeasureState& state, const MeasureRhythm& rhythm);

/// The folder that is due first, and when; nothing when there is none. Of those that were never measured the ones that
/// somebody touched come first.
struct NextMeasure {
    MeasuredFolder folder;
    Time at{};
};
[[nodiscard]] std::optional<NextMeasure> next_measure(const std::map<MeasuredFolder, MeasureState>& folders,
                                                      const MeasureRhythm& rhythm);

}  // namespace pintle::source
