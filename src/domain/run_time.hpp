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

/// How long the last jobs of a task ran, as far as they ended well.
struct RunTimes {
    ProjectId project;
    std::string task;
    std::vector<std::int64_t> samples_ms;  ///< The newest last; at most kRunTimesKept.
    bool operator==(const RunTimes&) const = default;

    void add(Duration run_time);
    /// By nearest rank. Nothing without a sample.
    [[nodiscard]] std::optional<ExpectedRunTime> expected() const;
};

inline constexpr std::size_t kRunTimesKept = 20;

}  // namespace pintle::domain
