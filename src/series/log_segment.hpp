#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/synchronized.hpp"
#include "os/unique_fd.hpp"
#include "series/log_place.hpp"

namespace pintle::series {

/// One segment of a stream as it was at one moment.
struct LogSegment {
    std::uint64_t number = 0;
    std::uint64_t inode = 0;
    std::uint64_t size_bytes = 0;
    IndexRecord base;  ///< Where it begins.

    [[nodiscard]] std::uint64_t begin() const { return base.place.offset; }
    [[nodiscard]] std::uint64_t end() const { return base.place.offset + size_bytes; }
};

/// Remembers where segments begin, which never changes, so that a follower need not open every index again.
/// Keyed by segment number and inode. Thread safe.
using SegmentBases = Synchronized<std::map<std::pair<std::uint64_t, std::uint64_t>, IndexRecord>>;

/// The segments of the stream, oldest first, without a gap between them. No folder means no segments. Where an
/// index is missing or spoilt, the beginning is reckoned from the neighbours by reading bytes; if no index is
/// left at all, numbers count from the oldest segment that is there. Segments before a gap count as deleted.
[[nodiscard]] Result<std::vector<LogSegment>> list_segments(const std::string& folder, SegmentBases* bases = nullptr);

/// The index of one segment, read record by record. Not thread safe. A missing file is an index with only the
/// segment's base. Records that are damaged, or that point past the bytes of the segment, count as absent.
class SegmentIndex {
public:
    SegmentIndex() = default;
    [[nodiscard]] static SegmentIndex open(const std::string& folder, const LogSegment& segment);

    [[nodiscard]] std::uint64_t segment() const { return segment_.number; }
    /// At least 1: record 0 is always the base.
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::optional<IndexRecord> at(std::uint64_t i);
    /// A record at or before that offset or line: the last such one, unless damage hides it.
    [[nodiscard]] std::uint64_t find_offset(std::uint64_t offset);
    [[nodiscard]] std::uint64_t find_line(std::uint64_t line);
    /// The last record that is whole.
    [[nodiscard]] IndexRecord last();

private:
    template <class NotAfter>
    [[nodiscard]] std::uint64_t search(NotAfter&& not_after);

    LogSegment segment_;
    os::UniqueFd fd_;
    std::uint64_t count_ = 1;
    std::string block_;  // bytes of the records from block_first_ on
    std::uint64_t block_first_ = 0;
};

/// Opens the bytes of a segment for reading; kUnavailable when rotation has deleted it meanwhile.
[[nodiscard]] Result<os::UniqueFd> open_segment(const std::string& folder, std::uint64_t number);
/// Reads up to `size` bytes at `offset` within the file; fewer only at its end.
[[nodiscard]] Result<std::size_t> read_at(int fd, char* out, std::size_t size, std::uint64_t offset);

/// Reads the segment from `from` to its end, calls `each` with the place behind every kIndexStepBytes, and
/// returns the place at the end.
[[nodiscard]] Result<LogPlace> scan_segment(const std::string& folder, const LogSegment& segment, LogPlace from,
                                            const std::function<void(const LogPlace&)>& each = {});

}  // namespace pintle::series
