#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/time.hpp"
#include "net/http_message.hpp"

namespace pintle::net {

/// Where a request goes on to, and what is watched on the way. The functions are called on the I/O thread, must be
/// quick and must not throw, except where said.
struct Forward {
    std::string host;  ///< An address: "127.0.0.1", "::1".
    std::uint16_t port = 0;
    std::string target;  ///< As the other server is to see it: "/a?b".
    /// What the other server gets. Headers of one hop are taken out and those of the framing are made anew.
    Headers headers;
    std::string key;  ///< Exchanges with the same key share Options::max_exchanges_per_key.
    /// May change the headers of the answer before they go to the client.
    std::function<void(int status, Headers& headers)> on_answer = {};
    /// What the client sends: bodies without their framing, and all that goes through a tunnel.
    std::function<void(std::string_view bytes)> on_sent = {};
    /// After all of it.
    std::function<void()> on_end = {};
    /// Asked again and again while it goes on, on a worker thread, may block: false ends it at once.
    std::function<bool()> may_go_on = {};
    /// What to answer instead when the other server does not; `why` is half a sentence: "nothing listens there".
    std::function<Response(std::string_view why)> on_fault = {};
};

/// A server that hands requests on to other servers, HTTP/1.1 on both sides. Bodies are streamed in both directions
/// and never held as a whole; what one side does not take the other is not asked for. A WebSocket's bytes pass as they
/// are once the other server has agreed (101). Every request gets a connection of its own to the other server.
///
/// Threading: one I/O thread for all sockets, a few workers for decisions. stop() and the destructor from any thread
/// but these. Ownership: owns its threads. Failure: open() says in words why it cannot listen; later there are none:
/// who sends nonsense is answered and cut off, on either side.
class ProxyServer {
public:
    struct Options {
        std::string listen = "127.0.0.1:0";
        std::size_t max_connections = 2048;       ///< Further ones get 503.
        std::size_t max_exchanges_per_key = 256;  ///< Further ones get 503.
        std::size_t head_limit_bytes = 32 << 10;
        std::size_t answer_head_limit_bytes = 64 << 10;
        Duration request_timeout = std::chrono::seconds(30);  ///< From the first byte of a head to its last.
        Duration idle_timeout = std::chrono::seconds(75);     ///< Between requests.
        Duration connect_timeout = std::chrono::seconds(5);
        /// Without a byte taken by who should read, or sent by who has announced a body. A side that has nothing to
        /// send may be quiet for ever.
        Duration stall_timeout = std::chrono::minutes(5);
        Duration half_closed_timeout = std::chrono::minutes(1);  ///< Without a byte, once one side has ended.
        Duration recheck = std::chrono::seconds(2);              ///< How often Forward::may_go_on is asked.
        std::size_t worker_threads = 3;
        std::size_t request_queue = 512;  ///< Requests that wait for a decision; more get 503.
    };
    using Verdict = std::variant<Response, Forward>;
    /// Says what to do with a request by its head; the body is empty. On a worker thread; may block. What it throws
    /// is answered with 500.
    using Decide = std::function<Verdict(const Request& head)>;

    [[nodiscard]] static Result<std::unique_ptr<ProxyServer>> open(Options options, Decide decide);
    ~ProxyServer();

    /// What is really bound: "127.0.0.1:41234".
    [[nodiscard]] const std::string& address() const;
    /// Ends everything that is under way and joins all threads. Doing it twice is not an error.
    void stop();

private:
    class Impl;
    explicit ProxyServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// The headers without those that are about one hop only (RFC 9110, 7.6.1), those that `Connection` names included.
[[nodiscard]] Headers end_to_end(const Headers& headers);
/// Whether the request asks to become a WebSocket.
[[nodiscard]] bool asks_for_websocket(const Request& head);

}  // namespace pintle::net
