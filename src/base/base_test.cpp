#include <doctest/doctest.h>

#include "base/bounded_queue.hpp"
#include "base/id.hpp"
#include "base/result.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "base/timed_queue.hpp"

using namespace pintle;

TEST_CASE("a time survives the way to ISO text and back") {
    const Time time = time_from_ms(1772366400123);
    CHECK(to_iso(time) == "2026-03-01T12:00:00.123Z");
    CHECK(time_from_iso(to_iso(time)).value() == time);
    CHECK(time_from_iso("2026-03-01T12:00:00Z").value() == time_from_ms(1772366400000));
    CHECK_FALSE(time_from_iso("2026-02-30T12:00:00Z").has_value());
    CHECK_FALSE(time_from_iso("yesterday").has_value());
}

TEST_CASE("ids made later sort later") {
    CHECK(make_ulid(time_from_ms(1000), 5, 5) < make_ulid(time_from_ms(1001), 0, 0));
    CHECK(looks_like_ulid(make_ulid(time_from_ms(1000), ~0ULL, ~0ULL)));
    CHECK_FALSE(looks_like_ulid("digits/train:1"));
}

TEST_CASE("the nearest known name is offered for a slip and not for another word") {
    CHECK(nearest("comand", {"name", "command", "replicas"}) == "command");
    CHECK(nearest("Replica", {"name", "command", "replicas"}) == "replicas");
    CHECK_FALSE(nearest("banana", {"name", "command", "replicas"}).has_value());
}

TEST_CASE("a shell gets back exactly the quoted text") { CHECK(shell_quote("it's $HOME") == "'it'\\''s $HOME'"); }

TEST_CASE("bytes that are not UTF-8 are replaced and the rest is kept") {
    CHECK(to_valid_utf8("grün ✓") == "grün ✓");
    CHECK(to_valid_utf8("a\xFFz") == "a\xEF\xBF\xBDz");
    CHECK(to_valid_utf8("\xC0\xAF") == "\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(to_valid_utf8("\xE2\x82") == "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("a full queue refuses, a closed one still gives what it holds") {
    BoundedQueue<int> queue(2);
    CHECK(queue.push(1));
    CHECK(queue.push(2));
    CHECK_FALSE(queue.push(3));
    queue.close();
    CHECK_FALSE(queue.push(4));
    CHECK(queue.drain(10, Duration(0)) == std::vector<int>{1, 2});
    CHECK_FALSE(queue.pop().has_value());
}

TEST_CASE("a timed queue gives what is due first, each item once, and nothing when it is closed") {
    TimedQueue<std::string> queue;
    REQUIRE(queue.add("later", std::chrono::milliseconds(2)));
    REQUIRE(queue.add("much later", std::chrono::hours(1)));
    REQUIRE(queue.add("now"));
    REQUIRE(queue.add("now", std::chrono::hours(1)));
    CHECK(queue.pop() == "now");
    CHECK(queue.pop() == "later");
    queue.close();
    CHECK_FALSE(queue.pop().has_value());
    CHECK_FALSE(queue.add("after"));
}

TEST_CASE("durations read as people write them") {
    CHECK(to_clock(Duration(3'000)) == "0:03");
    CHECK(to_clock(Duration(3'723'000)) == "1:02:03");
    CHECK(to_words(Duration(192'000)) == "3 min 12 s");
    CHECK(bytes_in_words(8'000'000'000) == "8.0 GB");
}

TEST_CASE("every error code keeps its name on the way out and in") {
    for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) {
        const auto code = static_cast<ErrorCode>(i);
        CHECK(error_code_from(to_string(code)) == code);
        CHECK(http_status(code) >= 400);
        CHECK(exit_code(code) > 0);
    }
}

TEST_CASE("every occurrence is replaced, in a time in proportion to the text") {
    CHECK(replace_all("a.b.", ".", "") == "ab");
    CHECK(replace_all("aaa", "aa", "b") == "ba");
    CHECK(replace_all("a", "a", "aa") == "aa");
    CHECK(replace_all("text", "", "x") == "text");
    CHECK(replace_all("text", "x?", "x") == "text");
    CHECK(shell_quote("it's") == "'it'\\''s'");
    CHECK(shell_quote(std::string(1'000'000, '\'')).size() == 4'000'002);
}
