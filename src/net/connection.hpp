#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "net/http_server.hpp"
#include "net/input_buffer.hpp"
#include "net/listen.hpp"
#include "net/request_parser.hpp"

namespace pintle::net {

/// What a connection needs of its server. I/O thread only.
class ConnectionHost {
public:
    virtual ~ConnectionHost() = default;
    /// False when no more requests can wait for a worker.
    [[nodiscard]] virtual bool dispatch(Request request, std::shared_ptr<Connection> connection,
                                        std::uint64_t exchange) = 0;
    [[nodiscard]] virtual const HttpServer::Options& options() const = 0;
    [[nodiscard]] virtual std::string new_request_id() = 0;
    /// The value for the Date header.
    [[nodiscard]] virtual const std::string& date() = 0;
    [[nodiscard]] virtual bool stopping() const = 0;
    /// The connection is closed; drops the host's share of it.
    virtual void forget(Connection& connection) = 0;
};

/// One client. I/O thread only. Owned by its host and by the operations under way; the host's share ends with close(),
/// after which every function does nothing.
///
///     idle → reading → handling → writing → idle …      one request after the other, the next is read when the
///                          ↓          ↓                  last is answered, so pipelining needs no queue
///                      streaming   lingering → closed
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(Socket socket, std::string remote, ConnectionHost& host);

    void start();
    /// Answers with this fault at once, whatever the client wants.
    void refuse(const ServerFault& fault);
    /// The answer to a request; status 0 stands for a responder that was dropped.
    void answer(std::uint64_t exchange, Response response);
    /// False when the request is no longer waiting.
    [[nodiscard]] bool begin_stream(std::uint64_t exchange, Response head, std::shared_ptr<StreamState> stream);
    void flush(const StreamState* stream);
    void cut(const StreamState* stream);
    /// The server stops: ends what waits for the client, lets running requests finish.
    void wind_down();
    /// Ends what takes longer than it may.
    void check_deadline(SteadyTime now);
    void close();

    std::size_t index = 0;  ///< The host's place for it.

private:
    enum class Phase { kIdle, kReading, kHandling, kWriting, kStreaming, kLingering, kClosed };

    void read_more();
    void on_read(std::size_t bytes);
    void read_ended();
    void parse();
    void send_continue();
    void dispatch();
    void fail(const ServerFault& fault);
    void respond(Response response);
    void on_responded();
    void await_next();
    void linger();
    void pump();
    void write_stream(bool last);
    void enter(Phase phase, Duration patience);
    void set_deadline(Duration patience);

    Socket socket_;
    const std::string remote_;
    ConnectionHost& host_;
    Phase phase_ = Phase::kIdle;
    SteadyTime deadline_ = SteadyTime::max();
    InputBuffer input_;
    bool reading_ = false;  // an asynchronous read is under way
    std::size_t lingered_bytes_ = 0;
    std::unique_ptr<RequestParser> parser_;

    // The request being answered:
    std::uint64_t exchange_ = 0;
    std::string request_id_;
    bool keep_alive_ = false;
    bool head_only_ = false;
    bool http_1_0_ = false;
    bool has_length_ = false;     // of a stream: it is sent as it is, and cut short when it ends early
    bool input_is_lost_ = false;  // what the client still sends is not understood

    // Output under way:
    bool writing_ = false;
    std::string head_;
    std::string body_;
    std::shared_ptr<StreamState> stream_;
};

}  // namespace pintle::net
