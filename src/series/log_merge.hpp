#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "series/log_reader.hpp"

namespace pintle::series {

/// Several streams, such as those of all replicas of a task, read as one in the order of time.
///
/// Threading: any thread. Ownership: readers are borrowed for the call.
/// Failure: as LogReader; the first error of any stream is returned.
///
/// Within a stream the order is always that of the bytes; among streams it is that of LogLine::time (which is exact to
/// about 100 ms), then that of the list. Pieces of one line stay together where they are there. A line that arrives
/// late, after later ones of other streams were handed out, comes with the next page: nothing is lost or repeated.
using LogSources = std::vector<const LogReader*>;

/// A position in each stream, in the order of the sources. Streams may be added at the end of the list later; they
/// then begin at their beginning. "12.0.345" as text.
struct MergeCursor {
    std::vector<std::uint64_t> offsets;

    /// kInvalid for anything that to_text() does not write; at most 10 000 streams.
    [[nodiscard]] static Result<MergeCursor> parse(std::string_view text);
    [[nodiscard]] std::string to_text() const;

    friend bool operator==(const MergeCursor&, const MergeCursor&) = default;
};

struct MergedLine {
    std::size_t source = 0;  ///< Index in the list of sources.
    LogLine line;
};

struct MergedPage {
    std::vector<MergedLine> lines;
    MergeCursor begin;  ///< merge_tail() with this gives the page before.
    MergeCursor next;   ///< merge_forward() with this goes on.
    bool more_before = false;
    bool more_after = false;
};

/// What follows the cursor; an empty one is the beginning of every stream. Here and below, `limits` gives max_lines and
/// max_bytes of the merged page as a whole, valid_utf8 and ended; its `from` and `at` are not looked at.
[[nodiscard]] Result<MergedPage> merge_forward(const LogSources& sources, const MergeCursor& from,
                                               const LogQuery& limits = {});
/// The last lines before the cursor.
[[nodiscard]] Result<MergedPage> merge_tail(const LogSources& sources, const MergeCursor& before,
                                            const LogQuery& limits = {});
/// The last lines of all.
[[nodiscard]] Result<MergedPage> merge_tail(const LogSources& sources, const LogQuery& limits = {});

}  // namespace pintle::series
