#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace pintle::log {

/// error: someone must act. warn: degraded. info: a state changed. debug: for developers.
/// off: nothing at all, for programs that provoke faults by the thousand.
enum class Level { kDebug, kInfo, kWarn, kError, kOff };

/// A named value of a log line; anything fmt can print.
struct Field {
    std::string_view name;
    std::string value;

    template <class T>
    Field(std::string_view n, const T& v) : name(n), value(fmt::format("{}", v)) {}
};

/// Lines below `level` are dropped. Thread safe.
void set_level(Level level);
[[nodiscard]] bool enabled(Level level);

/// Writes one line to standard error: time, level, dotted event name, fields. logfmt on a terminal, JSON
/// otherwise. Thread safe; a line is never torn. Never pass a secret.
void write(Level level, std::string_view event, std::initializer_list<Field> fields);

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::kDebug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::kInfo, event, fields);
}
inline void warn(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::kWarn, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::kError, event, fields);
}

}  // namespace pintle::log
