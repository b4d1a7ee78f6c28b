#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace pintle::json {

/// JSON text (RFC 8259) to values and back.
///
/// Threading: any thread. Ownership: the value owns its content; the text may go.
/// Failure: kInvalid with the line and column in details[0]; kExhausted for a text over the size limit.

struct JsonLimits {
    std::size_t max_bytes = 64u << 20;
    std::size_t max_depth = 64;
    std::size_t max_nodes = 4'000'000;  ///< Keeps `[0,0,0,…` from taking many times its size in memory.
};

/// Strict: one value, valid UTF-8, no comments, no key twice in an object. A byte order mark is skipped. Whole
/// numbers past 64 bits become doubles; a number too large for a double is refused. Members know their place,
/// and so do texts and numbers, unless they begin with an escape.
[[nodiscard]] Result<Value> parse_json(std::string_view text, const JsonLimits& limits = {});

/// On one line. NaN and infinities become null, bytes that are not UTF-8 become U+FFFD. A double is always written
/// so that it is read back as a double with the same bits.
[[nodiscard]] std::string to_json(const Value& value);
void append_json(std::string& out, const Value& value);
/// As append_json() of a Value that holds it, for those who write without making Values.
void append_json_text(std::string& out, std::string_view text);
void append_json_number(std::string& out, std::int64_t number);
/// Over several lines, indented by two spaces, without a line break at the end.
[[nodiscard]] std::string to_json_pretty(const Value& value);

}  // namespace pintle::json
