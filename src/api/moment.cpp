#include "api/moment.hpp"

#include "base/text.hpp"

namespace pintle::api {
namespace {

std::optional<Duration> unit_from(char letter) {
    switch (letter) {
        case 's': return std::chrono::seconds(1);
        case 'm': return std::chrono::minutes(1);
        case 'h': return std::chrono::hours(1);
        case 'd': return std::chrono::days(1);
        default: return std::nullopt;
    }
}

}  // namespace

std::optional<Time> moment_from(std::string_view text, Time now) {
    constexpr std::int64_t kMost = 1'000'000'000;  // seconds, which is about 30 years
    if (const auto time = time_from_iso(text)) return *time;
    if (text.size() < 2) return std::nullopt;
    const auto number = parse_int(text.substr(0, text.size() - 1));
    const auto unit = unit_from(text.back());
    if (!number || !unit || *number < 0 || *number > kMost) return std::nullopt;
    const Duration ago = *unit * *number;
    if (ago > std::chrono::seconds(kMost)) return std::nullopt;
    return now - ago;
}

Result<std::optional<Time>> read_moment(const Call& call, std::string_view parameter) {
    if (!call.has_query(parameter)) return std::optional<Time>();
    const std::string text = call.query(parameter);
    const auto time = moment_from(text, call.services.deps.clock.now());
    if (time) return time;
    return fail(ErrorCode::kInvalid,
                "the parameter {}: expected a time such as 2026-03-01T12:00:00Z, or how long ago such as 1h or 7d, "
                "got \"{}\"",
                parameter, to_valid_utf8(text.substr(0, 100)));
}

}  // namespace pintle::api
