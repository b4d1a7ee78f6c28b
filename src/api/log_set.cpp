#include "api/log_set.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"

namespace pintle::api {
namespace {

using series::MergeCursor;

constexpr std::size_t kPageBytes = 64 << 10;

MergeCursor replicas_of(const MergeCursor& position) {
    return {{position.offsets.begin() + 1, position.offsets.end()}};
}

LogItem item_of(const OwnLine& line) {
    LogItem item;
    item.line.number = static_cast<std::uint64_t>(line.number);
    item.line.time = line.at;
    item.line.text = line.text;
    return item;
}

/// The lines with, for each, the offset behind it in its stream: where the stream's next line on the page begins, or
/// where the page ends.
std::vector<LogItem> items_of(series::MergedPage page, std::vector<std::uint64_t>& behind) {
    std::vector<std::uint64_t> next = page.next.offsets;
    std::vector<bool> seen(next.size());
    std::vector<LogItem> items(page.lines.size());
    behind.resize(page.lines.size());
    for (std::size_t i = page.lines.size(); i-- > 0;) {
        series::MergedLine& line = page.lines[i];
        behind[i] = std::exchange(next[line.source], line.line.offset);
        items[i].last_of_source = !seen[line.source];
        seen[line.source] = true;
        items[i].source = line.source + 1;
        items[i].line = std::move(line.line);
    }
    return items;
}

/// Lines of replicas and of the job itself in the order of time, each with the position behind it. Of one moment the
/// replicas' lines come first: what the job says of a replica's end is said after that replica's last line.
class Weave {
public:
    Weave(MergeCursor from, std::vector<OwnLine> own, bool more_own, series::MergedPage page)
        : position_(std::move(from)), own_(std::move(own)), more_own_(more_own), more_lines_(page.more_after) {
        lines_ = items_of(std::move(page), behind_);
    }

    /// Stops where one side's page ends and there is more of it, since what follows there may come earlier.
    [[nodiscard]] LogItems run() {
        LogItems woven;
        woven.begin = position_;
        while (next_own_ < own_.size() || next_line_ < lines_.size()) {
            const bool own_over = next_own_ == own_.size();
            const bool lines_over = next_line_ == lines_.size();
            if ((own_over && more_own_) || (lines_over && more_lines_)) break;
            const bool own_first = lines_over || (!own_over && own_[next_own_].at < lines_[next_line_].line.time);
            woven.items.push_back(own_first ? take_own() : take_line());
        }
        woven.next = position_;
        woven.more_after = more_own_ || more_lines_ || next_own_ < own_.size() || next_line_ < lines_.size();
        return woven;
    }

private:
    LogItem take_own() {
        LogItem item = item_of(own_[next_own_++]);
        position_.offsets[0] = item.line.number;
        item.after = position_;
        return item;
    }
    LogItem take_line() {
        LogItem item = std::move(lines_[next_line_]);
        position_.offsets[item.source] = behind_[next_line_++];
        item.after = position_;
        return item;
    }

    MergeCursor position_;
    std::vector<OwnLine> own_;
    bool more_own_;
    bool more_lines_;
    std::vector<LogItem> lines_;
    std::vector<std::uint64_t> behind_;
    std::size_t next_own_ = 0;
    std::size_t next_line_ = 0;
};

}  // namespace

Result<LogSet> LogSet::open(store::ReaderPool& store, const runtime::DataFolder& data, const domain::Job& job,
                            const std::string& which) {
    LogSet set(store, job.id);
    set.own_ = which == kOwnLog || which == kAllLogs;
    std::vector<std::string> known{std::string(kOwnLog), std::string(kAllLogs)};
    for (const domain::Replica& replica : job.replicas) {
        const std::string name = replica.name();
        known.push_back(name);
        if (which != name && which != kAllLogs) continue;
        set.names_.push_back(name);
        set.readers_.emplace_back(data.log_folder(job.project_id, job.id, name));
    }
    if (!set.own_ && set.names_.empty()) {
        const auto near = nearest(which, known);
        const std::string hint = near                 ? fmt::format("; did you mean \"{}\"?", *near)
                                 : known.size() <= 12 ? "; there are: " + join(known, ", ")
                                                      : "";
        return fail(ErrorCode::kNotFound, "the job {} has no log \"{}\"{}", job.display_name(),
                    to_valid_utf8(which.substr(0, 100)), hint);
    }
    return set;
}

series::LogSources LogSet::sources() const {
    series::LogSources all;
    for (const series::LogReader& reader : readers_) all.push_back(&reader);
    return all;
}

MergeCursor LogSet::start() const { return {std::vector<std::uint64_t>(names_.size() + 1)}; }

Result<MergeCursor> LogSet::parse(const std::string& text) const {
    MergeCursor position = TRY(MergeCursor::parse(text));
    if (position.offsets.size() != names_.size() + 1 ||
        position.offsets[0] > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return fail(ErrorCode::kInvalid, "\"{}\" is no position in this log", to_valid_utf8(text.substr(0, 100)));
    }
    return position;
}

namespace {

/// The first line, or piece of one, from that number on.
Result<std::optional<series::LogLine>> line_from(const series::LogReader& reader, std::uint64_t number) {
    series::LogPage page = TRY(reader.read(series::LogQuery::from_line(number, 1)));
    if (page.lines.empty()) return std::nullopt;
    return std::move(page.lines.front());
}

/// Where the lines begin that were written at that time or later; `and_then`: later. Times of one log never fall.
Result<std::uint64_t> offset_at(const series::LogReader& reader, Time at, bool and_then) {
    const series::LogInfo info = TRY(reader.info());
    std::uint64_t low = info.first_line;
    std::uint64_t high = info.lines + 1;
    std::uint64_t offset = info.bytes;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        const auto line = TRY(line_from(reader, middle));
        if (!line || line->time > at || (!and_then && line->time == at)) {
            high = middle;
            if (line) offset = line->offset;
        } else {
            low = middle + 1;
        }
    }
    return offset;
}

}  // namespace

Result<std::uint64_t> LogSet::own_events_before(Time at) const {
    const auto job = TRY(store_->with([&](store::StoreReader& reader) { return reader.find_job(job_); }));
    std::int64_t low = 0;
    std::int64_t high = job ? job->event_count : 0;
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        const auto lines = TRY(read_own_log(*store_, job_, middle, 1));
        if (lines.empty() || lines.front().at >= at) high = middle;
        else low = middle + 1;
    }
    return static_cast<std::uint64_t>(low);
}

Result<MergeCursor> LogSet::at_line(const std::string& log, std::uint64_t line) const {
    MergeCursor position = start();
    std::size_t source = 0;
    std::optional<Time> at;
    if (log == kOwnLog) {
        const auto before = static_cast<std::int64_t>(std::min<std::uint64_t>(line - 1, 1u << 30));
        const auto lines = TRY(read_own_log(*store_, job_, before, 1));
        if (!lines.empty()) at = lines.front().at;
        position.offsets[0] = static_cast<std::uint64_t>(before);
    } else {
        const auto found = std::find(names_.begin(), names_.end(), log);
        if (found == names_.end())
            return fail(ErrorCode::kInvalid, "there is no log \"{}\" among these", to_valid_utf8(log.substr(0, 100)));
        source = static_cast<std::size_t>(found - names_.begin()) + 1;
        const auto there = TRY(line_from(readers_[source - 1], line));
        if (there) at = there->time;
        if (there) position.offsets[source] = there->offset;
    }
    if (!at) return fail(ErrorCode::kNotFound, "the log {} has no line {} yet", log, line);
    // Of one moment the replicas' lines come first, in their order, then the job's own.
    const bool of_job = source == 0;
    if (!of_job) position.offsets[0] = TRY(own_events_before(*at));
    for (std::size_t i = 1; i < position.offsets.size(); ++i) {
        if (i != source) position.offsets[i] = TRY(offset_at(readers_[i - 1], *at, of_job || i < source));
    }
    return position;
}

Result<LogItems> LogSet::forward(const MergeCursor& from, std::size_t max_lines, bool ended, bool valid_utf8) const {
    std::vector<OwnLine> own;
    const std::size_t own_most = std::clamp<std::size_t>(max_lines, 1, store::kPageMost);
    if (own_) own = TRY(read_own_log(*store_, job_, static_cast<std::int64_t>(from.offsets[0]), own_most));
    series::MergedPage page;
    if (!readers_.empty()) {
        series::LogQuery limits;
        limits.max_lines = max_lines;
        limits.max_bytes = kPageBytes;
        limits.ended = ended;
        limits.valid_utf8 = valid_utf8;
        page = TRY(series::merge_forward(sources(), replicas_of(from), limits));
    }
    const bool more_own = own.size() == own_most;
    MergeCursor behind = from;
    if (page.lines.empty()) std::copy(page.next.offsets.begin(), page.next.offsets.end(), behind.offsets.begin() + 1);
    LogItems woven = Weave(std::move(behind), std::move(own), more_own, std::move(page)).run();
    if (woven.items.size() > max_lines) {
        woven.items.resize(max_lines);
        woven.next = woven.items.back().after;
        woven.more_after = true;
    }
    return woven;
}

Result<std::vector<OwnLine>> LogSet::own_tail(const std::optional<MergeCursor>& before, std::size_t max_lines) const {
    if (!own_ || max_lines == 0) return std::vector<OwnLine>();
    auto end = std::numeric_limits<std::int64_t>::max();
    const auto job = TRY(store_->with([&](store::StoreReader& reader) { return reader.find_job(job_); }));
    if (job) end = job->event_count;
    // A position is the number of the last event seen, so that one is before it too.
    if (before) end = std::min(end, static_cast<std::int64_t>(before->offsets[0]));
    const std::size_t most = std::min(max_lines, store::kPageMost);
    std::vector<OwnLine> lines =
        TRY(read_own_log(*store_, job_, std::max<std::int64_t>(end - static_cast<std::int64_t>(most), 0), most));
    std::erase_if(lines, [&](const OwnLine& line) { return line.number > end; });
    return lines;
}

Result<LogItems> LogSet::tail(const std::optional<MergeCursor>& before, std::size_t max_lines) const {
    std::vector<OwnLine> own = TRY(own_tail(before, max_lines));
    MergeCursor from = start();
    from.offsets[0] =
        own.empty() ? (before ? before->offsets[0] : 0) : static_cast<std::uint64_t>(own.front().number - 1);
    series::MergedPage page;
    if (!readers_.empty()) {
        series::LogQuery limits;
        limits.max_lines = max_lines;
        page = TRY(before ? series::merge_tail(sources(), replicas_of(*before), limits)
                          : series::merge_tail(sources(), limits));
        std::copy(page.begin.offsets.begin(), page.begin.offsets.end(), from.offsets.begin() + 1);
    }
    const bool more_before = page.more_before || from.offsets[0] > 0;
    page.more_after = false;
    LogItems woven = Weave(std::move(from), std::move(own), false, std::move(page)).run();
    woven.more_before = more_before;
    woven.more_after = before.has_value();
    if (woven.items.size() > max_lines) {
        const auto cut = woven.items.end() - static_cast<std::ptrdiff_t>(max_lines);
        woven.begin = (cut - 1)->after;
        woven.items.erase(woven.items.begin(), cut);
        woven.more_before = true;
    }
    return woven;
}

}  // namespace pintle::api
