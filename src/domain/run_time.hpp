#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "domain/ids.hpp"

namespace pintle::domain {

/// How long a job is expected to run, from getting its resources to its end.
struct ExpectedRunTime {
    Duration median{};
    Duration high{};        ///< In 9 of 10 cases it is no longer than this.
    bool declared = false;  ///< By its owner; else learnt from earlier jobs.
    bool operator==(const ExpectedRunTime&) const = default;
};

/// How long the last jobs of a task ran, as far as they ended well. What is expected changes only with the first,
/// the fifth, the tenth and then every twentieth sample: whoever has asked must be told each time, and after a
/// restart the same samples must give the same expectation.
struct RunTimes {
    ProjectId project;
    std::string task;
    std::vector<std::int64_t> samples_ms;  ///< The newest last; fewer than 2 * kRunTimesUsed.
    bool operator==(const RunTimes&) const = default;

    /// True when what is expected may have changed.
    bool add(Duration run_time);
    /// By nearest rank. Nothing without a sample.
    [[nodiscard]] std::optional<ExpectedRunTime> expected() const;
};

inline constexpr std::size_t kRunTimesUsed = 20;

}  // namespace pintle::domain
