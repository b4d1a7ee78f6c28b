#include "base/text.hpp"
#include "fuzzing.hpp"
#include "json/json_text.hpp"
#include "net/request_parser.hpp"
#include "net/url.hpp"

using namespace pintle;
using namespace pintle::fuzzing;
using State = net::RequestParser::State;

namespace {

constexpr std::size_t kHeaderLimitBytes = 600;
constexpr std::size_t kBodyLimitBytes = 300;
// As much as the server holds for a parser that takes nothing.
constexpr std::size_t kHeldBytes = kHeaderLimitBytes + 400;

struct Outcome {
    State state = State::kMore;
    std::size_t consumed = 0;
    net::Request request;
    net::ServerFault fault;
    bool keep_alive = false;
    bool may_be_wrong = false;  ///< More is awaited before what is there is looked at again.
};

/// Feeds as the server does: what was not consumed comes again, with more behind it.
Outcome feed(Pieces pieces, bool whole) {
    net::RequestParser parser(kHeaderLimitBytes, kBodyLimitBytes);
    Outcome outcome;
    std::string unread;
    while (pieces.more() && parser.state() == State::kMore && unread.size() < kHeldBytes) {
        unread += pieces.next();
        while (whole && pieces.more()) unread += pieces.next();
        const std::size_t consumed = parser.feed(unread);
        require(consumed <= unread.size(), "a parser consumes no more than it is given");
        unread.erase(0, consumed);
        outcome.consumed += consumed;
        (void)parser.wants_continue();
        require(!parser.wants_continue(), "the client is told to continue once");
    }
    outcome.state = parser.state();
    // A header that came in pieces is looked at once its end is there, the end of a chunked body as a whole.
    // What the parser takes nothing of is held up to a limit, where the server gives up.
    outcome.may_be_wrong = outcome.state == State::kMore &&
                           (!parser.reads_body() || unread.size() < 5 || unread.size() >= kHeldBytes);
    if (outcome.state == State::kFailed) outcome.fault = parser.fault();
    if (outcome.state != State::kDone) return outcome;
    require(parser.reads_body(), "a request that is done has a header");
    outcome.keep_alive = parser.keep_alive();
    outcome.request = parser.take();
    if (!parser.is_http_1_0())
        require(outcome.request.headers.count("Host") == 1, "HTTP/1.1 names one host");
    return outcome;
}

void check_target(std::string_view text) {
    const auto target = net::parse_target(text);
    if (!target) {
        require(target.error().code == ErrorCode::kInvalid && !target.error().message.empty(), "a bad target is told");
        return;
    }
    require(to_valid_utf8(target->path) == target->path, "a path is UTF-8");
    require(target->path == "*" || target->path.starts_with('/'), "a path begins with a slash", target->path);
    std::string encoded, joined;
    for (const std::string& segment : target->segments) {
        require(segment != "." && segment != "..", "a path stays below the root", target->path);
        require(segment.find('\0') == std::string::npos, "a path has no zero byte", target->path);
        joined += "/" + segment;
        encoded += "/" + net::percent_encode(segment);
    }
    require(joined == target->path || target->segments.empty(), "path and segments agree", target->path);
    if (target->path == "*") return;
    if (encoded.empty()) encoded = "/";
    char separator = '?';
    for (const auto& [name, value] : target->query) {
        encoded += separator + net::percent_encode(name) + "=" + net::percent_encode(value);
        separator = '&';
    }
    const net::Target again = must(net::parse_target(encoded), "a target can be encoded again: " + encoded);
    require(again.segments == target->segments && again.path == target->path, "an encoded path reads the same", encoded);
    require(std::equal(again.query.begin(), again.query.end(), target->query.begin(), target->query.end()),
            "an encoded query reads the same", encoded);
}

void check_request(const net::Request& request) {
    std::size_t header_bytes = request.method.size() + request.target.size();
    for (const auto& [name, value] : request.headers) {
        header_bytes += name.size() + value.size();
        require(net::is_valid_header(name, value), "a header could be sent on", name + ": " + value);
    }
    require(header_bytes <= kHeaderLimitBytes, "the header keeps its limit");
    require(request.body.size() <= kBodyLimitBytes, "the body keeps its limit");
    require(!request.method.empty(), "a request has a method");
    const net::Target target = must(net::parse_target(request.target), "a request that is done has a target");
    require(target.path == request.path && target.segments == request.segments, "a request has its target's path");
}

void check_fault(const net::ServerFault& fault) {
    require(fault.status == 400 || fault.status == 413 || fault.status == 431 || fault.status == 501,
            "a fault has a status that fits", fmt::format("{}", fault.status));
    const net::Response answer = net::fault_response(fault, "r\"1");
    const json::Value body = must(json::parse_json(answer.body), "a fault is answered in JSON: " + answer.body);
    require(!body["message"].as_string().empty() && body["code"] == json::Value(fault.code), "an answer says the fault");
}

void check_same(const Outcome& pieces, const Outcome& whole, std::size_t header_bytes, std::size_t text_bytes) {
    if (pieces.may_be_wrong && whole.state == State::kFailed) return;
    // A chunk whose header has no end is counted each time more of it comes.
    if (pieces.fault.status == 413 && whole.state != State::kDone) return;
    // What came at once is measured without its first line; in pieces, a bad line may be waited with until then.
    if (pieces.fault.status == 431 && header_bytes > kHeaderLimitBytes) return;
    if (pieces.fault.status == 431 && text_bytes > kHeaderLimitBytes && whole.fault.status == 400) return;
    require(pieces.state == whole.state, "pieces and the whole end alike",
            fmt::format("{} and {}: {}{}", static_cast<int>(pieces.state), static_cast<int>(whole.state),
                        pieces.fault.message, whole.fault.message));
    if (whole.state == State::kFailed) {
        require(pieces.fault.status == whole.fault.status, "pieces and the whole have the same fault",
                pieces.fault.message + " / " + whole.fault.message);
    }
    if (whole.state != State::kDone) return;
    const net::Request &a = pieces.request, &b = whole.request;
    require(pieces.consumed == whole.consumed, "a request ends at the same byte");
    require(a.method == b.method && a.target == b.target && a.body == b.body, "a request reads the same");
    require(std::equal(a.headers.begin(), a.headers.end(), b.headers.begin(), b.headers.end()),
            "the headers read the same");
    require(pieces.keep_alive == whole.keep_alive, "the connection is kept or not, however the bytes came");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Pieces pieces(as_text(data, size));
    check_target(pieces.text());
    const Outcome in_pieces = feed(pieces, false);
    const Outcome whole = feed(pieces, true);
    const std::size_t header_end = std::min(pieces.text().find("\r\n\r\n"), pieces.text().size());
    check_same(in_pieces, whole, header_end + 4, pieces.text().size());
    if (whole.state == State::kDone) check_request(whole.request);
    if (whole.state == State::kFailed) check_fault(whole.fault);
    return 0;
}
