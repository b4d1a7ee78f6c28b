#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/time.hpp"
#include "net/http_message.hpp"

namespace pintle::net {

class Connection;
class Mailbox;
class StreamState;

/// An answer that is sent piece by piece, for server-sent events and log downloads.
///
/// Threading: every function from any thread; none waits for the client but wait_below().
/// Ownership: the connection ends when the last holder lets go, as if by close().
/// Failure: a client that vanished or does not read fast enough closes the stream; writes then return false.
class Stream {
public:
    explicit Stream(std::shared_ptr<StreamState> state);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    /// Queues the piece. False when the stream is closed, or when the piece no longer fits into the queue limit: then
    /// the connection is cut, because a slow client must neither block its producer nor grow the memory.
    bool write(std::string chunk);
    /// What the kernel has not taken yet.
    [[nodiscard]] std::size_t queued_bytes() const;
    /// Waits up to `patience` until no more than `bytes` are queued, for producers that can wait, such as downloads.
    /// False when the stream closed or the patience ended before.
    [[nodiscard]] bool wait_below(std::size_t bytes, Duration patience);
    [[nodiscard]] bool closed() const;
    /// Calls back once when the connection has ended, whoever ended it; at once when it already has. Usually runs on
    /// the I/O thread: it must be quick and must not throw. A second callback replaces the first.
    void on_closed(std::function<void()> callback);
    /// Ends the answer properly once the queue is sent. Further writes return false.
    void close();

private:
    const std::shared_ptr<StreamState> state_;
};

/// The way back for one request. Exactly one answer; later ones are ignored.
///
/// Threading: movable to any thread, used by one at a time; may outlive the server. Failure: destroyed without an
/// answer it answers 500. Answers to a client that has gone, or after the server stopped, are dropped.
class Responder {
public:
    Responder(std::shared_ptr<Mailbox> mailbox, std::weak_ptr<Connection> connection, std::uint64_t exchange,
              std::size_t queue_limit_bytes);
    ~Responder();
    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&&) = delete;

    void send(Response response);
    /// Begins a streamed answer; never null. The connection ends with the stream. With a Content-Length among the
    /// headers a client sees when the stream ended too early; without, how much comes need not be known.
    [[nodiscard]] std::shared_ptr<Stream> stream(int status, Headers headers);

private:
    std::shared_ptr<Mailbox> mailbox_;  // null once answered
    std::weak_ptr<Connection> connection_;
    std::uint64_t exchange_ = 0;
    std::size_t queue_limit_bytes_ = 0;
};

/// An HTTP/1.1 server: one I/O thread for all sockets, and a pool of workers that run the handler.
///
/// Threading: any thread, but stop() and the destructor never from the handler or a callback.
/// Ownership: owns its threads. Failure: open() says in words why it cannot listen; a running server has no failures,
/// bad clients get an answer or are cut off. Faults it answers itself are JSON:
/// `{"code":"exhausted","message":"…","details":[],"request_id":"…"}`.
class HttpServer {
public:
    struct Options {
        std::string listen = "127.0.0.1:7171";   ///< An address and port; "[::1]:0" picks a free port.
        std::size_t max_connections = 4096;      ///< Further ones get 503 and are closed.
        std::size_t body_limit_bytes = 16 << 20;
        /// A smaller limit for some requests, such as those of strangers; asked on the I/O thread before the body is
        /// read, with the method, target and headers only. May be empty.
        std::function<std::size_t(const Request& head)> body_limit_of = {};
        std::size_t header_limit_bytes = 16 << 10;
        Duration request_timeout = std::chrono::seconds(30);  ///< From the first byte of a request to its last.
        Duration idle_timeout = std::chrono::seconds(75);     ///< Between requests.
        Duration write_timeout = std::chrono::seconds(30);    ///< Without the client taking a byte.
        Duration stop_grace = std::chrono::seconds(5);        ///< For running requests and open streams in stop().
        std::size_t worker_threads = 4;
        std::size_t request_queue = 1024;                     ///< Requests that wait for a worker; more get 503.
        std::size_t stream_queue_limit_bytes = 1 << 20;       ///< Per stream.
    };
    /// Runs on a worker thread; may block. What it throws is answered with 500.
    using Handler = std::function<void(Request, Responder)>;

    [[nodiscard]] static Result<std::unique_ptr<HttpServer>> open(Options options, Handler handler);
    ~HttpServer();

    /// What is really bound: "127.0.0.1:41234", "[::1]:41234".
    [[nodiscard]] const std::string& address() const;
    /// Listens at one more address and port as well, which may be one that the machine does not have yet, such as that
    /// of a network that is still being made. Fails as open() does.
    [[nodiscard]] Result<void> open_side_door(const std::string& address);
    /// Listens there no more; connections go on. One that is not open is not an error.
    void close_side_door(const std::string& address);
    /// Accepts no more, closes idle connections and streams, gives running requests the grace, then cuts the rest and
    /// joins all threads; so it waits for a handler that does not return. Doing it twice is not an error.
    void stop();

private:
    class Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::net
