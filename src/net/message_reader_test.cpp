#include "net/message_reader.hpp"

#include <doctest/doctest.h>

#include "base/rng.hpp"

using namespace pintle;
using net::MessageReader;
using Kind = MessageReader::Kind;
using State = MessageReader::State;

namespace {

struct Read {
    MessageReader reader;
    std::string body;
    std::size_t consumed = 0;
};

/// Feeds the text in pieces of that size, as a socket would, and then the end of the connection if asked to.
Read read(Kind kind, std::string_view text, std::size_t piece, bool ends = false) {
    Read result{MessageReader(kind, 4096), {}, 0};
    std::size_t given = 0;
    while (result.reader.state() == State::kHead || result.reader.state() == State::kBody) {
        const std::string_view unread = text.substr(result.consumed, given - result.consumed);
        const std::size_t took = unread.empty() ? 0 : result.reader.feed(unread, result.body);
        result.consumed += took;
        if (took > 0) continue;
        if (given == text.size()) break;
        given = std::min(text.size(), given + piece);
    }
    if (ends) result.reader.end();
    return result;
}

}  // namespace

TEST_CASE("a message's body comes without its framing, however its bytes are cut") {
    struct Case {
        Kind kind;
        std::string text;
        std::string body;
        bool ends;
    };
    const std::vector<Case> cases{
        {Kind::kRequest, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", "", false},
        {Kind::kRequest, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", "hello", false},
        {Kind::kRequest,
         "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n2\r\nde\r\n0\r\nT: "
         "1\r\n\r\n",
         "abcde", false},
        {Kind::kResponse, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi", false},
        {Kind::kResponse, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", "x", false},
        {Kind::kResponse, "HTTP/1.0 200 OK\r\n\r\nuntil the end", "until the end", true},
        {Kind::kResponse, "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", "", false},
        {Kind::kResponse, "HTTP/1.1 204 No Content\r\n\r\n", "", false},
        {Kind::kResponseToHead, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", "", false},
    };
    for (const Case& one : cases) {
        for (std::size_t piece = 1; piece <= one.text.size(); ++piece) {
            CAPTURE(one.text);
            CAPTURE(piece);
            const Read got = read(one.kind, one.text, piece, one.ends);
            REQUIRE(got.reader.state() == State::kDone);
            CHECK(got.body == one.body);
            CHECK(got.consumed == one.text.size());
        }
    }
}

TEST_CASE("what has arrived of a chunk is given on before its rest comes") {
    MessageReader reader(Kind::kResponse, 4096);
    std::string body;
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK(reader.feed(head, body) == head.size());
    CHECK(reader.feed("6\r\nab", body) == 5);
    CHECK(body == "ab");
    CHECK(reader.feed("c", body) == 1);
    CHECK(reader.feed("de", body) == 2);
    CHECK(body == "abcde");
}

TEST_CASE("messages whose end is ambiguous, and such that are none, are refused") {
    const std::string host = "POST / HTTP/1.1\r\nHost: h\r\n";
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::vector<std::pair<Kind, std::string>> cases{
        {Kind::kRequest, host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {Kind::kRequest, host + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"},
        {Kind::kRequest, host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n"},
        {Kind::kRequest, host + "Transfer-Encoding: gzip, chunked\r\n\r\n"},
        {Kind::kRequest, host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {Kind::kRequest, host + "Transfer-Encoding : chunked\r\n\r\n"},
        {Kind::kRequest, host + "Host: b\r\n\r\n"},
        {Kind::kRequest, "GET / HTTP/1.1\r\n\r\n"},
        {Kind::kRequest, "GET / HTTP/1\r\n\r\n"},
        {Kind::kRequest, std::string(9000, 'a')},
        {Kind::kResponse, ok + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {Kind::kResponse, ok + "Transfer-Encoding: gzip\r\n\r\n"},
        {Kind::kResponse, "SSH-2.0-OpenSSH\r\n\r\n"},
        {Kind::kResponse, ok + "X: " + std::string(5000, 'a') + "\r\n\r\n"},
    };
    for (const auto& [kind, text] : cases) {
        CAPTURE(text.substr(0, 100));
        CHECK(read(kind, text, 1000).reader.state() == State::kFailed);
    }
    for (const std::string& text :
         {ok + "Content-Length: 3\r\n\r\nab", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
          std::string("HTTP/1.1 2"), std::string()}) {
        CAPTURE(text);
        CHECK(read(Kind::kResponse, text, 1000, true).reader.state() == State::kFailed);
    }
}

TEST_CASE("damaged messages end in a fault or wait for more") {
    const std::string good =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: "
        "close\r\n\r\n3;x=y\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nT: 1\r\n\r\n";
    Rng rng(11);
    for (int i = 0; i < 20'000; ++i) {
        std::string text = good;
        for (std::uint64_t damage = 1 + rng.below(4); damage > 0; --damage) {
            const std::size_t at = rng.below(text.size());
            if (rng.chance(40)) {
                text.erase(at, 1 + rng.below(5));
            } else {
                text[at] = static_cast<char>(rng.below(256));
            }
        }
        CAPTURE(text);
        const Read got = read(Kind::kResponse, text, 1 + rng.below(60), rng.chance(50));
        REQUIRE(got.consumed <= text.size());
        if (got.reader.state() == State::kFailed) REQUIRE(got.reader.fault().status >= 400);
    }
}
