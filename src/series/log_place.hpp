#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace pintle::series {

/// The format of a log stream on disk, shared by its writer and its readers. Pure functions; any thread.
///
/// A stream is a folder of segments 00000001.log, 00000002.log, … whose bytes, one after the other, are exactly
/// what was appended; offsets and line numbers count from the first byte ever appended, also after the oldest
/// segments were deleted. Beside each NNNNNNNN.log lies NNNNNNNN.idx: records of kRecordBytes, the first of which
/// is the place where the segment begins. The bytes are the truth; the index only saves reading them.

/// A line longer than this is handed out in pieces of at most about this size.
inline constexpr std::size_t kPieceBytes = 64 * 1024;
/// An index record is due after so many bytes, or after so long.
inline constexpr std::uint64_t kIndexStepBytes = 64 * 1024;
inline constexpr Duration kIndexStep{100};
inline constexpr std::size_t kRecordBytes = 40;

/// A byte of the stream and the line that it belongs to.
struct LogPlace {
    std::uint64_t offset = 0;
    std::uint64_t line = 1;
    std::uint64_t line_start = 0;  ///< Offset of the first byte of that line.

    friend bool operator==(const LogPlace&, const LogPlace&) = default;
};

/// "The bytes from here on were appended at `time`", until the next record says otherwise.
struct IndexRecord {
    LogPlace place;
    Time time{};
};

/// The place behind `bytes`, which begin at `place`.
[[nodiscard]] LogPlace advance(LogPlace place, std::string_view bytes);
[[nodiscard]] std::size_t count_newlines(std::string_view bytes);
/// How many bytes at the end of `text` begin a UTF-8 character whose rest is missing: 0 to 3.
[[nodiscard]] std::size_t unfinished_utf8(std::string_view text);

/// Writes kRecordBytes to `out`. The segment's number goes into the check sum only.
void encode_record(const IndexRecord& record, std::uint64_t segment, char* out);
/// Nothing when the bytes are not a record of this segment.
[[nodiscard]] std::optional<IndexRecord> decode_record(const char* bytes, std::uint64_t segment);

[[nodiscard]] std::string log_path(const std::string& folder, std::uint64_t segment);
[[nodiscard]] std::string index_path(const std::string& folder, std::uint64_t segment);
/// The 12 of "00000012.log", when `name` ends with `suffix` and is such a name.
[[nodiscard]] std::optional<std::uint64_t> segment_number(std::string_view name, std::string_view suffix);

}  // namespace pintle::series
