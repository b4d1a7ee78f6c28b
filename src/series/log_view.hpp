#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "series/log_segment.hpp"

namespace pintle::series {

/// A piece of a line: the whole of a short line, or at most about kPieceBytes of a long one.
struct LogPiece {
    LogPlace place;
    std::uint64_t next_offset = 0;  ///< Behind the piece, its line end included.
    bool ends = false;              ///< A line end follows the piece.

    [[nodiscard]] LogPlace next() const {
        return ends ? LogPlace{next_offset, place.line + 1, next_offset}
                    : LogPlace{next_offset, place.line, place.line_start};
    }
};

/// A stream as it was at one moment: what LogReader does its work with.
///
/// Threading: one thread. Bytes that are appended later are not seen; a segment that rotation deletes meanwhile
/// makes a call fail with kUnavailable, and the caller takes a new view.
///
/// Where long lines are cut depends only on the bytes since the line began, so every way to a piece (forward,
/// backward, by offset) gives the same pieces: at multiples of kPieceBytes, moved back to the beginning of a
/// UTF-8 character.
class LogView {
public:
    /// Adds the log bytes it reads to `bytes_read`.
    [[nodiscard]] static Result<LogView> take(const std::string& folder, SegmentBases& bases,
                                              std::atomic<std::uint64_t>& bytes_read);

    [[nodiscard]] std::uint64_t first_offset() const { return segments_.empty() ? 0 : segments_.front().begin(); }
    [[nodiscard]] std::uint64_t end_offset() const { return segments_.empty() ? 0 : segments_.back().end(); }
    [[nodiscard]] LogPlace first_place() const { return segments_.empty() ? LogPlace{} : segments_.front().base.place; }

    /// The place of that byte, held within the stream.
    [[nodiscard]] Result<LogPlace> place_at(std::uint64_t offset);
    /// Where a line begins (or its first byte that is still there); the end for a line that does not exist yet.
    [[nodiscard]] Result<LogPlace> line_place(std::uint64_t line);
    /// Where the piece begins that holds that byte.
    [[nodiscard]] Result<LogPlace> piece_place(std::uint64_t offset);
    /// The piece at `from`, with its text put into `text`, reading no further than `until`. With `hold_back`, a
    /// carriage return or an unfinished character just before `until` is left for later. Nothing at the end.
    [[nodiscard]] Result<std::optional<LogPiece>> next_piece(const LogPlace& from, std::uint64_t until, bool hold_back,
                                                             std::string& text);
    /// When that byte was appended, to about kIndexStep.
    [[nodiscard]] Time time_at(std::uint64_t offset);

private:
    explicit LogView(std::atomic<std::uint64_t>& bytes_read) : bytes_read_(&bytes_read) {}
    /// Bytes at that offset: at least one, unless it is the end.
    [[nodiscard]] Result<std::string_view> bytes(std::uint64_t offset);
    [[nodiscard]] const LogSegment& segment_at(std::uint64_t offset) const;
    [[nodiscard]] SegmentIndex& index_of(const LogSegment& segment);
    [[nodiscard]] Result<LogPlace> walk(LogPlace from, std::uint64_t offset);
    [[nodiscard]] Result<LogPlace> walk_to_line(LogPlace from, std::uint64_t line);
    [[nodiscard]] Result<std::uint64_t> cut_before(std::uint64_t nominal, std::uint64_t line_start);

    std::string folder_;
    std::vector<LogSegment> segments_;
    std::atomic<std::uint64_t>* bytes_read_;

    os::UniqueFd fd_;               // of the segment file_number_
    std::uint64_t file_number_ = 0;
    std::string buffer_;            // bytes of the stream from buffer_offset_ on
    std::uint64_t buffer_offset_ = 0;
    std::optional<SegmentIndex> index_;
    std::uint64_t time_record_ = 0; // in index_, the record that time_at() used last
};

}  // namespace pintle::series
