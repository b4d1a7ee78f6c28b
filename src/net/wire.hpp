#pragma once

#include <string>
#include <string_view>

#include "base/time.hpp"
#include "net/http_message.hpp"

namespace pintle::net {

/// Pieces of HTTP/1.1 as they go out, shared by the server and the proxy. Pure; any thread.

[[nodiscard]] bool may_have_body(int status);
/// "Name: value" and the end of the line.
void append_header(std::string& out, std::string_view name, std::string_view value);
/// "HTTP/1.1 404 Not Found" and the end of the line.
void append_status_line(std::string& out, int status);
/// "Sun, 06 Nov 1994 08:49:37 GMT"
[[nodiscard]] std::string http_date(Time time);

}  // namespace pintle::net
