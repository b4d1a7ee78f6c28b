#include "net/sse.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using net::SseEvent;
using net::SseParser;

namespace {

std::vector<SseEvent> parse_in_pieces(std::string_view text, std::size_t first, std::size_t piece) {
    SseParser parser;
    std::vector<SseEvent> all;
    const auto feed = [&](std::string_view part) {
        const std::vector<SseEvent> events = parser.feed(part).value();
        all.insert(all.end(), events.begin(), events.end());
    };
    feed(text.substr(0, first));
    for (std::size_t at = first; at < text.size(); at += piece) feed(text.substr(at, piece));
    return all;
}

}  // namespace

TEST_CASE("an event is written with its data split at every kind of line end") {
    CHECK(net::sse_event("7", "job", "a") == "id: 7\nevent: job\ndata: a\n\n");
    CHECK(net::sse_event("", "", "a\nb\r\nc\rd") == "data: a\ndata: b\ndata: c\ndata: d\n\n");
    CHECK(net::sse_event("", "", "") == "data: \n\n");
    CHECK(net::sse_event("", "", "a\n") == "data: a\ndata: \n\n");
    CHECK(net::sse_comment("hi") == ": hi\n\n");
}

TEST_CASE("an id or event name cannot smuggle in another field") {
    CHECK(net::sse_event("1\ndata: x", "a\r\nid: 9", "d") == "id: 1data: x\nevent: aid: 9\ndata: d\n\n");
}

TEST_CASE("a stream split at every byte gives the same events") {
    const std::string text =
        "\xEF\xBB\xBF: welcome\r\n\r\nid: 1\r\nevent: job\r\ndata: a\r\ndata:b\r\n\r\n"
        "data: x\rdata\r\rid\ndata:  y\nretry: 10\nunknown: z\n\nevent: dropped\n\nid: 3\ndata: last\n\ndata: "
        "unfinished";
    const std::vector<SseEvent> expected{
        {"1", "job", "a\nb"}, {"1", "message", "x\n"}, {"", "message", " y"}, {"3", "message", "last"}};
    for (std::size_t first = 0; first <= text.size(); ++first) {
        CAPTURE(first);
        CHECK(parse_in_pieces(text, first, text.size()) == expected);
    }
    CHECK(parse_in_pieces(text, 0, 1) == expected);
}

TEST_CASE("what is written is read back") {
    const std::string data = "{\"a\": 1}\n\nsecond: line\n";
    const auto events =
        parse_in_pieces(net::sse_event("42", "log", data) + net::sse_comment() + net::sse_event("", "", ""), 0, 3);
    CHECK(events == std::vector<SseEvent>{{"42", "log", data}, {"42", "message", ""}});
}

TEST_CASE("an event over the limit is refused, whether in one line or in many") {
    SseParser one(100);
    CHECK(one.feed("data: " + std::string(200, 'x')).error().code == ErrorCode::kExhausted);
    SseParser many(100);
    bool refused = false;
    for (int i = 0; i < 50 && !refused; ++i) refused = !many.feed("data: abcdef\n").has_value();
    CHECK(refused);
    SseParser enough(100);
    for (int i = 0; i < 50; ++i) CHECK(enough.feed("data: abcdef\n\n").value().size() == 1);
}

TEST_CASE("an id with a zero byte is ignored") {
    SseParser parser;
    CHECK(parser.feed(std::string_view("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", 31)).value().size() == 2);
    CHECK(parser.last_id() == "1");
}
