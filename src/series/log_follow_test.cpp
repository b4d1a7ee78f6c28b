#include "series/log_follow.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "series/log_test_tools.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::series;
using namespace pintle::series::test;

TEST_CASE("a cursor goes to text and back, and nonsense is refused") {
    const LogCursor cursor{123'456, 789};
    CHECK(cursor.to_text() == "123456-789");
    CHECK(must(LogCursor::parse("123456-789")) == cursor);
    for (const char* text :
         {"", "-", "1", "1-", "-1", "1-0", "-1-1", "1-2-3", "1 -2", "99999999999999999999-1", "a-b"}) {
        CAPTURE(text);
        const auto parsed = LogCursor::parse(text);
        REQUIRE(!parsed);
        CHECK(parsed.error().code == ErrorCode::kInvalid);
    }
}

TEST_CASE("following through restarts, rotation and random parts gives every byte once") {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        CAPTURE(seed);
        Rng rng(seed);
        const testing::TempFolder folder;
        LogWriterOptions options;
        options.segment_bytes = 3000;
        LogWriter writer = open_writer(folder.path(), options);
        std::string all, seen;
        std::string cursor = LogCursor{}.to_text();
        for (int i = 0; i < 600; ++i) {
            std::string bytes;
            for (std::size_t k = rng.below(40); k > 0; --k)
                bytes += rng.chance(10) ? "\r\n" : rng.chance(10) ? "\n" : rng.chance(30) ? "€" : "\xf0\x9f\x98\x80";
            // Cut in the middle of characters, as a program's buffer does.
            const std::size_t cut = rng.below(bytes.size() + 1);
            for (const auto& part : {bytes.substr(0, cut), bytes.substr(cut)}) {
                writer.append(part, at_ms(i * 10));
                const LogReader reader(folder.path());  // New each time: nothing but the text is kept.
                LogQuery limits;
                limits.max_lines = 1 + rng.below(20);
                const LogFollowed followed = must(follow(reader, must(LogCursor::parse(cursor)), limits));
                CHECK_FALSE(followed.changed);
                CHECK(followed.page.lost_bytes == 0);
                for (const LogLine& line : followed.page.lines) seen += line.text + (line.ends ? "\n" : "");
                cursor = followed.cursor.to_text();
            }
            all += bytes;
        }
        const LogReader reader(folder.path());
        LogQuery limits;
        limits.ended = true;
        for (bool more = true; more;) {
            const LogFollowed followed = must(follow(reader, must(LogCursor::parse(cursor)), limits));
            for (const LogLine& line : followed.page.lines) seen += line.text + (line.ends ? "\n" : "");
            cursor = followed.cursor.to_text();
            more = followed.page.more_after;
        }
        CHECK(seen == replace_all(all, "\r\n", "\n"));
    }
}

TEST_CASE("an unfinished line is given as it grows, with its number") {
    const testing::TempFolder folder;
    LogWriter writer = open_writer(folder.path());
    const LogReader reader(folder.path());
    writer.append("one\nload", at_ms(0));
    const LogPage tail = must(reader.read(LogQuery::tail(1)));
    CHECK(tail.lines[0].text == "load");
    CHECK_FALSE(tail.lines[0].ends);
    LogCursor cursor = LogCursor::after(tail);
    CHECK(cursor == LogCursor{8, 2});
    writer.append("ing\r", at_ms(1));
    LogFollowed followed = must(follow(reader, cursor));
    REQUIRE(followed.page.lines.size() == 1);
    CHECK(followed.page.lines[0].text == "ing");  // \r may be the first half of a line end.
    CHECK(followed.page.lines[0].number == 2);
    CHECK_FALSE(followed.page.lines[0].starts);
    CHECK_FALSE(followed.page.more_after);
    CHECK(must(follow(reader, followed.cursor)).page.lines.empty());
    writer.append("\nnext", at_ms(2));
    followed = must(follow(reader, followed.cursor));
    REQUIRE(followed.page.lines.size() == 2);
    CHECK(followed.page.lines[0].text.empty());
    CHECK(followed.page.lines[0].ends);
    CHECK(followed.page.lines[1].text == "next");
    CHECK(followed.page.lines[1].number == 3);
}

TEST_CASE("what a follower has missed by rotation is told") {
    const testing::TempFolder folder;
    LogWriterOptions options;
    options.segment_bytes = 1000;
    options.total_limit_bytes = 4000;
    LogWriter writer = open_writer(folder.path(), options);
    for (int i = 0; i < 2000; ++i) writer.append("0123456789\n", at_ms(i));
    const LogReader reader(folder.path());
    const LogFollowed followed = must(follow(reader, {11, 2}));
    CHECK(followed.page.lost_bytes == must(reader.info()).first_offset - 11);
    CHECK_FALSE(followed.changed);
    CHECK(followed.page.lines.front().number == must(reader.info()).first_line);
}

TEST_CASE("a stream that was made anew, or is shorter than it was, is noticed") {
    const testing::TempFolder folder;
    LogWriter writer = open_writer(folder.path());
    writer.append("a\nb\nc\n", at_ms(0));
    const LogReader reader(folder.path());
    CHECK(must(follow(reader, {4, 2})).changed);
    CHECK_FALSE(must(follow(reader, {4, 3})).changed);
    const LogFollowed beyond = must(follow(reader, {100, 50}));
    CHECK(beyond.changed);
    CHECK(beyond.page.lines.empty());
    CHECK(beyond.cursor == LogCursor{6, 4});
}
