#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "series/log_reader.hpp"

namespace pintle::series {

/// How far somebody who follows a stream has come: a value that can be handed to a client as text and taken back
/// after the server, or the client, was restarted, with no gap and no duplicate.
///
/// Threading: a value. Failure: parse() gives kInvalid; any numbers are harmless, as reading is held within the
/// stream.
struct LogCursor {
    std::uint64_t offset = 0;  ///< Of the next byte to be seen.
    std::uint64_t line = 1;    ///< The line that it belongs to.

    /// Behind what the page shows, for "the last lines, and then whatever comes".
    [[nodiscard]] static LogCursor after(const LogPage& page) { return {page.next_offset, page.next_line}; }
    /// "123456-789": offset and line.
    [[nodiscard]] static Result<LogCursor> parse(std::string_view text);
    [[nodiscard]] std::string to_text() const;

    friend bool operator==(const LogCursor&, const LogCursor&) = default;
};

/// What came since the cursor, and the cursor moved past it. A line that the writer has not ended yet is given as far
/// as it is there, with `ends` false; its rest comes later with the same number and `starts` false.
struct LogFollowed {
    LogPage page;  ///< lost_bytes: rotation was faster than the follower.
    LogCursor cursor;
    /// The stream is not the one that the cursor was made for: it is shorter, or counts lines differently. It was
    /// lost in part in a crash of the machine, or made anew. The page then begins where the old cursor points, or
    /// is empty at the end of a shorter stream.
    bool changed = false;
};

/// `limits` gives max_lines, max_bytes, valid_utf8 and ended; `from` and `at` are set by this.
[[nodiscard]] Result<LogFollowed> follow(const LogReader& reader, const LogCursor& cursor, LogQuery limits = {});

}  // namespace pintle::series
