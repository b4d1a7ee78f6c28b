#include "net/request_parser.hpp"

#include <doctest/doctest.h>

#include "base/rng.hpp"

using namespace pintle;
using net::RequestParser;

namespace {

using State = RequestParser::State;

/// Feeds `text` in pieces, keeping what was not consumed, as a connection does.
std::size_t feed_in_pieces(RequestParser& parser, std::string_view text, std::size_t piece) {
    std::string unread;
    std::size_t consumed = 0;
    for (std::size_t at = 0; at < text.size() && parser.state() == State::kMore; at += piece) {
        unread += text.substr(at, piece);
        const std::size_t taken = parser.feed(unread);
        unread.erase(0, taken);
        consumed += taken;
    }
    return consumed;
}

int status_of(std::string_view text) {
    RequestParser parser(4096, 1000);
    feed_in_pieces(parser, text, text.size());
    return parser.state() == State::kFailed ? parser.fault().status : 0;
}

}  // namespace

TEST_CASE("a request is the same however its bytes are cut, and the next one is left alone") {
    const std::string first =
        "POST /a%20b?x=1 HTTP/1.1\r\nHost: h\r\nX-Long: some value\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n";
    for (std::size_t piece = 1; piece <= first.size() + 5; ++piece) {
        CAPTURE(piece);
        RequestParser parser(4096, 1000);
        CHECK(feed_in_pieces(parser, first + "GET / HTTP/1.1\r\n", piece) == first.size());
        REQUIRE(parser.state() == State::kDone);
        CHECK(parser.keep_alive());
        const net::Request request = parser.take();
        CHECK(request.method == "POST");
        CHECK(request.path == "/a b");
        CHECK(request.body == "hello world");
        CHECK(request.headers.get("x-long") == "some value");
        // A trailer must not pass for a header that was checked before the body.
        CHECK(request.headers.find("X-Trailer") == nullptr);
    }
}

TEST_CASE("an empty chunked body is the same however its bytes are cut") {
    const std::string text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        CAPTURE(piece);
        RequestParser parser(4096, 1000);
        CHECK(feed_in_pieces(parser, text, piece) == text.size());
        REQUIRE(parser.state() == State::kDone);
        CHECK(parser.take().body.empty());
    }
}

TEST_CASE(
    "a request whose first line ends in the middle of its version is refused at once, however its bytes are cut") {
    for (const std::string_view text :
         {"GET / \r\n\r\n", "GET / H\r\n\r\n", "GET / HTTP\r\n\r\n", "GET / HTTP/1\r\n\r\n"}) {
        for (std::size_t piece = 1; piece <= text.size(); ++piece) {
            CAPTURE(text);
            CAPTURE(piece);
            RequestParser parser(4096, 1000);
            feed_in_pieces(parser, text, piece);
            REQUIRE(parser.state() == State::kFailed);
            CHECK(parser.fault().status == 400);
        }
    }
}

TEST_CASE("malformed and ambiguous requests are refused") {
    const std::vector<std::pair<std::string, int>> cases{
        {"\x16\x03\x01 nonsense\r\n\r\n", 400},
        {"GET\r\n\r\n", 400},
        {"GET /\r\n\r\n", 400},
        {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nBad Name: 1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nNoColon\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\r\nX: a\x01\r\n\r\n", 400},
        {"G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET /../x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n", 413},
        {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n", 413},
        {"GET /" + std::string(5000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 431},
        {"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(5000, 'a') + "\r\n\r\n", 431},
        {"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(5000, 'a'), 431},
        {std::string(5000, 'a'), 431},
    };
    for (const auto& [text, status] : cases) {
        CAPTURE(text.substr(0, 120));
        CHECK(status_of(text) == status);
    }
    std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (int i = 0; i < 300; ++i) many += "a:b\r\n";
    CHECK(status_of(many + "\r\n") == 431);
}

TEST_CASE("damaged requests end in an answer or wait for more, and never pass the limits") {
    const std::string good =
        "POST /a?b=%20 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        "3;x=y\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nT: 1\r\n\r\n";
    Rng rng(7);
    for (int i = 0; i < 20'000; ++i) {
        std::string text = good;
        for (std::uint64_t damage = 1 + rng.below(4); damage > 0; --damage) {
            const std::size_t at = rng.below(text.size());
            if (rng.chance(30)) {
                text.erase(at, 1 + rng.below(5));
            } else if (rng.chance(30)) {
                text.insert(at, text.substr(rng.below(text.size()), rng.below(20)));
            } else {
                text[at] = static_cast<char>(rng.below(256));
            }
        }
        RequestParser parser(4096, 1000);
        const std::size_t consumed = feed_in_pieces(parser, text, 1 + rng.below(60));
        CAPTURE(text);
        REQUIRE(consumed <= text.size());
        if (parser.state() == State::kFailed) REQUIRE(parser.fault().status >= 400);
        if (parser.state() == State::kDone) REQUIRE(parser.take().body.size() <= 1000);
    }
}

TEST_CASE("a body in many chunks is held against the limit as a whole") {
    RequestParser parser(4096, 1000);
    std::string text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 101; ++i) text += "a\r\n0123456789\r\n";
    feed_in_pieces(parser, text, 7);
    REQUIRE(parser.state() == State::kFailed);
    CHECK(parser.fault().status == 413);
}

TEST_CASE("a client that waits for 100 Continue is noticed once, and not when the body is already there") {
    const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n";
    RequestParser waits(4096, 1000);
    CHECK(waits.feed(head) == head.size());
    CHECK(waits.wants_continue());
    CHECK_FALSE(waits.wants_continue());
    CHECK(waits.feed("ab") == 2);
    CHECK(waits.take().body == "ab");
    RequestParser complete(4096, 1000);
    CHECK(complete.feed(head + "ab") == head.size() + 2);
    CHECK_FALSE(complete.wants_continue());
}

TEST_CASE("keep-alive follows the version and the Connection header") {
    const auto keeps = [](const std::string& rest) {
        RequestParser parser(4096, 1000);
        feed_in_pieces(parser, "GET / HTTP/" + rest + "\r\nHost: h\r\n\r\n", 1000);
        REQUIRE(parser.state() == State::kDone);
        return parser.keep_alive();
    };
    CHECK(keeps("1.1"));
    CHECK_FALSE(keeps("1.1\r\nConnection: close"));
    CHECK_FALSE(keeps("1.0"));
    CHECK(keeps("1.0\r\nConnection: keep-alive"));
}

TEST_CASE("a fault becomes JSON that no message can break") {
    const auto response = net::fault_response({400, "invalid", "say \"no\"\\\n\xff"}, "ID");
    CHECK(response.status == 400);
    CHECK(response.body ==
          "{\"code\":\"invalid\",\"message\":\"say "
          "\\\"no\\\"\\\\\\u000a\xEF\xBF\xBD\",\"details\":[],\"request_id\":\"ID\"}");
}

TEST_CASE("the head of a request decides how large its body may be") {
    const auto smaller_for_strangers = [](const net::Request& head) -> std::size_t {
        return head.headers.find("Authorization") != nullptr ? 1000 : 4;
    };
    const auto status = [&](std::string_view headers, std::string_view body) {
        RequestParser parser(4096, 500, smaller_for_strangers);
        const std::string text = fmt::format("POST / HTTP/1.1\r\nHost: h\r\n{}\r\n{}", headers, body);
        feed_in_pieces(parser, text, 7);
        return parser.state() == State::kFailed ? parser.fault().status : parser.state() == State::kDone ? 200 : 0;
    };
    CHECK(status("Content-Length: 4\r\n", "1234") == 200);
    CHECK(status("Content-Length: 5\r\n", "") == 413);
    CHECK(status("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n") == 413);
    CHECK(status("Authorization: x\r\nContent-Length: 5\r\n", "12345") == 200);
    CHECK(status("Authorization: x\r\nContent-Length: 501\r\n", "") == 413);
}
