#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "series/sample.hpp"

namespace pintle::series {

/// Reads a folder of samples, also while its writer is at work.
///
/// Threading: any; holds nothing open between calls. Failure: a folder that is not there has no series; damaged
/// blocks are left out and counted.
class SampleReader {
public:
    explicit SampleReader(std::string folder);

    struct Series {
        SeriesKey key;
        Time first{};
        Time last{};
        std::uint64_t samples = 0;
    };
    [[nodiscard]] Result<std::vector<Series>> list() const;

    struct Range {
        Time from{};
        Time to{};        ///< Exclusive.
        Duration width{}; ///< Of a bucket; buckets begin at whole multiples of it since the epoch.
    };
    /// The buckets that hold at least one sample, in order; one list per key, empty for what is not there.
    [[nodiscard]] Result<std::vector<std::vector<Bucket>>> read(const std::vector<SeriesKey>& keys, const Range& range) const;
    /// The newest samples of every series, at most `count` of each, oldest first.
    [[nodiscard]] Result<std::vector<std::pair<SeriesKey, std::vector<Sample>>>> latest(std::size_t count) const;

private:
    std::string folder_;
};

}  // namespace pintle::series
