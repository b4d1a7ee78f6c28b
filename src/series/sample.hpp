#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"

namespace pintle::series {

/// Which curve of a sample folder (one folder per job and per node) a value belongs to.
struct SeriesKey {
    std::string subject;  ///< The replica, "worker-0"; empty in a node's folder.
    std::string metric;   ///< "cpu_percent", or what a program calls its value: "loss".
    std::string device;   ///< The UUID of a GPU; else empty.
    bool reported = false;  ///< By the program itself, not measured from outside.
    auto operator<=>(const SeriesKey&) const = default;
};

/// One value. NaN and infinities are values too: a program may report them, and a chart leaves them out.
struct Sample {
    Time at{};
    double value = 0;
    std::optional<std::int64_t> step;  ///< Of reported values, where the program counts.
    bool operator==(const Sample&) const = default;
};

/// What became of the samples in [start, start + width): no peak is lost, and where there were none there is no bucket.
struct Bucket {
    Time start{};
    double min = 0;
    double mean = 0;
    double max = 0;
    std::uint64_t count = 0;
    std::optional<std::int64_t> step;  ///< Of the last sample that had one.
    bool operator==(const Bucket&) const = default;
};

}  // namespace pintle::series
