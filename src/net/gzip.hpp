#pragma once

#include <string>
#include <string_view>

#include "net/http_message.hpp"

namespace pintle::net {

/// Below this a compressed answer saves less than its work costs, and fits into one packet anyway.
inline constexpr std::size_t kGzipFromBytes = 1024;

/// Whether a client takes gzip by its Accept-Encoding: "gzip", "gzip;q=0.5", or "*" unless gzip is refused by name.
/// Any thread.
[[nodiscard]] bool takes_gzip(std::string_view accept_encoding);

/// The text as a gzip stream, made quickly rather than as small as possible. Any thread. Empty when there is no memory
/// for it; a stream is never empty.
[[nodiscard]] std::string gzip(std::string_view text);

/// Compresses the body if it is worth it and the request takes it, and says in `Vary` that others may get it as it is.
/// Leaves alone what is compressed already. It is for the caller to decide what may be compressed at all: the length of
/// a compressed text tells whether its parts resemble each other. Any thread.
void gzip_answer(Response& response, const Request& request);

}  // namespace pintle::net
