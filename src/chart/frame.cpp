#include "chart/frame.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/text.hpp"

namespace pintle::chart {

namespace {

using namespace std::chrono_literals;
using Word = std::pair<std::string_view, Duration>;

constexpr std::array<Word, 7> kIntervals{
    {{"10s", 10s}, {"30s", 30s}, {"1m", 1min}, {"5m", 5min}, {"10m", 10min}, {"30m", 30min}, {"1h", 1h}}};
constexpr std::array<Word, 8> kPeriods{
    {{"5m", 5min}, {"15m", 15min}, {"30m", 30min}, {"1h", 1h}, {"3h", 3h}, {"6h", 6h}, {"12h", 12h}, {"1d", 24h}}};

// What is measured is measured no finer, as a rule.
constexpr Duration kFinest = 10s;

Result<Duration> parse(std::string_view text, std::span<const Word> words, std::string_view what) {
    std::string known;
    for (const auto& [word, duration] : words) {
        if (word == text) return duration;
        if (!known.empty()) known += word == words.back().first ? " or " : ", ";
        known += word;
    }
    return fail(ErrorCode::kInvalid, "{}: \"{}\" is none; there are {}", what, to_valid_utf8(text.substr(0, 100)),
                known);
}

std::int64_t index_of(Time time, Duration width) {
    const std::int64_t ms = to_ms(time), step = width.count();
    return ms >= 0 ? ms / step : -((step - 1 - ms) / step);
}

}  // namespace

std::size_t Frame::points() const {
    if (to <= from) return 0;
    return static_cast<std::size_t>(index_of(to - Duration(1), width) - index_of(from, width) + 1);
}

Result<Duration> parse_interval(std::string_view text) { return parse(text, kIntervals, "interval"); }
Result<Duration> parse_period(std::string_view text) { return parse(text, kPeriods, "period"); }

Frame refined(Frame frame, Duration unit, std::size_t most_points) {
    most_points = std::clamp(most_points, kFewestPoints, kMostPoints);
    // Where points begin at whole multiples, one more may be needed than fits side by side.
    const auto fitting = static_cast<std::int64_t>(most_points);
    std::int64_t times = std::max<std::int64_t>(1, (frame.to - frame.from) / (unit * fitting));
    frame.width = unit * times;
    while (frame.points() > most_points) frame.width = unit * ++times;
    return frame;
}

Frame frame_of_run(Time started, Time ended, Duration interval, std::size_t most_points) {
    Frame frame;
    // At least something: a run that has just begun.
    frame.to = std::max(ended, started) + Duration(1);
    frame.is_cut = frame.to - started > kLongestRun + Duration(1);
    frame.start = started;
    frame.from = frame.is_cut ? frame.to - kLongestRun : started;
    return refined(frame, interval, most_points);
}

Frame frame_of_period(Time now, Duration period, std::size_t most_points) {
    Frame frame;
    frame.to = now + Duration(1);
    frame.start = frame.from = now - period;
    return refined(frame, kFinest, most_points);
}

}  // namespace pintle::chart
