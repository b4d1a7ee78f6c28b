#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "series/sample.hpp"
#include "series/sample_tail.hpp"

namespace pintle::series {

/// The compressed samples of many series: the payload of a record of blocks.
///
/// Series that were sampled at the same moments, as all of one machine are, share one column of times; each has a
/// column of values, and one of steps where its program counts. A directory in front tells what is where. Within a
/// column times never fall: what came late stands where it belongs.
///
/// Pure. Failure: kCorrupt; a column that is damaged leaves the others as they are.

/// Most samples of one column; a series with more has several.
inline constexpr std::size_t kBlockSamples = 4096;

/// Appends one record with all of these samples to `out`; `tail` is the number of the tail that they come from.
void put_blocks(std::vector<SeriesSamples> series, std::uint32_t tail, std::string& out);

/// A record of blocks, taken apart. Refers to the payload, which has to outlive it.
class SampleBlocks {
public:
    /// Where bytes of a column are, and their check sum.
    struct Column {
        std::uint32_t begin = 0;
        std::uint32_t size = 0;
        std::uint32_t check_sum = 0;
    };
    struct Block {
        SeriesKey key;
        Column column;                ///< Steps, if any, and values.
        std::uint32_t step_bytes = 0; ///< How much of it is steps.
    };
    /// What shares a column of times.
    struct Group {
        std::size_t count = 0;
        std::int64_t first_ms = 0;
        std::int64_t last_ms = 0;
        Column times;
        std::vector<Block> blocks;
    };

    [[nodiscard]] static Result<SampleBlocks> open(const RecordHead& head, std::string_view payload);
    [[nodiscard]] const std::vector<Group>& groups() const { return groups_; }

    [[nodiscard]] Result<void> times(const Group& group, std::vector<std::int64_t>& out) const;
    [[nodiscard]] Result<void> values(const Group& group, const Block& block, std::vector<double>& out) const;
    /// Empty where no sample has a step.
    [[nodiscard]] Result<void> steps(const Group& group, const Block& block,
                                     std::vector<std::optional<std::int64_t>>& out) const;

private:
    [[nodiscard]] Result<std::string_view> bytes_of(const Column& column) const;

    std::string_view columns_;
    std::vector<Group> groups_;
};

}  // namespace pintle::series
