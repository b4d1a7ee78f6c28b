#include "net/message_reader.hpp"

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

constexpr std::size_t kMaxFields = 200;
constexpr std::size_t kLastChunkBytes = 5;  // "0\r\n\r\n": no chunked body ends with less

std::string_view view(BeastView text) { return {text.data(), text.size()}; }

}  // namespace

class MessageReader::Impl {
public:
    virtual ~Impl() = default;
    virtual std::size_t feed(std::string_view bytes, std::string& body) = 0;
    virtual void end() = 0;
    [[nodiscard]] virtual std::optional<std::uint64_t> length() const = 0;
    [[nodiscard]] virtual bool keep_alive() const = 0;

    State state = State::kHead;
    ServerFault fault;
    Head head;
};

/// The parser of either kind: what differs is the first line, and who decides how long the body is.
template <bool kRequest>
class MessageReader::Parser final : public MessageReader::Impl, private http::basic_parser<kRequest> {
    using Base = http::basic_parser<kRequest>;

public:
    Parser(Kind kind, std::size_t head_limit) : head_limit_(head_limit) {
        Base::header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(head_limit, UINT32_MAX)));
        Base::body_limit(boost::none);
        Base::skip(kind == Kind::kResponseToHead);
    }

    std::size_t feed(std::string_view bytes, std::string& body) override {
        // Once it has seen "0\r\n" the parser asserts that it is not asked again with less than a whole end.
        if (Base::is_header_done() && Base::chunked() && chunk_left_ == 0 && bytes.size() < kLastChunkBytes) return 0;
        error_code ec;
        body_ = &body;
        Base::eager(state == State::kBody);
        const std::size_t consumed = Base::put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
        body_ = nullptr;
        // It also waits for the rest of a version that ends too early, past the end of the head: for ever.
        if (ec == http::error::need_more && !Base::is_header_done() &&
            bytes.find("\r\n\r\n", consumed) != bytes.npos) {
            ec = http::error::bad_version;
        }
        settle(ec == http::error::need_more ? error_code() : ec);
        return consumed;
    }

    void end() override {
        if (state == State::kDone || state == State::kFailed) return;
        error_code ec;
        std::string nothing;
        body_ = &nothing;
        if (Base::got_some()) Base::put_eof(ec);
        body_ = nullptr;
        settle(ec);
        if (state == State::kDone || state == State::kFailed) return;
        state = State::kFailed;
        fault = {400, "invalid", "the message ends too early"};
    }

    [[nodiscard]] std::optional<std::uint64_t> length() const override {
        const auto length = Base::content_length();
        return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
    }
    [[nodiscard]] bool keep_alive() const override { return Base::keep_alive(); }

private:
    void settle(error_code ec) {
        if (ec) {
            fail_with(ec);
        } else if (Base::is_done()) {
            state = State::kDone;
        } else if (Base::is_header_done()) {
            state = State::kBody;
        }
    }

    void on_request_impl(http::verb, BeastView method, BeastView target, int version, error_code& ec) override {
        head.method = view(method);
        head.target = view(target);
        head.http_1_0 = version == 10;
        count(method.size() + target.size(), ec);
    }

    void on_response_impl(int status, BeastView reason, int version, error_code& ec) override {
        head.status = status;
        head.http_1_0 = version == 10;
        count(reason.size(), ec);
    }

    void on_field_impl(http::field, BeastView name, BeastView value, error_code& ec) override {
        count(name.size() + value.size() + 4, ec);
        if (head_read_ || ec) return;  // Fields after the body are nobody's.
        if (head.headers.size() >= kMaxFields) ec = http::error::header_limit;
        head.headers.add(std::string(view(name)), std::string(view(value)));
    }

    void on_header_impl(error_code& ec) override {
        head_read_ = true;
        const Headers& headers = head.headers;
        if (kRequest && !head.http_1_0 && headers.count("Host") != 1)
            return refuse({400, "invalid", "the request must have exactly one Host header"}, ec);
        const std::size_t codings = headers.count("Transfer-Encoding");
        if (codings == 0) return;
        if (head.http_1_0 || codings > 1 || headers.find("Content-Length") != nullptr)
            return refuse({400, "invalid", "it is ambiguous where the message ends"}, ec);
        if (to_lower(headers.get("Transfer-Encoding")) != "chunked")
            return refuse({501, "invalid", "there is no transfer coding but \"chunked\""}, ec);
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(BeastView part, error_code&) override {
        *body_ += view(part);
        return part.size();
    }
    void on_chunk_header_impl(std::uint64_t size, BeastView, error_code&) override { chunk_left_ = size; }
    std::size_t on_chunk_body_impl(std::uint64_t, BeastView part, error_code&) override {
        *body_ += view(part);
        chunk_left_ -= part.size();
        return part.size();
    }
    void on_finish_impl(error_code&) override {}

    void count(std::size_t bytes, error_code& ec) {
        head_bytes_ += bytes;
        if (head_bytes_ > head_limit_) ec = http::error::header_limit;
    }

    void refuse(ServerFault why, error_code& ec) {
        fault = std::move(why);
        ec = http::error::bad_field;
    }

    void fail_with(error_code ec) {
        state = State::kFailed;
        if (fault.status != 0) return;
        if (ec == http::error::header_limit) {
            fault = {431, "exhausted",
                     fmt::format("the head of the message is larger than {}",
                                 bytes_in_words(static_cast<std::int64_t>(head_limit_)))};
        } else {
            fault = {400, "invalid", fmt::format("this is not an HTTP/1.1 message: {}", ec.message())};
        }
    }

    const std::size_t head_limit_;
    std::size_t head_bytes_ = 0;
    bool head_read_ = false;
    std::uint64_t chunk_left_ = 0;
    std::string* body_ = nullptr;  // while feed() runs
};

MessageReader::MessageReader(Kind kind, std::size_t head_limit_bytes) {
    if (kind == Kind::kRequest) {
        impl_ = std::make_unique<Parser<true>>(kind, head_limit_bytes);
    } else {
        impl_ = std::make_unique<Parser<false>>(kind, head_limit_bytes);
    }
}

MessageReader::~MessageReader() = default;
MessageReader::MessageReader(MessageReader&&) noexcept = default;
MessageReader& MessageReader::operator=(MessageReader&&) noexcept = default;

std::size_t MessageReader::feed(std::string_view bytes, std::string& body) { return impl_->feed(bytes, body); }
void MessageReader::end() { impl_->end(); }
MessageReader::State MessageReader::state() const { return impl_->state; }
const ServerFault& MessageReader::fault() const { return impl_->fault; }
const MessageReader::Head& MessageReader::head() const { return impl_->head; }
std::optional<std::uint64_t> MessageReader::length() const { return impl_->length(); }
bool MessageReader::has_body() const { return impl_->state == State::kBody; }
bool MessageReader::keep_alive() const { return impl_->keep_alive(); }

}  // namespace pintle::net
