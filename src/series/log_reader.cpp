#include "series/log_reader.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "base/text.hpp"
#include "series/log_matcher.hpp"
#include "series/log_view.hpp"

namespace pintle::series {

struct LogReader::Memory {
    SegmentBases bases;
    std::atomic<std::uint64_t> bytes_read{0};
};

LogReader::LogReader(std::string folder) : folder_(std::move(folder)), memory_(std::make_unique<Memory>()) {}
LogReader::LogReader(LogReader&&) noexcept = default;
LogReader& LogReader::operator=(LogReader&&) noexcept = default;
LogReader::~LogReader() = default;

std::uint64_t LogReader::bytes_read() const { return memory_->bytes_read; }

// Rotation may delete a segment between the look at the folder and the reading; then look again.
template <class Work>
auto LogReader::with_view(Work&& work) const {
    using Answer = std::invoke_result_t<Work, LogView&>;
    constexpr int kAttempts = 10;
    for (int attempt = 1;; ++attempt) {
        auto view = LogView::take(folder_, memory_->bases, memory_->bytes_read);
        Answer answer = view ? work(*view) : Answer(fail(view.error()));
        if (answer || answer.error().code != ErrorCode::kUnavailable || attempt == kAttempts) return answer;
    }
}

namespace {

LogLine make_line(LogView& view, const LogPiece& piece, std::string_view text, bool valid_utf8) {
    LogLine line;
    line.number = piece.place.line;
    line.offset = piece.place.offset;
    line.time = view.time_at(piece.place.offset);
    line.starts = piece.place.offset == piece.place.line_start;
    line.ends = piece.ends;
    line.text = valid_utf8 ? to_valid_utf8(text) : std::string(text);
    return line;
}

struct PageLimits {
    std::size_t lines;
    std::size_t bytes;
};

// Where a page has to begin to end at `end` within its limits.
Result<LogPlace> begin_before(LogView& view, const LogPlace& end, const PageLimits& limits) {
    LogPlace best = end;
    std::size_t lines = 0, bytes = 0;
    std::string text;
    std::vector<LogPlace> places;
    for (std::uint64_t upper = end.offset; upper > view.first_offset() && lines < limits.lines;) {
        places.clear();
        LogPlace at = TRY(view.piece_place(upper - std::min<std::uint64_t>(upper - view.first_offset(), kPieceBytes)));
        const std::uint64_t lower = at.offset;
        while (at.offset < upper) {
            const auto piece = TRY(view.next_piece(at, upper, false, text));
            if (!piece) break;
            places.push_back(at);
            at = piece->next();
        }
        std::uint64_t after = upper;
        for (auto place = places.rbegin(); place != places.rend(); ++place) {
            const std::size_t size = after - place->offset;
            if (lines == limits.lines || (lines > 0 && bytes + size > limits.bytes)) return best;
            best = *place;
            after = place->offset;
            bytes += size;
            ++lines;
        }
        upper = lower;
    }
    return best;
}

Result<LogPage> read_page(LogView& view, const LogPlace& begin, std::uint64_t until, const LogQuery& query,
                          const PageLimits& limits) {
    LogPage page;
    page.begin_offset = begin.offset;
    page.begin_line = begin.line;
    LogPlace at = begin;
    const bool hold_back = !query.ended && until == view.end_offset();
    std::string text;
    while (page.lines.size() < limits.lines && at.offset < until) {
        const auto piece = TRY(view.next_piece(at, until, hold_back, text));
        if (!piece) break;
        if (!page.lines.empty() && piece->next_offset - begin.offset > limits.bytes) break;
        page.lines.push_back(make_line(view, *piece, text, query.valid_utf8));
        at = piece->next();
    }
    page.next_offset = at.offset;
    page.next_line = at.line;
    page.more_before = begin.offset > view.first_offset();
    // What is held back is not there yet, as far as the caller is concerned.
    page.more_after = at.offset < view.end_offset();
    if (page.more_after && hold_back) page.more_after = TRY(view.next_piece(at, until, true, text)).has_value();
    return page;
}

Result<LogPage> read_backward(LogView& view, const LogPlace& end, const LogQuery& query, const PageLimits& limits) {
    const LogPlace begin = TRY(begin_before(view, end, limits));
    return read_page(view, begin, end.offset, query, limits);
}

Result<LogPage> answer_query(LogView& view, const LogQuery& query) {
    const PageLimits limits{std::clamp<std::size_t>(query.max_lines, 1, kMaxPageLines),
                            std::clamp<std::size_t>(query.max_bytes, 1, kMaxPageBytes)};
    switch (query.from) {
        case LogQuery::From::kLine: {
            const LogPlace begin = TRY(view.line_place(query.at));
            return read_page(view, begin, view.end_offset(), query, limits);
        }
        case LogQuery::From::kOffset: {
            const LogPlace begin = TRY(view.place_at(query.at));
            LogPage page = TRY(read_page(view, begin, view.end_offset(), query, limits));
            page.lost_bytes = begin.offset > query.at ? begin.offset - query.at : 0;
            return page;
        }
        case LogQuery::From::kBeforeLine: return read_backward(view, TRY(view.line_place(query.at)), query, limits);
        case LogQuery::From::kBeforeOffset: return read_backward(view, TRY(view.place_at(query.at)), query, limits);
        case LogQuery::From::kEnd: return read_backward(view, TRY(view.place_at(view.end_offset())), query, limits);
    }
    return fail(ErrorCode::kInvalid, "the log query does not say where to read from");
}

Result<LogMatches> answer_search(LogView& view, const LogSearch& search, const LogMatcher& matcher) {
    using Steady = std::chrono::steady_clock;
    const auto deadline = Steady::now() + search.time_budget;
    const std::size_t max_matches = std::clamp<std::size_t>(search.max_matches, 1, kMaxPageLines);
    LogMatches matches;
    LogPlace at = search.from_offset ? TRY(view.place_at(*search.from_offset)) : TRY(view.line_place(search.from_line));
    const std::uint64_t begin = at.offset;
    std::uint64_t look_at_clock = begin;
    std::size_t found_bytes = 0;
    std::string text;
    while (matches.lines.size() < max_matches && found_bytes < kMaxPageBytes) {
        const auto piece = TRY(view.next_piece(at, view.end_offset(), false, text));
        matches.complete = !piece;
        if (!piece) break;
        if (matcher.matches(text)) {
            matches.lines.push_back(make_line(view, *piece, text, search.valid_utf8));
            found_bytes += text.size();
        } else if (!piece->ends && piece->next_offset == view.end_offset()) {
            matches.complete = true;  // The line may yet come to match: it is looked at again when the search goes on.
            break;
        }
        at = piece->next();
        if (at.offset - begin >= search.max_bytes) break;
        if (at.offset - look_at_clock < kPieceBytes) continue;
        look_at_clock = at.offset;
        if (Steady::now() >= deadline) break;
    }
    matches.complete = matches.complete || at.offset == view.end_offset();
    matches.next_line = at.line;
    matches.next_offset = at.offset;
    return matches;
}

}  // namespace

Result<LogInfo> LogReader::info() const {
    return with_view([](LogView& view) -> Result<LogInfo> {
        const LogPlace first = view.first_place();
        const LogPlace end = TRY(view.place_at(view.end_offset()));
        LogInfo info{end.offset, end.line - 1, first.line, first.offset, std::nullopt};
        if (end.line_start < end.offset) ++info.lines;
        if (end.offset > 0) info.last_time = view.time_at(end.offset);
        return info;
    });
}

Result<LogPage> LogReader::read(const LogQuery& query) const {
    return with_view([&](LogView& view) { return answer_query(view, query); });
}

Result<LogMatches> LogReader::search(const LogSearch& search) const {
    const LogMatcher matcher = TRY(LogMatcher::make(search.pattern, search.regular_expression, search.ignore_case));
    return with_view([&](LogView& view) { return answer_search(view, search, matcher); });
}

}  // namespace pintle::series
