#pragma once

#include <chrono>
#include <string>

#include "base/result.hpp"

namespace pintle {

using Duration = std::chrono::milliseconds;
/// A moment in UTC with millisecond resolution; on the wire and on disk an ISO string or whole milliseconds.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

[[nodiscard]] inline std::int64_t to_ms(Time time) { return time.time_since_epoch().count(); }
[[nodiscard]] inline Time time_from_ms(std::int64_t ms) { return Time(Duration(ms)); }

/// "2026-03-01T12:00:00.123Z"
[[nodiscard]] std::string to_iso(Time time);
/// Reads what to_iso() writes, with or without the fraction.
[[nodiscard]] Result<Time> time_from_iso(std::string_view text);

/// "0:03", "12:40", "1:02:03", "2d 01:00": how long something took, for tables.
[[nodiscard]] std::string to_clock(Duration duration);
/// "850 ms", "14 s", "3 min 12 s", "2 h 5 min": the same in a sentence.
[[nodiscard]] std::string to_words(Duration duration);

/// Where the present time comes from. Thread safe. Pure modules never see one: time reaches them as data.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Time now() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
public:
    [[nodiscard]] Time now() const override;
};

}  // namespace pintle
