#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/http_message.hpp"

namespace pintle::net {

/// A fault that the server itself answers, with the words of the public error codes.
struct ServerFault {
    int status = 0;
    std::string_view code;  ///< "invalid", "exhausted", …
    std::string message;
};

/// The answer to a fault: `{"code":…,"message":…,"details":[],"request_id":…}`.
[[nodiscard]] Response fault_response(const ServerFault& fault, std::string_view request_id);

/// Reads one HTTP/1.x request from bytes that may be cut anywhere. Knows nothing of sockets.
///
/// Threading: one thread. Ownership: owns what it has read until take(). Failure: as a ServerFault to answer.
/// Stricter than HTTP asks, against request smuggling: one Host in HTTP/1.1, no transfer coding but "chunked", no
/// fields taken from trailers.
class RequestParser {
public:
    enum class State { kMore, kDone, kFailed };
    /// How large the body may be, asked when the method, target and headers are read. Must be quick.
    using BodyLimit = std::function<std::size_t(const Request& head)>;

    /// The smaller of the two limits holds; without `body_limit_of` there is only the first.
    RequestParser(std::size_t header_limit_bytes, std::size_t body_limit_bytes, BodyLimit body_limit_of = {});
    ~RequestParser();

    /// Reads from `bytes`, which begin with what earlier calls left unconsumed; returns how many were consumed.
    /// Must not be called with nothing, nor once it is done or failed. A fault may be noticed a few bytes late.
    std::size_t feed(std::string_view bytes);
    [[nodiscard]] State state() const;

    /// Once failed: what to answer.
    [[nodiscard]] const ServerFault& fault() const;
    /// Once done: the request, without remote address and id.
    [[nodiscard]] Request take();

    /// Whether the client waits for "100 Continue" before it sends the body; true once.
    [[nodiscard]] bool wants_continue();
    [[nodiscard]] bool reads_body() const;
    [[nodiscard]] bool keep_alive() const;
    [[nodiscard]] bool is_http_1_0() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::net
