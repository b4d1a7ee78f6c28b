#include "store/cursor.hpp"

#include "base/text.hpp"
#include "store/records.hpp"

namespace pintle::store {

std::string write_cursor(char list, Cursor cursor) { return fmt::format("{}{}.{}", list, cursor.major, cursor.minor); }

Result<Cursor> read_cursor(char list, std::string_view text) {
    constexpr std::size_t kLongest = 48;
    if (text.size() > kLongest || !text.starts_with(list)) return bad_cursor();
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos) return bad_cursor();
    const auto major = parse_int(text.substr(1, dot - 1));
    const auto minor = parse_int(text.substr(dot + 1));
    if (!major || !minor) return bad_cursor();
    return Cursor{*major, *minor};
}

std::string write_name_cursor(char list, const NamePlace& place) {
    return fmt::format("{}{}.{}", list, place.id, place.name);
}

Result<NamePlace> read_name_cursor(char list, std::string_view text) {
    constexpr std::size_t kLongest = 1200;
    const std::size_t dot = text.find('.');
    if (text.size() > kLongest || !text.starts_with(list) || dot == std::string_view::npos) return bad_cursor();
    return NamePlace{std::string(text.substr(dot + 1)), std::string(text.substr(1, dot - 1))};
}

tl::unexpected<Error> bad_cursor() {
    return fail(ErrorCode::kInvalid,
                "the cursor is not one that this list gave; leave it out to start at the first page");
}

Result<void> check_limit(std::size_t limit) {
    if (limit >= 1 && limit <= kPageMost) return {};
    return fail(ErrorCode::kInvalid, "limit: expected a whole number from 1 to {}, got {}", kPageMost, limit);
}

}  // namespace pintle::store
