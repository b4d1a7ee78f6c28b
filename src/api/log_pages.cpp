#include "api/log_pages.hpp"

#include <algorithm>
#include <deque>
#include <limits>

#include "api/log_follow.hpp"
#include "base/text.hpp"
#include "series/log_matcher.hpp"

namespace pintle::api {
namespace {

using json::Value;

constexpr std::size_t kLinesByDefault = 1000;
constexpr Duration kSearchBudget{2000};

/// Which lines are asked for.
struct Wanted {
    enum class From { kLine, kBefore, kTail };
    From from = From::kLine;
    std::uint64_t line = 1;
    std::size_t limit = kLinesByDefault;
    std::string grep;
    bool ignore_case = false;
};

/// What a page is told beside its lines.
struct Frame {
    std::uint64_t first_line = 1;
    std::uint64_t last_line = 0;
    Value next_from_line;
    Value prev_before_line;
    Value next_cursor;
    Value prev_cursor;
    bool complete = false;
};

Value page_of(json::Array items, Frame frame) {
    if (frame.complete) frame.next_from_line = nullptr;
    return Value::object({{"items", Value(std::move(items))},
                          {"first_line", frame.first_line},
                          {"last_line", frame.last_line},
                          {"next_from_line", std::move(frame.next_from_line)},
                          {"prev_before_line", std::move(frame.prev_before_line)},
                          {"next_cursor", std::move(frame.next_cursor)},
                          {"prev_cursor", std::move(frame.prev_cursor)},
                          {"complete", frame.complete}});
}

Value item_value(const series::LogLine& line, const std::string& replica) {
    LogItem item;
    item.line = line;
    return log_item_value(item, replica);
}

Result<Wanted> read_wanted(Call& call) {
    Wanted wanted;
    const auto from_line = call.query_whole("from_line");
    const auto before_line = call.query_whole("before_line");
    const auto tail = call.query_whole("tail");
    if (static_cast<int>(from_line.has_value()) + static_cast<int>(before_line.has_value()) +
            static_cast<int>(tail.has_value()) >
        1) {
        return fail(ErrorCode::kInvalid, "from_line, before_line and tail exclude each other; give one of them");
    }
    // None at all is asked for by an empty tail only.
    wanted.limit =
        std::max<std::size_t>(static_cast<std::size_t>(call.query_whole("limit").value_or(kLinesByDefault)), 1);
    wanted.line = static_cast<std::uint64_t>(std::max<std::int64_t>(from_line.value_or(before_line.value_or(1)), 1));
    if (before_line) wanted.from = Wanted::From::kBefore;
    if (tail) {
        wanted.from = Wanted::From::kTail;
        wanted.limit = static_cast<std::size_t>(*tail);
    }
    wanted.grep = call.query("grep");
    if (!wanted.grep.empty()) wanted.limit = std::max<std::size_t>(wanted.limit, 1);
    wanted.ignore_case = call.query("case") == "ignore";
    if (!wanted.grep.empty() && before_line) {
        return fail(ErrorCode::kInvalid,
                    "grep searches forwards; give from_line, or tail for the last lines that match");
    }
    return wanted;
}

// ---- One replica's log.

Result<Value> replica_page(const series::LogReader& reader, const std::string& name, const Wanted& wanted, bool ended) {
    const series::LogInfo info = TRY(reader.info());
    series::LogQuery query = wanted.from == Wanted::From::kTail ? series::LogQuery::tail(wanted.limit)
                             : wanted.from == Wanted::From::kBefore
                                 ? series::LogQuery::before_line(wanted.line, wanted.limit)
                                 : series::LogQuery::from_line(wanted.line, wanted.limit);
    query.ended = ended;
    series::LogPage page;
    if (wanted.limit > 0) page = TRY(reader.read(query));
    json::Array items;
    for (const series::LogLine& line : page.lines) items.push_back(item_value(line, name));
    Frame frame{info.first_line, info.lines, page.next_line, nullptr, nullptr, nullptr, !page.more_after};
    // Of a line that was too long for the page the rest is left behind; its `ends` tells so.
    if (!page.lines.empty() && !page.lines.back().ends) frame.next_from_line = page.lines.back().number + 1;
    if (page.more_before && !page.lines.empty() && page.lines.front().number > info.first_line)
        frame.prev_before_line = page.lines.front().number;
    return page_of(std::move(items), std::move(frame));
}

series::LogSearch search_for(const Wanted& wanted) {
    series::LogSearch search;
    search.pattern = wanted.grep;
    search.regular_expression = true;
    search.ignore_case = wanted.ignore_case;
    search.from_line = wanted.line;
    search.max_matches = std::max<std::size_t>(wanted.limit, 1);
    search.time_budget = kSearchBudget;
    return search;
}

struct Found {
    std::vector<series::LogLine> lines;
    std::uint64_t next_line = 1;
    bool complete = false;
};

Result<Found> search_replica(const series::LogReader& reader, const Wanted& wanted) {
    auto matches = TRY(reader.search(search_for(wanted)));
    return Found{std::move(matches.lines), matches.next_line, matches.complete};
}

// The last matches: everything is searched, for as long as that may take, and the newest are kept.
Result<Found> search_replica_tail(const series::LogReader& reader, const Wanted& wanted) {
    const auto until = std::chrono::steady_clock::now() + kSearchBudget;
    series::LogSearch search = search_for(wanted);
    search.max_matches = series::kMaxPageLines;
    std::deque<series::LogLine> kept;
    Found found;
    do {
        auto matches = TRY(reader.search(search));
        for (series::LogLine& line : matches.lines) {
            kept.push_back(std::move(line));
            if (kept.size() > wanted.limit) kept.pop_front();
        }
        found.next_line = matches.next_line;
        found.complete = matches.complete;
        search.from_offset = matches.next_offset;
    } while (!found.complete && std::chrono::steady_clock::now() < until);
    found.lines.assign(std::make_move_iterator(kept.begin()), std::make_move_iterator(kept.end()));
    return found;
}

Result<Found> search(const series::LogReader& reader, const Wanted& wanted) {
    return wanted.from == Wanted::From::kTail ? search_replica_tail(reader, wanted) : search_replica(reader, wanted);
}

Result<Value> replica_matches(const series::LogReader& reader, const std::string& name, const Wanted& wanted) {
    const series::LogInfo info = TRY(reader.info());
    const Found found = TRY(search(reader, wanted));
    json::Array items;
    for (const series::LogLine& line : found.lines) items.push_back(item_value(line, name));
    return page_of(std::move(items),
                   {info.first_line, info.lines, found.next_line, nullptr, nullptr, nullptr, found.complete});
}

// ---- The job's own log.

Value own_value(const OwnLine& line) {
    LogItem item;
    item.line.number = static_cast<std::uint64_t>(line.number);
    item.line.time = line.at;
    item.line.text = line.text;
    return log_item_value(item, std::string(kOwnLog));
}

std::int64_t own_start(const Wanted& wanted, std::int64_t count) {
    const auto limit = static_cast<std::int64_t>(wanted.limit);
    const auto line =
        static_cast<std::int64_t>(std::min<std::uint64_t>(wanted.line, std::numeric_limits<std::int64_t>::max()));
    switch (wanted.from) {
        case Wanted::From::kLine: return line - 1;
        case Wanted::From::kBefore: return std::max<std::int64_t>(std::min(line - 1, count) - limit, 0);
        case Wanted::From::kTail: break;
    }
    return std::max<std::int64_t>(count - limit, 0);
}

Result<Value> own_page(Call& call, const Wanted& wanted) {
    const std::int64_t count = call.job->event_count;
    std::int64_t at = own_start(wanted, count);
    const std::int64_t first = at;
    std::int64_t end = count;
    if (wanted.from == Wanted::From::kBefore)
        end = std::min<std::int64_t>(count, static_cast<std::int64_t>(std::min<std::uint64_t>(
                                                wanted.line, std::numeric_limits<std::int64_t>::max())) -
                                                1);
    end = std::min(end, first > count ? count : first + static_cast<std::int64_t>(wanted.limit));
    json::Array items;
    while (at < end) {
        const auto lines =
            TRY(read_own_log(call.services.deps.readers, call.job->id, at, static_cast<std::size_t>(end - at)));
        if (lines.empty()) break;
        for (const OwnLine& line : lines) items.push_back(own_value(line));
        at = lines.back().number;
    }
    Frame frame{1, static_cast<std::uint64_t>(count), at + 1, nullptr, nullptr, nullptr, at >= count};
    if (first > 0 && !items.empty()) frame.prev_before_line = first + 1;
    return page_of(std::move(items), std::move(frame));
}

Result<Found> search_own(Call& call, const Wanted& wanted) {
    const auto matcher = TRY(series::LogMatcher::make(wanted.grep, true, wanted.ignore_case));
    const bool tail = wanted.from == Wanted::From::kTail;
    std::deque<series::LogLine> kept;
    Found found;
    auto at = tail ? 0 : static_cast<std::int64_t>(wanted.line - 1);
    for (;;) {
        const auto lines = TRY(read_own_log(call.services.deps.readers, call.job->id, at, store::kPageMost));
        for (const OwnLine& line : lines) {
            at = line.number;
            if (!matcher.matches(line.text)) continue;
            kept.push_back({static_cast<std::uint64_t>(line.number), 0, line.at, true, true, line.text});
            if (tail && kept.size() > wanted.limit) kept.pop_front();
            if (!tail && kept.size() == wanted.limit) break;
        }
        found.complete = lines.size() < store::kPageMost && (lines.empty() || lines.back().number == at);
        if (found.complete || (!tail && kept.size() >= wanted.limit)) break;
    }
    found.next_line = static_cast<std::uint64_t>(at) + 1;
    found.lines.assign(std::make_move_iterator(kept.begin()), std::make_move_iterator(kept.end()));
    return found;
}

Result<Value> own_matches(Call& call, const Wanted& wanted) {
    const Found found = TRY(search_own(call, wanted));
    json::Array items;
    for (const series::LogLine& line : found.lines) items.push_back(item_value(line, std::string(kOwnLog)));
    return page_of(std::move(items), {1, static_cast<std::uint64_t>(call.job->event_count), found.next_line, nullptr,
                                      nullptr, nullptr, found.complete});
}

// ---- All of them as one.

/// "worker-0:1234"
Result<series::MergeCursor> line_of_log(const LogSet& logs, const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const auto line = colon == std::string::npos ? std::nullopt : parse_int(std::string_view(text).substr(colon + 1));
    if (!line || *line < 1) {
        return fail(ErrorCode::kInvalid, "around: expected a log and a line such as worker-0:120, got \"{}\"",
                    to_valid_utf8(text.substr(0, 100)));
    }
    return logs.at_line(text.substr(0, colon), static_cast<std::uint64_t>(*line));
}

Result<Value> merged_page(Call& call, const LogSet& logs, const Wanted& wanted) {
    if (call.has_query("from_line") || call.has_query("before_line")) {
        return fail(ErrorCode::kInvalid,
                    "all logs together have no line numbers of their own; give tail, cursor or before_cursor");
    }
    if (call.has_query("cursor") && (call.has_query("before_cursor") || call.has_query("tail"))) {
        return fail(ErrorCode::kInvalid,
                    "cursor goes forwards, before_cursor and tail give what comes before; give one of them");
    }
    if (call.has_query("around") &&
        (call.has_query("cursor") || call.has_query("before_cursor") || call.has_query("tail"))) {
        return fail(ErrorCode::kInvalid, "around says where the page begins; leave cursor, before_cursor and tail out");
    }
    const bool backwards = call.has_query("tail") || call.has_query("before_cursor");
    std::optional<series::MergeCursor> before;
    if (call.has_query("before_cursor")) before = TRY(logs.parse(call.query("before_cursor")));
    const series::MergeCursor from = call.has_query("around")   ? TRY(line_of_log(logs, call.query("around")))
                                     : call.has_query("cursor") ? TRY(logs.parse(call.query("cursor")))
                                                                : logs.start();
    const LogItems read = TRY(backwards ? logs.tail(before, wanted.limit)
                                        : logs.forward(from, std::max<std::size_t>(wanted.limit, 1), false));
    json::Array items;
    for (const LogItem& item : read.items) items.push_back(log_item_value(item, logs.name_of(item.source)));
    Frame frame;
    frame.complete = !read.more_after;
    frame.next_cursor = read.next.to_text();
    const bool more_before = backwards ? read.more_before : from != logs.start();
    if (more_before) frame.prev_cursor = read.begin.to_text();
    return page_of(std::move(items), std::move(frame));
}

Result<Value> merged_matches(Call& call, const LogSet& logs, Wanted wanted) {
    wanted.line = 1;
    std::vector<LogItem> all;
    bool complete = true;
    const auto add = [&](std::size_t source, Found found) {
        complete = complete && found.complete;
        for (series::LogLine& line : found.lines) {
            all.emplace_back();
            all.back().source = source;
            all.back().line = std::move(line);
        }
    };
    // Of one moment the job's own lines come last, as in the pages.
    for (std::size_t i = 0; i < logs.readers().size(); ++i) add(i + 1, TRY(search(logs.readers()[i], wanted)));
    add(0, TRY(search_own(call, wanted)));
    std::stable_sort(all.begin(), all.end(),
                     [](const LogItem& a, const LogItem& b) { return a.line.time < b.line.time; });
    if (all.size() > wanted.limit) {
        const bool tail = wanted.from == Wanted::From::kTail;
        const auto extra = static_cast<std::ptrdiff_t>(all.size() - wanted.limit);
        tail ? all.erase(all.begin(), all.begin() + extra) : all.erase(all.end() - extra, all.end());
        complete = complete && tail;
    }
    json::Array items;
    for (const LogItem& item : all) items.push_back(log_item_value(item, logs.name_of(item.source)));
    Frame frame;
    frame.complete = complete;
    return page_of(std::move(items), std::move(frame));
}

}  // namespace

Result<Value> log_page(Call& call, const LogSet& logs, const std::string& which) {
    const Wanted wanted = TRY(read_wanted(call));
    const bool searching = call.has_query("grep");
    if (searching && wanted.grep.empty())
        return fail(ErrorCode::kInvalid, "the parameter grep: expected a regular expression, got nothing");
    if (which == kAllLogs) return searching ? merged_matches(call, logs, wanted) : merged_page(call, logs, wanted);
    if (call.has_query("cursor") || call.has_query("before_cursor") || call.has_query("around")) {
        return fail(ErrorCode::kInvalid,
                    "cursor, before_cursor and around are for all logs together; one log is read by its line numbers");
    }
    if (which == kOwnLog) return searching ? own_matches(call, wanted) : own_page(call, wanted);
    const series::LogReader& reader = logs.readers().front();
    return searching ? replica_matches(reader, which, wanted)
                     : replica_page(reader, which, wanted, domain::is_final(call.job->state));
}

}  // namespace pintle::api
