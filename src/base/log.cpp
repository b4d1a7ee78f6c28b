#include "base/log.hpp"

#include <unistd.h>

#include <atomic>
#include <string>

#include "base/time.hpp"

namespace pintle::log {
namespace {

std::atomic<Level> g_level{Level::kInfo};

constexpr std::string_view name_of(Level level) {
    switch (level) {
        case Level::kDebug: return "debug";
        case Level::kInfo: return "info";
        case Level::kWarn: return "warn";
        case Level::kError: return "error";
        case Level::kOff: return "off";
    }
    return "error";
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string as_json(Level level, std::string_view event, std::initializer_list<Field> fields) {
    std::string line = fmt::format(R"({{"time":"{}","level":"{}","event":{})", to_iso(SystemClock().now()),
                                   name_of(level), quoted(event));
    for (const Field& field : fields) line += fmt::format(",{}:{}", quoted(field.name), quoted(field.value));
    return line + "}\n";
}

std::string as_logfmt(Level level, std::string_view event, std::initializer_list<Field> fields) {
    std::string line = fmt::format("{} {:5} {}", to_iso(SystemClock().now()), name_of(level), event);
    for (const Field& field : fields) {
        const bool plain = !field.value.empty() && field.value.find_first_of(" \"=\n") == std::string::npos;
        line += fmt::format(" {}={}", field.name, plain ? field.value : quoted(field.value));
    }
    return line + "\n";
}

}  // namespace

void set_level(Level level) { g_level = level; }
bool enabled(Level level) { return level >= g_level.load(std::memory_order_relaxed); }

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
    if (!enabled(level)) return;
    static const bool terminal = ::isatty(STDERR_FILENO) == 1;
    const std::string line = terminal ? as_logfmt(level, event, fields) : as_json(level, event, fields);
    // One write keeps the line whole; nothing useful can be done when standard error is gone.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace pintle::log
