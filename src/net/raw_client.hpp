#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "net/http_message.hpp"
#include "os/unique_fd.hpp"

namespace pintle::net::testing {

/// A client for tests that sends whatever bytes it is told to, over a real socket. One thread. Waiting has a generous
/// limit, so that a broken server fails a test instead of hanging it.
class RawClient {
public:
    /// `address` as HttpServer::address() gives it. A small receive buffer makes a slow reader noticeable soon.
    explicit RawClient(const std::string& address, int receive_buffer_bytes = 0);

    /// The end of a connection that somebody else has made.
    explicit RawClient(os::UniqueFd fd) : fd_(std::move(fd)) {}

    /// False when the server no longer takes anything.
    bool send(std::string_view bytes);
    /// Reads until `end` has been seen and returns everything up to and including it; what came before the end of the
    /// connection when it never comes.
    [[nodiscard]] std::string read_until(std::string_view end);
    /// One answer with a Content-Length; status 0 when the connection ended before. `head_only` for HEAD.
    [[nodiscard]] Response read_answer(bool head_only = false);
    /// Everything until the server closes.
    [[nodiscard]] std::string read_all();
    /// Whether the server closed the connection after what has been read. Waits for it.
    [[nodiscard]] bool is_closed();
    /// Tells the server that nothing more comes, and goes on reading.
    void finish_sending();
    /// Closes at once; with a reset when `reset`.
    void close(bool reset = false);

private:
    bool receive();

    os::UniqueFd fd_;
    std::string received_;
};

/// A server for tests that says whatever bytes it is told to: each accepted connection is a RawClient. One thread.
class RawListener {
public:
    RawListener();
    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// Waits for a client.
    [[nodiscard]] RawClient accept(int receive_buffer_bytes = 0);
    /// Whether a client waits within that time.
    [[nodiscard]] bool has_client(int within_ms);

private:
    os::UniqueFd fd_;
    std::uint16_t port_ = 0;
};

/// Undoes the chunked transfer coding of a whole body.
[[nodiscard]] std::string unchunk(std::string_view body);

}  // namespace pintle::net::testing
