#pragma once

#include <string>
#include <utility>
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
    /// In the order of their keys.
    [[nodiscard]] Result<std::vector<Series>> list() const;

    struct Range {
        Time from{};
        Time to{};        ///< Exclusive.
        Duration width{}; ///< Of a bucket; buckets begin at whole multiples of it since the epoch.
    };
    /// The buckets that hold at least one number, in order; one list per key, empty for what is not there.
    [[nodiscard]] Result<std::vector<std::vector<Bucket>>> read(const std::vector<SeriesKey>& keys,
                                                                const Range& range) const;
    /// All samples of a series in order, NaN and infinities too; one list per key.
    [[nodiscard]] Result<std::vector<std::vector<Sample>>> samples(const std::vector<SeriesKey>& keys, Time from,
                                                                   Time to) const;
    /// The newest samples of every series, at most `count` of each, oldest first. With `since` only samples from then
    /// on, which spares reading what is older.
    [[nodiscard]] Result<std::vector<std::pair<SeriesKey, std::vector<Sample>>>> latest(std::size_t count,
                                                                                        Time since = Time::min()) const;
    /// How many blocks and records are damaged, and so left out. Reads everything.
    [[nodiscard]] Result<std::uint64_t> damaged() const;

private:
    std::string folder_;
};

}  // namespace pintle::series
