#pragma once

#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "json/value.hpp"
#include "net/http_message.hpp"

namespace pintle::api {

/// Answers as values. Pure; any thread.

[[nodiscard]] net::Response json_answer(const json::Value& value, int status = 200);
[[nodiscard]] net::Response text_answer(std::string text, std::string_view content_type, int status = 200);
/// `{"code","message","details","request_id"}` with the status of the code.
[[nodiscard]] net::Response error_answer(const Error& error, const std::string& request_id);
/// An error for a body over its limit: kExhausted, which error_answer() gives status 413 when `details` is marked so.
[[nodiscard]] Error too_large(std::string_view what, std::size_t limit_bytes);
/// The same for what does not fit on a disk or into a quota, which becomes 507.
[[nodiscard]] Error no_space(std::string message);

/// Headers that every answer carries.
void add_common_headers(net::Headers& headers);
/// `attachment; filename="…"`, safe for any name.
[[nodiscard]] std::string attachment(std::string_view file_name);

/// A list as the API gives it: `{"items": …, "next_cursor": …}`; an empty cursor becomes null.
[[nodiscard]] json::Value page_value(json::Array items, const std::string& next_cursor);
/// The ISO time, or null for the epoch, which means "not yet".
[[nodiscard]] json::Value time_value(Time time);
/// Null for an empty text.
[[nodiscard]] json::Value text_or_null(const std::string& text);
[[nodiscard]] json::Value fault_value(const Fault& fault);

}  // namespace pintle::api
