#include "series/log_follow.hpp"

#include "base/text.hpp"

namespace pintle::series {

Result<LogCursor> LogCursor::parse(std::string_view text) {
    const std::size_t dash = text.find('-');
    if (dash != std::string_view::npos) {
        const auto offset = parse_int(text.substr(0, dash));
        const auto line = parse_int(text.substr(dash + 1));
        if (offset && line && *offset >= 0 && *line >= 1)
            return LogCursor{static_cast<std::uint64_t>(*offset), static_cast<std::uint64_t>(*line)};
    }
    return fail(ErrorCode::kInvalid, "expected a log position like \"123456-789\", got \"{}\"",
                to_valid_utf8(text.substr(0, 100)));
}

std::string LogCursor::to_text() const { return fmt::format("{}-{}", offset, line); }

Result<LogFollowed> follow(const LogReader& reader, const LogCursor& cursor, LogQuery limits) {
    limits.from = LogQuery::From::kOffset;
    limits.at = cursor.offset;
    LogFollowed followed;
    followed.page = TRY(reader.read(limits));
    followed.cursor = LogCursor::after(followed.page);
    const bool shorter = followed.page.begin_offset < cursor.offset;
    const bool other_line = followed.page.begin_offset == cursor.offset && followed.page.begin_line != cursor.line;
    followed.changed = shorter || other_line;
    return followed;
}

}  // namespace pintle::series
