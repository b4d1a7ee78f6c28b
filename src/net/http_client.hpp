#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "net/http_message.hpp"

namespace pintle::net {

struct ClientRequest {
    std::string method = "GET";
    std::string url;               ///< "http://127.0.0.1:7171/api/v1/jobs?limit=10", already percent-encoded.
    Headers headers;
    std::string body;
    Duration timeout = std::chrono::seconds(30);  ///< For all of send(); for stream() until the headers are there.
    Duration idle_timeout{0};      ///< stream() only: how long nothing may arrive, in whole seconds; 0 for any time.
    std::string unix_socket_path;  ///< Connects there instead of to the URL's host; empty for TCP.
    std::size_t response_limit_bytes = 64 << 20;
};

/// A blocking HTTP client. Keeps its connection for the next request to the same server, ignores proxies for this
/// machine, and follows no redirects.
///
/// Threading: one thread. Ownership: owns its connection. Failure: any status is an answer and not an error;
/// kUnavailable when there is nobody to answer, kTimeout, kExhausted for an answer over the limit, kInvalid for a
/// request that cannot be sent.
class HttpClient {
public:
    /// False ends the stream.
    using OnChunk = std::function<bool(std::string_view chunk)>;

    HttpClient();
    ~HttpClient();
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) noexcept;

    [[nodiscard]] Result<Response> send(const ClientRequest& request);

    /// Hands the body of a 2xx answer over as it arrives, until it ends or `on_chunk` returns false; the body of the
    /// result is then empty. Any other answer comes back as from send(), with its body.
    [[nodiscard]] Result<Response> stream(const ClientRequest& request, const OnChunk& on_chunk);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::net
