#include "base/time.hpp"

#include <cstdio>

namespace pintle {

using namespace std::chrono;

std::string to_iso(Time time) {
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

Result<Time> time_from_iso(std::string_view text) {
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, ms = 0, used = 0;
    const std::string copy(text);
    const int fields = std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &y, &mo, &d, &h, &mi, &s, &used);
    if (fields != 6) return fail(ErrorCode::kInvalid, "expected a time like 2026-03-01T12:00:00Z, got \"{}\"", text);
    if (used < static_cast<int>(copy.size()) && copy[static_cast<std::size_t>(used)] == '.') {
        int more = 0;
        if (std::sscanf(copy.c_str() + used, ".%3d%n", &ms, &more) == 1) used += more;
    }
    const year_month_day date(year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d)));
    if (!date.ok() || copy.substr(static_cast<std::size_t>(used)) != "Z" || h > 23 || mi > 59 || s > 60) {
        return fail(ErrorCode::kInvalid, "expected a time like 2026-03-01T12:00:00Z, got \"{}\"", text);
    }
    return Time(sys_days(date)) + hours(h) + minutes(mi) + seconds(s) + milliseconds(ms);
}

std::string to_clock(Duration duration) {
    const auto total = duration_cast<seconds>(duration).count();
    const auto s = total % 60, m = total / 60 % 60, h = total / 3600;
    if (h >= 24) return fmt::format("{}d {:02}:{:02}", h / 24, h % 24, m);
    if (h > 0) return fmt::format("{}:{:02}:{:02}", h, m, s);
    return fmt::format("{}:{:02}", m, s);
}

std::string to_words(Duration duration) {
    const auto ms = duration.count();
    if (ms < 1000) return fmt::format("{} ms", ms);
    const auto total = ms / 1000;
    if (total < 60) return fmt::format("{} s", total);
    if (total < 3600) return fmt::format("{} min {} s", total / 60, total % 60);
    if (total < 86400) return fmt::format("{} h {} min", total / 3600, total / 60 % 60);
    return fmt::format("{} d {} h", total / 86400, total / 3600 % 24);
}

Time SystemClock::now() const { return floor<milliseconds>(system_clock::now()); }

}  // namespace pintle
