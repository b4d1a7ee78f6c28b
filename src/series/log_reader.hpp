#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace pintle::series {

/// What is known of a stream as a whole. A stream that was never written has no lines and begins at line 1.
struct LogInfo {
    std::uint64_t bytes = 0;         ///< Ever appended; the offset where the next byte goes.
    std::uint64_t lines = 0;         ///< Ever appended, an unfinished last line included; the number of the last one.
    std::uint64_t first_line = 1;    ///< The oldest line of which something is still there.
    std::uint64_t first_offset = 0;  ///< The oldest byte that is still there.
    std::optional<Time> last_time;   ///< Of the last bytes, to about 100 ms; nothing when there are none.
};

/// A line, or a piece of one. A line longer than 64 KiB comes in pieces of about that size; so does a line that was
/// read while the writer was in the middle of it. All pieces of a line carry its number.
struct LogLine {
    std::uint64_t number = 0;  ///< From 1; never changes.
    std::uint64_t offset = 0;  ///< Of the first byte of this piece.
    Time time{};               ///< When that byte was written, to about 100 ms.
    bool starts = true;        ///< The line begins here; otherwise the text goes on from the piece before.
    bool ends = true;          ///< The line ends here; otherwise the text goes on in the next piece, or later.
    std::string text;          ///< Without the line end (\n or \r\n). Control sequences are kept.
};

/// Which lines to read. Larger limits than kMaxPageLines and kMaxPageBytes are lowered to them.
struct LogQuery {
    enum class From {
        kLine,          ///< From line `at` on.
        kOffset,        ///< From byte `at` on; for following.
        kBeforeLine,    ///< The lines before line `at`.
        kBeforeOffset,  ///< The lines before byte `at`.
        kEnd,           ///< The last lines.
    };
    From from = From::kEnd;
    std::uint64_t at = 0;
    std::size_t max_lines = 1000;     ///< Pieces count as lines.
    std::size_t max_bytes = 1 << 20;  ///< Of the log; one line is given in any case.
    /// Invalid UTF-8 becomes U+FFFD (so a text may be up to three times as long as its bytes); otherwise the bytes.
    bool valid_utf8 = true;
    /// The writer has ended. Until then a carriage return, or the beginning of a UTF-8 character, that ends the
    /// stream is left for the next page, which begins with it.
    bool ended = false;

    [[nodiscard]] static LogQuery tail(std::size_t lines) { return {From::kEnd, 0, lines}; }
    [[nodiscard]] static LogQuery from_line(std::uint64_t line, std::size_t lines = 1000) {
        return {From::kLine, line, lines};
    }
    [[nodiscard]] static LogQuery from_offset(std::uint64_t offset, std::size_t lines = 1000) {
        return {From::kOffset, offset, lines};
    }
    [[nodiscard]] static LogQuery before_line(std::uint64_t line, std::size_t lines = 1000) {
        return {From::kBeforeLine, line, lines};
    }
    [[nodiscard]] static LogQuery before_offset(std::uint64_t offset, std::size_t lines = 1000) {
        return {From::kBeforeOffset, offset, lines};
    }
};

inline constexpr std::size_t kMaxPageLines = 10'000;
inline constexpr std::size_t kMaxPageBytes = 8 << 20;

struct LogPage {
    std::vector<LogLine> lines;
    std::uint64_t begin_offset = 0;  ///< kBeforeOffset with this gives the page before.
    std::uint64_t begin_line = 1;    ///< The line that the byte at begin_offset belongs to.
    std::uint64_t next_offset = 0;   ///< kOffset with this goes on: no gap, no duplicate.
    std::uint64_t next_line = 1;     ///< The line that the byte at next_offset belongs to.
    bool more_before = false;
    bool more_after = false;         ///< There was more when the page was read; false means: ask again later.
    std::uint64_t lost_bytes = 0;    ///< Asked-for bytes that rotation had already deleted.
};

struct LogSearch {
    std::string pattern;
    bool regular_expression = false;  ///< RE2 syntax, matched within a line; otherwise plain text.
    bool ignore_case = false;
    std::uint64_t from_line = 1;
    std::optional<std::uint64_t> from_offset;  ///< Instead of from_line; LogMatches::next_offset goes on.
    std::size_t max_matches = 100;
    std::uint64_t max_bytes = 64 << 20;  ///< Scanned; a little more to come to the end of a line.
    Duration time_budget{2000};
    bool valid_utf8 = true;
};

struct LogMatches {
    std::vector<LogLine> lines;
    std::uint64_t next_line = 1;
    std::uint64_t next_offset = 0;
    bool complete = false;  ///< Everything that was there up to the end was looked at.
};

/// Reads a log stream that a LogWriter, in this process or another, may be appending to (format: log_place.hpp).
///
/// Threading: all functions from any thread; they block on the disk. There is no lock between reader and writer:
/// each call looks at the stream as it is at that moment.
/// Ownership: keeps only the folder's name and what it learned of segments; opens files anew in each call.
/// Failure: an absent folder is an empty stream. A missing, late or damaged index costs time, not correctness.
/// Lines deleted by rotation are skipped.
class LogReader {
public:
    explicit LogReader(std::string folder);
    LogReader(LogReader&&) noexcept;
    LogReader& operator=(LogReader&&) noexcept;
    ~LogReader();

    [[nodiscard]] Result<LogInfo> info() const;
    [[nodiscard]] Result<LogPage> read(const LogQuery& query) const;
    /// kInvalid for a pattern that is empty, too long or not a regular expression. In a line longer than 64 KiB
    /// each piece is matched by itself.
    [[nodiscard]] Result<LogMatches> search(const LogSearch& search) const;

    [[nodiscard]] const std::string& folder() const { return folder_; }
    /// Log bytes read so far, for tests and statistics.
    [[nodiscard]] std::uint64_t bytes_read() const;

private:
    struct Memory;
    template <class Work>
    [[nodiscard]] auto with_view(Work&& work) const;

    std::string folder_;
    std::unique_ptr<Memory> memory_;
};

}  // namespace pintle::series
