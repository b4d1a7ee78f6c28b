#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace pintle::series {

/// The files of a sample folder, and the records that they consist of.
///
///     00000001.samples   a segment: records with blocks, each the samples of some hours, compressed
///     00000007.tail      what came after the last block: records with names and rows, as they arrived
///
/// When a tail has enough for good blocks, they are appended to the newest segment in one record that has the tail's
/// number, and a tail with the next number takes its place. A tail whose number a record has is thus out of date, but
/// for the series that the record left for the next tail.
///
/// A record is checked as a whole, or, for blocks, its directory and each column by itself. Where one is damaged, the
/// next is looked for; what is torn at the end is cut by the next writer.

enum class RecordKind : std::uint32_t { kNames = 1, kRows = 2, kBlocks = 3 };

struct RecordHead {
    RecordKind kind = RecordKind::kRows;
    std::uint32_t tail = 0;        ///< Of kBlocks: the number of the tail whose samples these were.
    std::uint32_t size = 0;        ///< Of what follows.
    std::uint32_t checked = 0;     ///< How much of that the check sum is of.
    std::uint32_t check_sum = 0;
    std::int64_t first_ms = 0;     ///< All samples are within these, inclusive.
    std::int64_t last_ms = 0;
};

inline constexpr std::size_t kHeadBytes = 44;
/// More than any record has.
inline constexpr std::uint32_t kMaxRecordBytes = 64U << 20;

[[nodiscard]] std::uint32_t check_sum(std::string_view bytes);
/// The head that these bytes begin with, if it is whole.
[[nodiscard]] std::optional<RecordHead> read_head(std::string_view bytes);
/// Appends the record to `out`; size and check sum are found here.
void put_record(RecordHead head, std::string_view payload, std::size_t checked, std::string& out);

/// Walks the whole records of a file's bytes.
struct RecordWalk {
    std::size_t end = 0;       ///< Behind the last whole record.
    std::size_t damaged = 0;   ///< Places where something else stood; a torn end is none.
};
RecordWalk walk_records(std::string_view bytes,
                        const std::function<void(const RecordHead&, std::string_view payload)>& visit);

/// The same of a file, where only those records are read whose heads `wanted` wants; the others are taken for whole.
/// kNotFound where there is no such file.
[[nodiscard]] Result<RecordWalk> walk_file(const std::string& path,
                                           const std::function<bool(const RecordHead&)>& wanted,
                                           const std::function<void(const RecordHead&, std::string payload)>& visit);

[[nodiscard]] std::string segment_file(const std::string& folder, std::uint64_t number);
[[nodiscard]] std::string tail_file(const std::string& folder, std::uint64_t number);
inline constexpr std::string_view kSegmentSuffix = ".samples";
inline constexpr std::string_view kTailSuffix = ".tail";

/// Numbers of a folder's files, rising. No folder has no files.
struct SampleFiles {
    std::vector<std::uint64_t> segments;
    std::vector<std::uint64_t> tails;
    std::vector<std::string> strays;  ///< Names of files that a writer left half made.
};
[[nodiscard]] Result<SampleFiles> list_sample_files(const std::string& folder);

}  // namespace pintle::series
