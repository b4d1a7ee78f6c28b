#pragma once

#include <memory>
#include <string>

#include "net/input_buffer.hpp"
#include "net/listen.hpp"
#include "net/message_reader.hpp"
#include "net/proxy_server.hpp"

namespace pintle::net {

class ProxyConnection;

/// What a connection of the proxy needs of its server. I/O thread only.
class ProxyHost {
public:
    virtual ~ProxyHost() = default;
    /// Has the request decided upon elsewhere, which comes back as decided(); false when too many wait for that.
    [[nodiscard]] virtual bool decide(Request head, std::shared_ptr<ProxyConnection> connection) = 0;
    /// Has may_go_on() asked elsewhere; a no comes back as cut().
    virtual void recheck(std::function<bool()> may_go_on, std::shared_ptr<ProxyConnection> connection) = 0;
    /// False when as many exchanges of this key are under way as may be.
    [[nodiscard]] virtual bool begin_exchange(const std::string& key) = 0;
    virtual void end_exchange(const std::string& key) = 0;
    [[nodiscard]] virtual const ProxyServer::Options& options() const = 0;
    [[nodiscard]] virtual std::string new_request_id() = 0;
    [[nodiscard]] virtual Time now() const = 0;
    [[nodiscard]] virtual boost::asio::io_context& io() = 0;
    /// The connection is closed; drops the host's share of it.
    virtual void forget(ProxyConnection& connection) = 0;
};

/// One client and, while a request of it is under way, the other server. I/O thread only. Owned by its host and by the
/// operations under way; the host's share ends with close(), after which every function does nothing.
///
///     idle → head → deciding → connecting → exchange → idle …
///                      ↓            ↓          ↓ 101
///                   answering → idle/lingering tunnel → closed
///
/// In an exchange two pumps run side by side: the request's body from the client to the server, the answer back. Each
/// reads only when what it has read before is written, so that the slower side sets the pace and memory is bounded.
class ProxyConnection : public std::enable_shared_from_this<ProxyConnection> {
public:
    ProxyConnection(Socket socket, std::string remote, ProxyHost& host);

    void start();
    void refuse(const ServerFault& fault);
    /// What is to become of the request.
    void decided(ProxyServer::Verdict verdict);
    /// The exchange may not go on.
    void cut(std::uint64_t turn);
    [[nodiscard]] std::uint64_t turn() const { return turn_; }
    void check_time(SteadyTime now);
    void close();

    std::size_t index = 0;  ///< The host's place for it.

private:
    enum class Phase { kIdle, kHead, kDeciding, kConnecting, kExchange, kTunnel, kAnswering, kLingering, kClosed };

    /// The other server's end of one exchange. Operations hold it, so that those of an ended exchange know it.
    struct Leg {
        explicit Leg(boost::asio::io_context& io) : socket(io) {}
        Socket socket;
        InputBuffer input;
        std::string output;
        bool reading = false;
        bool writing = false;
        bool ended = false;   // it has closed its side
        bool broken = false;  // it takes nothing more
    };
    using LegPtr = std::shared_ptr<Leg>;

    void enter(Phase phase, Duration patience);
    void await_next();
    void read_client();
    void on_client_read(std::size_t bytes);
    void on_client_ended();
    void parse_head();
    void fail(const ServerFault& fault);
    void respond(Response response);
    void finish_response();
    void linger();

    void connect();
    void connected();
    void expect_answer();
    void begin_request();
    void pump_request();
    void write_upstream();
    [[nodiscard]] bool request_is_read() const;

    void read_upstream();
    void pump_answer();
    [[nodiscard]] bool read_answer_head();
    void frame_answer(const std::string& part);
    void write_client();
    void upstream_failed(std::string_view why);
    void finish_exchange();
    void drop_leg();

    void begin_tunnel();
    void tunnel_up();
    void tunnel_down();
    void tunnel_ended();

    void stir_up(bool waits);
    void stir_down(bool waits);

    Socket socket_;
    const std::string remote_;
    ProxyHost& host_;
    Phase phase_ = Phase::kIdle;
    SteadyTime deadline_ = SteadyTime::max();
    SteadyTime up_deadline_ = SteadyTime::max();    // the server must have taken something, or the client sent
    SteadyTime down_deadline_ = SteadyTime::max();  // the client must have taken something
    SteadyTime recheck_at_ = SteadyTime::max();

    InputBuffer input_;
    std::string output_;
    bool reading_ = false;
    bool writing_ = false;
    bool client_ended_ = false;
    std::size_t lingered_bytes_ = 0;

    // The request under way:
    std::uint64_t turn_ = 0;
    std::string request_id_;
    std::unique_ptr<MessageReader> request_;
    Forward forward_;
    bool keyed_ = false;
    bool websocket_ = false;
    bool wants_continue_ = false;
    bool request_sent_ = false;  // all of it is with the other server
    LegPtr leg_;
    std::unique_ptr<MessageReader> answer_;
    bool answer_begun_ = false;
    bool answer_done_ = false;
    bool answer_chunked_ = false;
    bool keep_alive_ = false;
};

}  // namespace pintle::net
