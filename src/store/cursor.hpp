#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace pintle::store {

/// A place in a list that is ordered by (major, minor), as text for clients: opaque to them, hostile to us.
struct Cursor {
    std::int64_t major = 0;
    std::int64_t minor = 0;
    bool operator==(const Cursor&) const = default;
};

/// `list` is a letter that keeps the cursors of different lists apart.
[[nodiscard]] std::string write_cursor(char list, Cursor cursor);
[[nodiscard]] Result<Cursor> read_cursor(char list, std::string_view text);
/// A place in a list that is ordered by (name, id); an id has no dot.
struct NamePlace {
    std::string name;
    std::string id;
    auto operator<=>(const NamePlace&) const = default;
};
[[nodiscard]] std::string write_name_cursor(char list, const NamePlace& place);
[[nodiscard]] Result<NamePlace> read_name_cursor(char list, std::string_view text);
/// The error for any cursor that was not ours.
[[nodiscard]] tl::unexpected<Error> bad_cursor();

[[nodiscard]] Result<void> check_limit(std::size_t limit);

}  // namespace pintle::store
