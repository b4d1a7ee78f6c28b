#include "net/connection.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/write.hpp>

#include "base/log.hpp"
#include "net/stream_state.hpp"
#include "net/wire.hpp"

namespace pintle::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kReadBytes = 4 << 10;
constexpr std::size_t kReadBodyBytes = 64 << 10;
constexpr std::size_t kWriteStepBytes = 256 << 10;
constexpr std::size_t kLingerBytes = 8 << 20;
constexpr Duration kLinger = std::chrono::seconds(2);
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// Headers that say how the answer is framed or that the server adds itself; a handler must not contradict them.
bool is_own_header(std::string_view name) {
    constexpr std::array<std::string_view, 5> kOwn{"Connection", "Content-Length", "Transfer-Encoding", "X-Request-Id",
                                                   "Date"};
    return std::any_of(kOwn.begin(), kOwn.end(), [&](std::string_view own) { return is_same_header(name, own); });
}

/// The status line and the headers without the framing and the empty line.
std::string render_head(const Response& response, std::string_view request_id, std::string_view date) {
    std::string out;
    out.reserve(256);
    append_status_line(out, response.status);
    for (const auto& [name, value] : response.headers) {
        if (is_own_header(name)) continue;
        if (!is_valid_header(name, value)) {
            log::error("http.header_dropped", {{"request_id", request_id}, {"status", response.status}});
            continue;
        }
        append_header(out, name, value);
    }
    append_header(out, "X-Request-Id", request_id);
    append_header(out, "Date", date);
    return out;
}

}  // namespace

Connection::Connection(Socket socket, std::string remote, ConnectionHost& host)
    : socket_(std::move(socket)), remote_(std::move(remote)), host_(host) {}

void Connection::start() {
    enter(Phase::kIdle, std::min(host_.options().request_timeout, host_.options().idle_timeout));
    read_more();
}

void Connection::refuse(const ServerFault& fault) { fail(fault); }

void Connection::enter(Phase phase, Duration patience) {
    phase_ = phase;
    set_deadline(patience);
}

void Connection::set_deadline(Duration patience) {
    deadline_ = patience == Duration::max() ? SteadyTime::max() : std::chrono::steady_clock::now() + patience;
}

void Connection::read_more() {
    if (reading_ || phase_ == Phase::kClosed) return;
    const bool large = phase_ == Phase::kReading && parser_->reads_body();
    // Beyond the header only chunk headers and trailers stay unconsumed; they get no more room than a header does.
    const auto [data, size] =
        input_.room(large ? kReadBodyBytes : kReadBytes, host_.options().header_limit_bytes + kReadBodyBytes);
    if (size == 0) {
        fail({431, "exhausted", "a part of the request that must come as a whole is too large"});
        return;
    }
    reading_ = true;
    socket_.async_read_some(asio::buffer(data, size), [self = shared_from_this()](error_code ec, std::size_t bytes) {
        self->reading_ = false;
        if (self->phase_ == Phase::kClosed) return;
        if (ec) {
            self->read_ended();
        } else {
            self->on_read(bytes);
        }
    });
}

void Connection::on_read(std::size_t bytes) {
    switch (phase_) {
        case Phase::kIdle:
        case Phase::kReading:
            input_.commit(bytes);
            parse();
            return;
        case Phase::kStreaming:
        case Phase::kLingering:
            // Nobody reads this; only the end of it matters. A client that sends without end is cut off.
            lingered_bytes_ += bytes;
            if (lingered_bytes_ > kLingerBytes) return close();
            read_more();
            return;
        case Phase::kHandling:
        case Phase::kWriting:
            // Only left over from a read that was under way when a fault was answered.
            return;
        case Phase::kClosed: return;
    }
}

void Connection::read_ended() {
    // While an answer is written the write finds out itself whether anybody is there.
    if (phase_ != Phase::kHandling && phase_ != Phase::kWriting) close();
}

void Connection::parse() {
    if (phase_ == Phase::kIdle) {
        // Empty lines before a request are allowed and mean nothing.
        const std::size_t start = std::min(input_.unread().find_first_not_of("\r\n"), input_.unread().size());
        input_.consume(start);
        if (input_.unread().empty()) return read_more();
        parser_ = std::make_unique<RequestParser>(host_.options().header_limit_bytes, host_.options().body_limit_bytes,
                                                    host_.options().body_limit_of);
        enter(Phase::kReading, host_.options().request_timeout);
    }
    if (!input_.unread().empty()) input_.consume(parser_->feed(input_.unread()));
    switch (parser_->state()) {
        case RequestParser::State::kDone: return dispatch();
        case RequestParser::State::kFailed: return fail(parser_->fault());
        case RequestParser::State::kMore: return parser_->wants_continue() ? send_continue() : read_more();
    }
}

void Connection::send_continue() {
    writing_ = true;
    asio::async_write(socket_, asio::buffer(kContinue), [self = shared_from_this()](error_code ec, std::size_t) {
        self->writing_ = false;
        if (self->phase_ != Phase::kReading) return;
        if (ec) return self->close();
        self->read_more();
    });
}

void Connection::dispatch() {
    Request request = parser_->take();
    keep_alive_ = parser_->keep_alive();
    http_1_0_ = parser_->is_http_1_0();
    head_only_ = request.method == "HEAD";
    parser_.reset();
    request_id_ = host_.new_request_id();
    request.request_id = request_id_;
    request.remote = remote_;
    enter(Phase::kHandling, Duration::max());
    if (!host_.dispatch(std::move(request), shared_from_this(), ++exchange_)) {
        respond(fault_response({503, "exhausted", "too many requests wait for an answer; try again in a moment"},
                               request_id_));
    }
}

void Connection::fail(const ServerFault& fault) {
    keep_alive_ = false;
    head_only_ = false;
    input_is_lost_ = true;
    request_id_ = host_.new_request_id();
    ++exchange_;
    respond(fault_response(fault, request_id_));
}

void Connection::answer(std::uint64_t exchange, Response response) {
    if (phase_ != Phase::kHandling || exchange != exchange_) return;
    if (response.status < 200 || response.status > 999) {
        response = fault_response({500, "internal", "the server failed to answer this request; its log says more"},
                                  request_id_);
    }
    respond(std::move(response));
}

void Connection::respond(Response response) {
    keep_alive_ = keep_alive_ && !host_.stopping();
    head_ = render_head(response, request_id_, host_.date());
    if (may_have_body(response.status)) append_header(head_, "Content-Length", std::to_string(response.body.size()));
    if (!keep_alive_ || http_1_0_) append_header(head_, "Connection", keep_alive_ ? "keep-alive" : "close");
    head_ += "\r\n";
    body_ = head_only_ || !may_have_body(response.status) ? std::string() : std::move(response.body);
    enter(Phase::kWriting, host_.options().write_timeout);
    const auto progress = [this](error_code ec, std::size_t) -> std::size_t {
        if (ec) return 0;
        set_deadline(host_.options().write_timeout);
        return kWriteStepBytes;
    };
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head_), asio::buffer(body_)};
    asio::async_write(socket_, buffers, progress, [self = shared_from_this()](error_code ec, std::size_t) {
        if (self->phase_ != Phase::kWriting) return;
        if (ec) return self->close();
        self->on_responded();
    });
}

void Connection::on_responded() {
    body_ = {};
    if (keep_alive_ && !host_.stopping()) return await_next();
    if (input_is_lost_ && !host_.stopping()) return linger();
    error_code ignored;
    socket_.shutdown(Socket::shutdown_both, ignored);
    close();
}

void Connection::await_next() {
    enter(Phase::kIdle, host_.options().idle_timeout);
    input_.shrink();
    if (input_.unread().empty()) {
        read_more();
    } else {
        parse();
    }
}

/// Closing with unread input would make the kernel send a reset, which can destroy the answer before the client reads
/// it. So only our side is closed, and the client has a moment to close its own.
void Connection::linger() {
    error_code ec;
    socket_.shutdown(Socket::shutdown_send, ec);
    if (ec) return close();
    enter(Phase::kLingering, std::min(kLinger, host_.options().request_timeout));
    if (!reading_) input_.clear();
    read_more();
}

bool Connection::begin_stream(std::uint64_t exchange, Response head, std::shared_ptr<StreamState> stream) {
    if (phase_ != Phase::kHandling || exchange != exchange_) return false;
    stream_ = std::move(stream);
    keep_alive_ = false;
    head_ = render_head(head, request_id_, host_.date());
    const std::string* length = head.headers.find("Content-Length");
    has_length_ = length != nullptr;
    if (has_length_) append_header(head_, "Content-Length", *length);
    if (!http_1_0_ && !has_length_) append_header(head_, "Transfer-Encoding", "chunked");
    append_header(head_, "Connection", "close");
    head_ += "\r\n";
    enter(Phase::kStreaming, Duration::max());
    lingered_bytes_ = 0;
    input_.clear();
    read_more();  // Finds out when the client goes.
    if (head_only_) stream_->close();
    pump();
    return true;
}

void Connection::flush(const StreamState* stream) {
    if (phase_ == Phase::kStreaming && stream_.get() == stream) pump();
}

void Connection::cut(const StreamState* stream) {
    if (stream_.get() == stream) close();
}

void Connection::pump() {
    if (writing_) return;
    body_ = stream_->take();
    if (head_only_) {
        body_.clear();
        stream_->written();
    }
    const bool last = stream_->drained();
    if (body_.empty() && head_.empty() && !last) return;
    write_stream(last);
}

/// Sends head_ (the first time), body_ as one chunk, and the end of the stream when this is the last.
void Connection::write_stream(bool last) {
    const bool framed = !http_1_0_ && !head_only_ && !has_length_;
    std::string tail;
    if (framed && !body_.empty()) {
        head_ += fmt::format("{:x}\r\n", body_.size());
        tail = "\r\n";
    }
    if (framed && last) tail += "0\r\n\r\n";
    body_ += tail;
    writing_ = true;
    set_deadline(host_.options().write_timeout);
    const auto progress = [this](error_code ec, std::size_t) -> std::size_t {
        if (ec) return 0;
        set_deadline(host_.options().write_timeout);
        return kWriteStepBytes;
    };
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head_), asio::buffer(body_)};
    asio::async_write(socket_, buffers, progress, [self = shared_from_this(), last](error_code ec, std::size_t) {
        self->writing_ = false;
        if (self->phase_ != Phase::kStreaming) return;
        if (ec || last) return self->close();
        self->head_.clear();
        self->stream_->written();
        self->set_deadline(Duration::max());
        self->pump();
    });
}

void Connection::wind_down() {
    switch (phase_) {
        case Phase::kIdle:
        case Phase::kLingering: return close();
        case Phase::kStreaming: return stream_->close();
        case Phase::kReading:
        case Phase::kHandling:
        case Phase::kWriting:
        case Phase::kClosed: return;
    }
}

void Connection::check_deadline(SteadyTime now) {
    if (now < deadline_) return;
    if (phase_ == Phase::kReading && !writing_) {
        return fail({408, "timeout", "the request did not arrive in time"});
    }
    close();
}

void Connection::close() {
    if (phase_ == Phase::kClosed) return;
    phase_ = Phase::kClosed;
    deadline_ = SteadyTime::max();
    const auto self = shared_from_this();
    error_code ignored;
    socket_.close(ignored);
    if (stream_) stream_->end();
    host_.forget(*this);
}

}  // namespace pintle::net
