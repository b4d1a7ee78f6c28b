#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace pintle::json {

/// What the two parsers share about the text they read: UTF-8, and offsets turned into places.

/// The length of the UTF-8 sequence that starts at `at`, or 0 when it is not valid there (RFC 3629).
[[nodiscard]] std::size_t utf8_length(std::string_view text, std::size_t at);
[[nodiscard]] std::optional<std::size_t> first_invalid_utf8(std::string_view text);
/// The text after a byte order mark, if it has one.
[[nodiscard]] std::string_view without_bom(std::string_view text);

/// `what: message (line 3, column 5)` with the fault as its only detail.
[[nodiscard]] Error error_at(std::string_view what, std::string message, Place place);

/// Turns offsets into places. Asking for offsets near each other is cheap however long the lines are, because it
/// walks from the last one. Borrows the text.
class PlaceFinder {
public:
    explicit PlaceFinder(std::string_view text) : text_(text) {}
    /// Offsets past the end mean the end.
    [[nodiscard]] Place at(std::size_t offset);

private:
    void forward(std::size_t offset);
    void backward(std::size_t offset);

    std::string_view text_;
    std::size_t offset_ = 0;
    Place place_{1, 1};
};

}  // namespace pintle::json
