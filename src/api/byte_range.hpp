#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pintle::api {

/// The part of a file that a request wants: bytes `first` up to, without, `end`.
struct ByteRange {
    std::int64_t first = 0;
    std::int64_t end = 0;
    bool operator==(const ByteRange&) const = default;
};

/// What a Range header asks of a file. Nothing: all of it, which is also the answer to what is not understood, such as
/// several ranges (RFC 9110, 14.2). An empty range: none of it is there, which is 416. Pure.
[[nodiscard]] std::optional<ByteRange> byte_range(std::string_view header, std::int64_t size_bytes);

/// The first byte that the header asks for, before the size is known; 0 for "the last N bytes" and what is not
/// understood.
[[nodiscard]] std::int64_t first_byte(std::string_view header);

}  // namespace pintle::api
