#include "series/log_merge.hpp"

#include <algorithm>
#include <deque>
#include <optional>

#include "base/text.hpp"

namespace pintle::series {

namespace {

constexpr std::size_t kMaxSources = 10'000;

// One stream of a merge, read page by page as its lines are used up from the front (forward) or back (backward).
struct Source {
    const LogReader* reader = nullptr;
    std::deque<LogLine> lines;
    LogQuery query;       // for the page after those that are in `lines`
    bool more = true;     // there may be such a page
    bool begun = false;
    LogPage first;        // the first page, without its lines
    std::uint64_t position = 0;  // where the merged page begins (backward) or ends (forward) in this stream
};

struct Budget {
    std::size_t lines;
    std::size_t bytes;

    explicit Budget(const LogQuery& limits)
        : lines(std::clamp<std::size_t>(limits.max_lines, 1, kMaxPageLines)),
          bytes(std::clamp<std::size_t>(limits.max_bytes, 1, kMaxPageBytes)) {}
};

std::vector<Source> make_sources(const LogSources& readers, const LogQuery& limits) {
    const Budget budget(limits);
    std::vector<Source> sources(readers.size());
    for (std::size_t i = 0; i < readers.size(); ++i) {
        sources[i].reader = readers[i];
        sources[i].query = limits;
        // Small enough that the pages of many streams fit into memory, large enough that a few take one go.
        sources[i].query.max_lines = std::max<std::size_t>(2 * budget.lines / readers.size(), 16);
        sources[i].query.max_bytes = std::max<std::size_t>(2 * budget.bytes / readers.size(), 16 * 1024);
    }
    return sources;
}

Result<void> check_sources(const LogSources& readers) {
    if (readers.size() > kMaxSources)
        return fail(ErrorCode::kInvalid, "{} logs cannot be read as one; at most {} can", readers.size(), kMaxSources);
    return {};
}

// Reads the next page of a source that has run dry.
Result<void> refill(Source& source, bool forward) {
    while (source.lines.empty() && source.more) {
        LogPage page = TRY(source.reader->read(source.query));
        source.lines.assign(std::make_move_iterator(page.lines.begin()), std::make_move_iterator(page.lines.end()));
        page.lines.clear();
        source.more = forward ? page.more_after : page.more_before;
        source.query.from = forward ? LogQuery::From::kOffset : LogQuery::From::kBeforeOffset;
        source.query.at = forward ? page.next_offset : page.begin_offset;
        if (!source.begun) {
            source.begun = true;
            source.first = page;
            source.position = forward ? page.begin_offset : page.next_offset;
        }
        if (source.lines.empty()) break;
    }
    return {};
}

Result<void> refill_all(std::vector<Source>& sources, bool forward) {
    for (Source& source : sources) {
        TRY(refill(source, forward));
    }
    return {};
}

// The source whose next line (in the direction of reading) comes first, or none.
std::optional<std::size_t> choose(const std::vector<Source>& sources, bool forward) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        if (sources[i].lines.empty()) continue;
        if (!best) {
            best = i;
        } else if (forward ? sources[i].lines.front().time < sources[*best].lines.front().time
                           : sources[i].lines.back().time >= sources[*best].lines.back().time) {
            best = i;
        }
    }
    return best;
}

// Whether the next line of the source is a piece of the same line as the one just taken from it.
bool goes_on(const Source& source, const LogLine& taken, bool forward) {
    if (source.lines.empty()) return false;
    return forward ? !taken.ends && !source.lines.front().starts : !taken.starts && !source.lines.back().ends;
}

LogLine take(Source& source, bool forward) {
    LogLine line = std::move(forward ? source.lines.front() : source.lines.back());
    if (forward) {
        source.lines.pop_front();
        source.position = source.lines.empty() ? source.query.at : source.lines.front().offset;
    } else {
        source.lines.pop_back();
        source.position = line.offset;
    }
    return line;
}

Result<std::vector<MergedLine>> take_lines(std::vector<Source>& sources, const Budget& budget, bool forward) {
    std::vector<MergedLine> lines;
    std::size_t bytes = 0;
    std::optional<std::size_t> from = choose(sources, forward);
    while (from && lines.size() < budget.lines) {
        Source& source = sources[*from];
        bytes += (forward ? source.lines.front() : source.lines.back()).text.size();
        if (!lines.empty() && bytes > budget.bytes) break;
        lines.push_back({*from, take(source, forward)});
        TRY(refill(source, forward));
        if (!goes_on(source, lines.back().line, forward)) from = choose(sources, forward);
    }
    return lines;
}

Result<MergedPage> merge_backward(std::vector<Source> sources, const LogQuery& limits) {
    MergedPage page;
    TRY(refill_all(sources, false));
    page.lines = TRY(take_lines(sources, Budget(limits), false));
    std::reverse(page.lines.begin(), page.lines.end());
    for (const Source& source : sources) {
        page.begin.offsets.push_back(source.position);
        page.next.offsets.push_back(source.first.next_offset);
        page.more_before |= source.more || !source.lines.empty();
        page.more_after |= source.first.more_after;
    }
    return page;
}

std::uint64_t offset_of(const MergeCursor& cursor, std::size_t source) {
    return source < cursor.offsets.size() ? cursor.offsets[source] : 0;
}

}  // namespace

Result<MergeCursor> MergeCursor::parse(std::string_view text) {
    MergeCursor cursor;
    const auto wrong = [&] {
        return fail(ErrorCode::kInvalid, "expected a position in several logs like \"12.0.345\", got \"{}\"",
                    to_valid_utf8(text.substr(0, 100)));
    };
    if (text.empty()) return cursor;
    if (text.size() > 20 * kMaxSources) return wrong();
    for (const std::string& part : split(text, '.')) {
        const auto offset = parse_int(part);
        if (!offset || *offset < 0 || cursor.offsets.size() == kMaxSources) return wrong();
        cursor.offsets.push_back(static_cast<std::uint64_t>(*offset));
    }
    return cursor;
}

std::string MergeCursor::to_text() const {
    std::string text;
    for (std::size_t i = 0; i < offsets.size(); ++i) text += fmt::format("{}{}", i == 0 ? "" : ".", offsets[i]);
    return text;
}

Result<MergedPage> merge_forward(const LogSources& readers, const MergeCursor& from, const LogQuery& limits) {
    TRY(check_sources(readers));
    std::vector<Source> sources = make_sources(readers, limits);
    for (std::size_t i = 0; i < sources.size(); ++i) {
        sources[i].query.from = LogQuery::From::kOffset;
        sources[i].query.at = offset_of(from, i);
    }
    MergedPage page;
    TRY(refill_all(sources, true));
    for (const Source& source : sources) page.begin.offsets.push_back(source.position);
    page.lines = TRY(take_lines(sources, Budget(limits), true));
    for (const Source& source : sources) {
        page.next.offsets.push_back(source.position);
        page.more_before |= source.first.more_before;
        page.more_after |= source.more || !source.lines.empty();
    }
    return page;
}

Result<MergedPage> merge_tail(const LogSources& readers, const MergeCursor& before, const LogQuery& limits) {
    TRY(check_sources(readers));
    std::vector<Source> sources = make_sources(readers, limits);
    for (std::size_t i = 0; i < sources.size(); ++i) {
        sources[i].query.from = LogQuery::From::kBeforeOffset;
        sources[i].query.at = offset_of(before, i);
    }
    return merge_backward(std::move(sources), limits);
}

Result<MergedPage> merge_tail(const LogSources& readers, const LogQuery& limits) {
    TRY(check_sources(readers));
    std::vector<Source> sources = make_sources(readers, limits);
    for (Source& source : sources) source.query.from = LogQuery::From::kEnd;
    return merge_backward(std::move(sources), limits);
}

}  // namespace pintle::series
