#include "net/proxy_connection.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/write.hpp>

#include "base/text.hpp"
#include "net/wire.hpp"

namespace pintle::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using State = MessageReader::State;

constexpr std::size_t kReadBytes = 64 << 10;
constexpr std::size_t kFirstReadBytes = 8 << 10;
constexpr std::size_t kLingerBytes = 8 << 20;
constexpr Duration kLinger = std::chrono::seconds(2);
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

void append_chunk(std::string& out, std::string_view part) {
    if (part.empty()) return;
    out += fmt::format("{:x}\r\n", part.size());
    out += part;
    out += "\r\n";
}

std::string why_not(const error_code& ec) {
    if (ec == asio::error::connection_refused) return "nothing listens there";
    return ec.message();
}

}  // namespace

ProxyConnection::ProxyConnection(Socket socket, std::string remote, ProxyHost& host)
    : socket_(std::move(socket)), remote_(std::move(remote)), host_(host) {}

void ProxyConnection::start() {
    enter(Phase::kIdle, std::min(host_.options().request_timeout, host_.options().idle_timeout));
    read_client();
}

void ProxyConnection::refuse(const ServerFault& fault) { fail(fault); }

void ProxyConnection::enter(Phase phase, Duration patience) {
    phase_ = phase;
    deadline_ = patience == Duration::max() ? SteadyTime::max() : std::chrono::steady_clock::now() + patience;
}

void ProxyConnection::stir_up(bool waits) {
    up_deadline_ =
        waits ? std::chrono::steady_clock::now() + host_.options().stall_timeout : SteadyTime::max();
}

void ProxyConnection::stir_down(bool waits) {
    down_deadline_ =
        waits ? std::chrono::steady_clock::now() + host_.options().stall_timeout : SteadyTime::max();
}

// --- the client's requests ---

void ProxyConnection::await_next() {
    enter(Phase::kIdle, host_.options().idle_timeout);
    if (!reading_) input_.shrink();
    parse_head();
}

void ProxyConnection::read_client() {
    if (reading_ || client_ended_ || phase_ == Phase::kClosed) return;
    const bool head = phase_ == Phase::kIdle || phase_ == Phase::kHead;
    const auto [data, size] =
        input_.room(head ? kFirstReadBytes : kReadBytes, host_.options().head_limit_bytes + kReadBytes);
    if (size == 0) return;  // So much is there already that the end can wait.
    reading_ = true;
    socket_.async_read_some(asio::buffer(data, size), [self = shared_from_this()](error_code ec, std::size_t bytes) {
        self->reading_ = false;
        if (self->phase_ == Phase::kClosed) return;
        if (ec == asio::error::eof) {
            self->client_ended_ = true;
            self->on_client_ended();
        } else if (ec) {
            self->close();
        } else {
            self->on_client_read(bytes);
        }
    });
}

void ProxyConnection::on_client_read(std::size_t bytes) {
    if (phase_ == Phase::kLingering) {
        // Nobody reads this; only the end of it matters. A client that sends without end is cut off.
        lingered_bytes_ += bytes;
        if (lingered_bytes_ > kLingerBytes) return close();
        return read_client();
    }
    input_.commit(bytes);
    switch (phase_) {
        case Phase::kIdle:
        case Phase::kHead: return parse_head();
        case Phase::kExchange: return pump_request();
        case Phase::kTunnel: return tunnel_up();
        case Phase::kDeciding:
        case Phase::kConnecting:
        case Phase::kAnswering:
        case Phase::kLingering:
        case Phase::kClosed: return;  // Looked at when the phase is over.
    }
}

void ProxyConnection::on_client_ended() {
    switch (phase_) {
        case Phase::kIdle:
        case Phase::kHead:
        case Phase::kLingering: return close();
        case Phase::kTunnel: return tunnel_up();
        case Phase::kExchange:
            if (!request_is_read()) return close();
            // It may still read the answer; but nothing tells whether it does while there is nothing to send.
            deadline_ = std::chrono::steady_clock::now() + host_.options().half_closed_timeout;
            return;
        case Phase::kDeciding:
        case Phase::kConnecting:
        case Phase::kAnswering:
        case Phase::kClosed: return;
    }
}

void ProxyConnection::parse_head() {
    if (phase_ == Phase::kIdle) {
        // Empty lines before a request are allowed and mean nothing.
        input_.consume(std::min(input_.unread().find_first_not_of("\r\n"), input_.unread().size()));
        if (input_.unread().empty()) return client_ended_ ? close() : read_client();
        request_ = std::make_unique<MessageReader>(MessageReader::Kind::kRequest, host_.options().head_limit_bytes);
        enter(Phase::kHead, host_.options().request_timeout);
    }
    std::string body;
    if (!input_.unread().empty()) input_.consume(request_->feed(input_.unread(), body));
    if (request_->state() == State::kFailed) return fail(request_->fault());
    if (request_->state() == State::kHead) {
        if (client_ended_) return close();
        if (input_.unread().size() > host_.options().head_limit_bytes)
            return fail({431, "exhausted", "the head of the request is too large"});
        return read_client();
    }
    const MessageReader::Head& head = request_->head();
    ++turn_;
    request_id_ = host_.new_request_id();
    keep_alive_ = request_->keep_alive();
    Result<Target> target = parse_target(head.target);
    if (!target) return fail({400, "invalid", target.error().message});
    Request request;
    request.method = head.method;
    request.target = head.target;
    request.path = std::move(target->path);
    request.segments = std::move(target->segments);
    request.query = std::move(target->query);
    request.headers = head.headers;
    request.remote = remote_;
    request.request_id = request_id_;
    websocket_ = !head.http_1_0 && asks_for_websocket(request) && !request_->has_body();
    wants_continue_ =
        !head.http_1_0 && request_->has_body() && is_same_header(trim(head.headers.get("Expect")), "100-continue");
    enter(Phase::kDeciding, Duration::max());
    if (!host_.decide(std::move(request), shared_from_this()))
        respond(fault_response({503, "exhausted", "too many requests wait; try again in a moment"}, request_id_));
}

void ProxyConnection::fail(const ServerFault& fault) {
    keep_alive_ = false;
    request_id_ = host_.new_request_id();
    respond(fault_response(fault, request_id_));
}

void ProxyConnection::decided(ProxyServer::Verdict verdict) {
    if (phase_ != Phase::kDeciding) return;
    if (auto* response = std::get_if<Response>(&verdict)) return respond(std::move(*response));
    forward_ = std::move(std::get<Forward>(verdict));
    keyed_ = host_.begin_exchange(forward_.key);
    if (!keyed_) {
        return respond(fault_response(
            {503, "exhausted", "too many requests to this component are under way; close some of its tabs"},
            request_id_));
    }
    connect();
}

// --- answers of our own ---

void ProxyConnection::respond(Response response) {
    drop_leg();
    const bool head_only = request_ && request_->head().method == "HEAD";
    const bool unread = request_ && !request_is_read();
    keep_alive_ = keep_alive_ && !unread && request_ && request_->state() == State::kDone;
    output_.clear();
    append_status_line(output_, response.status);
    for (const auto& [name, value] : end_to_end(response.headers)) append_header(output_, name, value);
    append_header(output_, "X-Request-Id", request_id_);
    append_header(output_, "Date", http_date(host_.now()));
    if (may_have_body(response.status)) append_header(output_, "Content-Length", std::to_string(response.body.size()));
    append_header(output_, "Connection", keep_alive_ ? "keep-alive" : "close");
    output_ += "\r\n";
    if (!head_only && may_have_body(response.status)) output_ += response.body;
    enter(Phase::kAnswering, host_.options().stall_timeout);
    asio::async_write(socket_, asio::buffer(output_), [self = shared_from_this()](error_code ec, std::size_t) {
        if (self->phase_ != Phase::kAnswering) return;
        if (ec) return self->close();
        self->finish_response();
    });
}

void ProxyConnection::finish_response() {
    output_ = {};
    if (keep_alive_) return await_next();
    linger();
}

/// Closing with unread input would make the kernel send a reset, which can destroy the answer before the client reads
/// it. So only our side is closed, and the client has a moment to close its own.
void ProxyConnection::linger() {
    error_code ec;
    socket_.shutdown(Socket::shutdown_send, ec);
    if (ec || client_ended_) return close();
    enter(Phase::kLingering, std::min(kLinger, host_.options().request_timeout));
    lingered_bytes_ = 0;
    if (!reading_) input_.clear();
    read_client();
}

bool ProxyConnection::request_is_read() const { return request_->state() == State::kDone; }

// --- to the other server ---

void ProxyConnection::connect() {
    enter(Phase::kConnecting, host_.options().connect_timeout);
    leg_ = std::make_shared<Leg>(host_.io());
    error_code ec;
    const asio::ip::address address = asio::ip::make_address(forward_.host, ec);
    if (ec) return upstream_failed("its address is none");
    leg_->socket.async_connect(tcp::endpoint(address, forward_.port),
                               [self = shared_from_this(), leg = leg_](error_code failed) {
                                   if (self->leg_ != leg || self->phase_ != Phase::kConnecting) return;
                                   if (failed) return self->upstream_failed(why_not(failed));
                                   self->connected();
                               });
}

void ProxyConnection::connected() {
    if (set_up(leg_->socket).empty()) return upstream_failed("it has closed the connection");
    enter(Phase::kExchange, client_ended_ ? host_.options().half_closed_timeout : Duration::max());
    recheck_at_ = std::chrono::steady_clock::now() + host_.options().recheck;
    answer_begun_ = answer_done_ = false;
    request_sent_ = request_is_read();  // Without a body the head is all.
    expect_answer();
    begin_request();
    read_upstream();
    if (!wants_continue_) return write_upstream();
    wants_continue_ = false;
    writing_ = true;
    asio::async_write(socket_, asio::buffer(kContinue),
                      [self = shared_from_this(), leg = leg_](error_code ec, std::size_t) {
                          self->writing_ = false;
                          if (self->leg_ != leg) return;
                          if (ec) return self->close();
                          self->write_upstream();
                          if (self->leg_ == leg) self->pump_answer();
                      });
}

void ProxyConnection::expect_answer() {
    const bool head_only = request_->head().method == "HEAD";
    answer_ = std::make_unique<MessageReader>(
        head_only ? MessageReader::Kind::kResponseToHead : MessageReader::Kind::kResponse,
        host_.options().answer_head_limit_bytes);
}

/// The head of the request as the other server gets it, in the output to it.
void ProxyConnection::begin_request() {
    std::string& out = leg_->output;
    out = request_->head().method + " " + forward_.target + " HTTP/1.1\r\n";
    for (const auto& [name, value] : end_to_end(forward_.headers)) append_header(out, name, value);
    if (request_->length()) {
        append_header(out, "Content-Length", std::to_string(*request_->length()));
    } else if (request_->has_body()) {
        append_header(out, "Transfer-Encoding", "chunked");
    }
    append_header(out, "Connection", websocket_ ? "Upgrade" : "close");
    if (websocket_) append_header(out, "Upgrade", "websocket");
    out += "\r\n";
}

void ProxyConnection::pump_request() {
    if (!leg_ || leg_->writing || answer_done_) return;
    if (request_sent_ || leg_->broken) {
        stir_up(false);
        // Finds out when the client goes. The next request waits where it is: nothing is read behind it, so that no
        // read is under way when it is taken.
        if (input_.unread().empty()) read_client();
        return;
    }
    std::string part;
    if (!request_is_read() && !input_.unread().empty()) input_.consume(request_->feed(input_.unread(), part));
    if (request_->state() == State::kFailed) return answer_begun_ ? close() : fail(request_->fault());
    if (!part.empty() && forward_.on_sent) forward_.on_sent(part);
    if (request_->length()) {
        leg_->output = std::move(part);
    } else {
        append_chunk(leg_->output, part);
        if (request_is_read()) leg_->output += "0\r\n\r\n";
    }
    if (request_is_read()) request_sent_ = true;
    if (!leg_->output.empty()) return write_upstream();
    if (request_sent_) return pump_request();
    if (client_ended_) return close();
    stir_up(true);
    read_client();
}

void ProxyConnection::write_upstream() {
    leg_->writing = true;
    stir_up(true);
    asio::async_write(leg_->socket, asio::buffer(leg_->output),
                      [self = shared_from_this(), leg = leg_](error_code ec, std::size_t) {
                          leg->writing = false;
                          if (self->leg_ != leg) return;
                          leg->output.clear();
                          // It may have answered already, and then has the last word; whether it has the reading will
                          // tell.
                          if (ec) leg->broken = true;
                          if (self->phase_ == Phase::kTunnel) return ec ? self->close() : self->tunnel_up();
                          self->pump_request();
                      });
}

// --- back to the client ---

void ProxyConnection::read_upstream() {
    if (!leg_ || leg_->reading || leg_->ended) return;
    const auto [data, size] = leg_->input.room(kReadBytes, host_.options().answer_head_limit_bytes + kReadBytes);
    if (size == 0) return upstream_failed("its answer is not HTTP");
    leg_->reading = true;
    leg_->socket.async_read_some(asio::buffer(data, size),
                                 [self = shared_from_this(), leg = leg_](error_code ec, std::size_t bytes) {
                                     leg->reading = false;
                                     if (self->leg_ != leg) return;
                                     if (ec) {
                                         leg->ended = true;
                                         if (self->phase_ == Phase::kTunnel && ec != asio::error::eof)
                                             return self->close();
                                     } else {
                                         leg->input.commit(bytes);
                                     }
                                     if (self->phase_ == Phase::kTunnel) return self->tunnel_down();
                                     self->pump_answer();
                                 });
}

void ProxyConnection::pump_answer() {
    if (!leg_ || writing_ || phase_ != Phase::kExchange) return;
    std::string part;
    if (!leg_->input.unread().empty()) {
        const std::size_t consumed = answer_->feed(leg_->input.unread(), part);
        leg_->input.consume(consumed);
    }
    if (leg_->ended && answer_->state() != State::kFailed &&
        (leg_->input.unread().empty() || (part.empty() && answer_begun_))) {
        answer_->end();
    }
    if (answer_->state() == State::kFailed)
        return upstream_failed(leg_->ended ? "it has closed the connection" : "its answer is not HTTP");
    if (!answer_begun_ && answer_->state() != State::kHead && !read_answer_head()) return;
    if (answer_begun_) frame_answer(part);
    if (!output_.empty()) return write_client();
    if (answer_done_) return finish_exchange();
    // What the reader waits for the rest of may hide that more can be read.
    if (leg_->ended) return upstream_failed("it has closed the connection");
    read_upstream();
}

/// Begins the answer to the client with what the head says. False when that was not the answer yet, or no good one.
bool ProxyConnection::read_answer_head() {
    const int status = answer_->head().status;
    if (status == 101) {
        const bool agreed = websocket_ && is_same_header(trim(answer_->head().headers.get("Upgrade")), "websocket");
        if (!agreed) {
            upstream_failed("its answer is not HTTP");
            return false;
        }
    } else if (status < 200) {
        // Hints before the answer are for one hop; the client has had its 100 already.
        expect_answer();
        pump_answer();
        return false;
    }
    answer_begun_ = true;
    Headers headers = end_to_end(answer_->head().headers);
    if (forward_.on_answer) forward_.on_answer(status, headers);
    append_status_line(output_, status);
    for (const auto& [name, value] : end_to_end(headers)) append_header(output_, name, value);
    if (status == 101) {
        output_ += "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        begin_tunnel();
        return false;
    }
    const bool body_follows = answer_->has_body();
    const bool bodiless = request_->head().method == "HEAD" || status == 304;
    const std::string* length = answer_->head().headers.find("Content-Length");
    if (answer_->length() && body_follows) {
        append_header(output_, "Content-Length", std::to_string(*answer_->length()));
    } else if (body_follows) {
        answer_chunked_ = !request_->head().http_1_0;
        if (answer_chunked_) append_header(output_, "Transfer-Encoding", "chunked");
        if (!answer_chunked_) keep_alive_ = false;
    } else if (bodiless) {
        if (length != nullptr && parse_int(*length)) append_header(output_, "Content-Length", *length);
    } else if (may_have_body(status)) {
        append_header(output_, "Content-Length", "0");
    }
    append_header(output_, "Connection", keep_alive_ ? "keep-alive" : "close");
    output_ += "\r\n";
    if (!body_follows) answer_chunked_ = false;
    return true;
}

void ProxyConnection::frame_answer(const std::string& part) {
    if (answer_chunked_) {
        append_chunk(output_, part);
    } else {
        output_ += part;
    }
    if (answer_->state() != State::kDone || answer_done_) return;
    if (answer_chunked_) output_ += "0\r\n\r\n";
    answer_done_ = true;
}

void ProxyConnection::write_client() {
    writing_ = true;
    stir_down(true);
    if (client_ended_) deadline_ = std::chrono::steady_clock::now() + host_.options().half_closed_timeout;
    asio::async_write(socket_, asio::buffer(output_),
                      [self = shared_from_this(), leg = leg_](error_code ec, std::size_t) {
                          self->writing_ = false;
                          if (self->phase_ == Phase::kClosed || self->leg_ != leg) return;
                          self->stir_down(false);
                          self->output_.clear();
                          if (ec) return self->close();
                          if (self->phase_ == Phase::kTunnel) return self->tunnel_down();
                          if (self->answer_done_) return self->finish_exchange();
                          self->pump_answer();
                      });
}

/// Says why, where the client has heard nothing yet. Else the only way to tell it is to break off.
void ProxyConnection::upstream_failed(std::string_view why) {
    if (answer_begun_ && phase_ != Phase::kConnecting) return close();
    if (writing_) return close();  // A "100 Continue" is on its way.
    Response response =
        forward_.on_fault
            ? forward_.on_fault(why)
            : fault_response({502, "unavailable", fmt::format("the other server gave no answer: {}", why)},
                             request_id_);
    if (!request_is_read()) keep_alive_ = false;
    respond(std::move(response));
}

void ProxyConnection::finish_exchange() {
    drop_leg();
    if (!request_is_read()) keep_alive_ = false;
    if (keep_alive_ && !client_ended_) return await_next();
    if (!request_is_read()) return linger();
    error_code ignored;
    socket_.shutdown(Socket::shutdown_both, ignored);
    close();
}

void ProxyConnection::drop_leg() {
    recheck_at_ = SteadyTime::max();
    up_deadline_ = down_deadline_ = SteadyTime::max();
    if (leg_) {
        error_code ignored;
        leg_->socket.close(ignored);
        leg_.reset();
    }
    if (std::exchange(keyed_, false)) host_.end_exchange(forward_.key);
    if (forward_.on_end) forward_.on_end();
    forward_ = Forward();
    answer_.reset();
    answer_begun_ = false;
}

// --- tunnels ---

void ProxyConnection::begin_tunnel() {
    enter(Phase::kTunnel, client_ended_ ? host_.options().half_closed_timeout : Duration::max());
    stir_up(false);
    write_client();
    if (!leg_->writing) tunnel_up();
}

/// What the client sends. One write at a time from the very place it was read to.
void ProxyConnection::tunnel_up() {
    if (!leg_ || leg_->writing || reading_) return;
    stir_up(false);
    if (!input_.unread().empty()) {
        if (deadline_ != SteadyTime::max())
            deadline_ = std::chrono::steady_clock::now() + host_.options().half_closed_timeout;
        if (forward_.on_sent) forward_.on_sent(input_.unread());
        leg_->output.assign(input_.unread());
        input_.clear();
        return write_upstream();
    }
    if (!client_ended_) return read_client();
    error_code ignored;
    leg_->socket.shutdown(Socket::shutdown_send, ignored);
    leg_->broken = true;
    tunnel_ended();
}

void ProxyConnection::tunnel_down() {
    if (!leg_ || writing_ || leg_->reading) return;
    if (!leg_->input.unread().empty()) {
        output_.assign(leg_->input.unread());
        leg_->input.clear();
        if (deadline_ != SteadyTime::max())
            deadline_ = std::chrono::steady_clock::now() + host_.options().half_closed_timeout;
        return write_client();
    }
    if (!leg_->ended) return read_upstream();
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    tunnel_ended();
}

/// One direction is over. The other one gets some time, since programs may still have something to say.
void ProxyConnection::tunnel_ended() {
    if (leg_->ended && leg_->broken) return close();
    deadline_ = std::chrono::steady_clock::now() + host_.options().half_closed_timeout;
}

// --- time ---

void ProxyConnection::check_time(SteadyTime now) {
    if (now >= std::min({deadline_, up_deadline_, down_deadline_})) {
        if (phase_ == Phase::kHead) return fail({408, "timeout", "the request did not arrive in time"});
        if (phase_ == Phase::kConnecting) return upstream_failed("it takes no connection");
        return close();
    }
    if (now < recheck_at_ || !forward_.may_go_on) return;
    recheck_at_ = now + host_.options().recheck;
    host_.recheck(forward_.may_go_on, shared_from_this());
}

void ProxyConnection::cut(std::uint64_t turn) {
    if (turn == turn_ && (phase_ == Phase::kExchange || phase_ == Phase::kTunnel)) close();
}

void ProxyConnection::close() {
    if (phase_ == Phase::kClosed) return;
    phase_ = Phase::kClosed;
    deadline_ = SteadyTime::max();
    const auto self = shared_from_this();
    drop_leg();
    error_code ignored;
    socket_.close(ignored);
    host_.forget(*this);
}

}  // namespace pintle::net
