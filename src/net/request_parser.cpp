#include "net/request_parser.hpp"

#include <algorithm>
#include <utility>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "base/text.hpp"

namespace pintle::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using BeastView = boost::beast::string_view;

constexpr std::size_t kReserveBodyBytes = 256 << 10;  // more only as it arrives, so that a lie costs no memory
constexpr std::size_t kMaxFields = 200;
constexpr std::size_t kLastChunkBytes = 5;  // "0\r\n\r\n": no chunked body goes on with less

std::string_view view(BeastView text) { return {text.data(), text.size()}; }

void append_json_text(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : to_valid_utf8(text)) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    out += '"';
}

}  // namespace

Response fault_response(const ServerFault& fault, std::string_view request_id) {
    Response response{fault.status, {{"Content-Type", "application/json"}}, "{\"code\":"};
    append_json_text(response.body, fault.code);
    response.body += ",\"message\":";
    append_json_text(response.body, fault.message);
    response.body += ",\"details\":[],\"request_id\":";
    append_json_text(response.body, request_id);
    response.body += '}';
    return response;
}

/// Fills a Request straight from the parser's events, so that nothing is copied twice.
class RequestParser::Impl final : public http::basic_parser<true> {
public:
    Impl(std::size_t header_limit, std::size_t body_limit, BodyLimit body_limit_of)
        : header_limit_(header_limit), body_limit_of_(std::move(body_limit_of)), body_limit_(body_limit) {
        eager(true);
        basic_parser::header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(header_limit, UINT32_MAX)));
        basic_parser::body_limit(body_limit);
    }

    std::size_t feed(std::string_view bytes) {
        // Once it has seen "0\r\n" the parser asserts that it is not asked again with less than a whole end.
        if (is_header_done() && chunked() && bytes.size() < kLastChunkBytes) return 0;
        error_code ec;
        const std::size_t consumed = put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
        // It also waits for the rest of a version that ends too early, past the end of the header: for ever.
        if (ec == http::error::need_more && !is_header_done() && bytes.find("\r\n\r\n", consumed) != bytes.npos) {
            ec = http::error::bad_version;
        }
        if (!ec && is_done()) {
            finish();
        } else if (ec && ec != http::error::need_more) {
            fail_with(ec);
        }
        return consumed;
    }

    State state = State::kMore;
    ServerFault fault;
    Request request;
    bool wants_continue = false;
    bool http_1_0 = false;

private:
    void on_request_impl(http::verb, BeastView method, BeastView target, int version, error_code& ec) override {
        request.method = view(method);
        request.target = view(target);
        http_1_0 = version == 10;
        count_header(method.size() + target.size(), ec);
    }

    void on_response_impl(int, BeastView, int, error_code&) override {}

    void on_field_impl(http::field, BeastView name, BeastView value, error_code& ec) override {
        count_header(name.size() + value.size() + 4, ec);
        if (header_read_ || ec) return;
        if (request.headers.size() >= kMaxFields) ec = http::error::header_limit;
        request.headers.add(std::string(view(name)), std::string(view(value)));
    }

    void on_header_impl(error_code& ec) override {
        header_read_ = true;
        const Headers& headers = request.headers;
        if (!http_1_0 && headers.count("Host") != 1) return refuse("the request must have exactly one Host header", ec);
        if (const std::size_t codings = headers.count("Transfer-Encoding"); codings > 0) {
            if (http_1_0 || codings > 1) return refuse("the Transfer-Encoding of the request is ambiguous", ec);
            if (to_lower(headers.get("Transfer-Encoding")) != "chunked") {
                fault = {501, "invalid", "the server knows no transfer coding but \"chunked\""};
                ec = http::error::bad_transfer_encoding;
                return;
            }
        }
        if (body_limit_of_) body_limit_ = std::min(body_limit_, body_limit_of_(request));
        if (const auto length = content_length(); length && *length > body_limit_) ec = http::error::body_limit;
        wants_continue = !http_1_0 && to_lower(headers.get("Expect")) == "100-continue";
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
        if (length) request.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, kReserveBodyBytes)));
    }

    std::size_t on_body_impl(BeastView body, error_code& ec) override {
        if (body.size() > body_limit_ - request.body.size()) {
            ec = http::error::body_limit;
            return 0;
        }
        request.body += view(body);
        return body.size();
    }

    void on_chunk_header_impl(std::uint64_t, BeastView, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, BeastView body, error_code& ec) override {
        return on_body_impl(body, ec);
    }
    void on_finish_impl(error_code&) override {}

    void count_header(std::size_t bytes, error_code& ec) {
        header_bytes_ += bytes;
        if (header_bytes_ > header_limit_) ec = http::error::header_limit;
    }

    void refuse(std::string message, error_code& ec) {
        fault = {400, "invalid", std::move(message)};
        ec = http::error::bad_field;
    }

    void finish() {
        Result<Target> target = net::parse_target(request.target);
        if (!target) {
            state = State::kFailed;
            fault = {400, "invalid", target.error().message};
            return;
        }
        request.path = std::move(target->path);
        request.segments = std::move(target->segments);
        request.query = std::move(target->query);
        state = State::kDone;
    }

    void fail_with(error_code ec) {
        state = State::kFailed;
        if (fault.status != 0) return;
        const auto words = [](std::size_t bytes) { return bytes_in_words(static_cast<std::int64_t>(bytes)); };
        if (ec == http::error::body_limit) {
            fault = {413, "exhausted", fmt::format("the body of the request is larger than {}", words(body_limit_))};
        } else if (ec == http::error::header_limit) {
            fault = {431, "exhausted",
                     fmt::format("the header of the request is larger than {}", words(header_limit_))};
        } else {
            fault = {400, "invalid", fmt::format("this is not an HTTP/1.1 request: {}", ec.message())};
        }
    }

    const std::size_t header_limit_;
    const BodyLimit body_limit_of_;
    std::size_t body_limit_;
    std::size_t header_bytes_ = 0;
    bool header_read_ = false;
};

RequestParser::RequestParser(std::size_t header_limit_bytes, std::size_t body_limit_bytes, BodyLimit body_limit_of)
    : impl_(std::make_unique<Impl>(header_limit_bytes, body_limit_bytes, std::move(body_limit_of))) {}

RequestParser::~RequestParser() = default;

std::size_t RequestParser::feed(std::string_view bytes) { return impl_->feed(bytes); }
RequestParser::State RequestParser::state() const { return impl_->state; }
const ServerFault& RequestParser::fault() const { return impl_->fault; }
Request RequestParser::take() { return std::move(impl_->request); }

bool RequestParser::wants_continue() {
    return impl_->state == State::kMore && impl_->is_header_done() && std::exchange(impl_->wants_continue, false);
}

bool RequestParser::reads_body() const { return impl_->is_header_done(); }
bool RequestParser::keep_alive() const { return impl_->keep_alive(); }
bool RequestParser::is_http_1_0() const { return impl_->http_1_0; }

}  // namespace pintle::net
