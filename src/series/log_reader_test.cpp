#include "series/log_reader.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "series/log_place.hpp"
#include "series/log_test_tools.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::series;
using namespace pintle::series::test;

namespace {

std::string joined(const std::vector<LogLine>& lines) {
    std::string text;
    for (const LogLine& line : lines) text += line.text;
    return text;
}

LogQuery raw(LogQuery query) {
    query.valid_utf8 = false;
    query.max_bytes = kMaxPageBytes;
    return query;
}

}  // namespace

TEST_CASE("a stream that was never written is empty") {
    const testing::TempFolder folder;
    for (const std::string& path : {folder.path(), folder.path() + "/absent"}) {
        const LogReader reader(path);
        const LogInfo info = must(reader.info());
        CHECK(info.bytes == 0);
        CHECK(info.lines == 0);
        CHECK(info.first_line == 1);
        CHECK_FALSE(info.last_time.has_value());
        for (const LogQuery& query :
             {LogQuery::tail(5), LogQuery::from_line(1), LogQuery::from_line(77), LogQuery::from_offset(99),
              LogQuery::before_line(5), LogQuery::before_offset(5)}) {
            const LogPage page = must(reader.read(query));
            CHECK(page.lines.empty());
            CHECK(page.next_offset == 0);
            CHECK_FALSE(page.more_before);
            CHECK_FALSE(page.more_after);
        }
        const LogMatches matches = must(reader.search({.pattern = "x"}));
        CHECK(matches.complete);
        CHECK(matches.lines.empty());
    }
    LogWriter writer = open_writer(folder.path());
    CHECK(must(LogReader(folder.path()).info()).lines == 0);
}

TEST_CASE("line ends, empty lines and control sequences") {
    const testing::TempFolder folder;
    LogWriter writer = open_writer(folder.path());
    writer.append("\n\r\na\r\nb\rc\n\x1b[31mred\x1b[0m\n\r\r\nend", at_ms(0));
    const LogPage page = must(LogReader(folder.path()).read(LogQuery::from_line(1)));
    CHECK(texts(page.lines) == std::vector<std::string>{"", "", "a", "b\rc", "\x1b[31mred\x1b[0m", "\r", "end"});
    CHECK(page.lines[5].ends);
    CHECK_FALSE(page.lines[6].ends);
    CHECK(page.lines[2].offset == 3);
    CHECK(page.next_line == 7);
}

TEST_CASE("invalid UTF-8 and binary bytes become valid text, or are given as they are") {
    const testing::TempFolder folder;
    LogWriter writer = open_writer(folder.path());
    const std::string bytes("a\xff" "b\0c\xe2\x82\n\xe2\x82\xac\n", 12);
    writer.append(bytes, at_ms(0));
    const LogReader reader(folder.path());
    CHECK(texts(must(reader.read(LogQuery::tail(2))).lines) ==
          std::vector<std::string>{to_valid_utf8(bytes.substr(0, 7)), "€"});
    CHECK(texts(must(reader.read(raw(LogQuery::tail(2)))).lines) == std::vector<std::string>{bytes.substr(0, 7), "€"});
}

TEST_CASE("pages go forward and backward from lines and offsets") {
    const testing::TempFolder folder;
    LogWriter writer = open_writer(folder.path());
    for (int i = 1; i <= 100; ++i) writer.append(fmt::format("{:03}\n", i), at_ms(i));
    const LogReader reader(folder.path());

    const LogPage middle = must(reader.read(LogQuery::from_line(40, 3)));
    CHECK(texts(middle.lines) == std::vector<std::string>{"040", "041", "042"});
    CHECK(middle.begin_offset == 39 * 4);
    CHECK(middle.begin_line == 40);
    CHECK(middle.next_line == 43);
    CHECK(middle.more_before);
    CHECK(middle.more_after);
    CHECK(texts(must(reader.read(LogQuery::from_offset(middle.next_offset, 2))).lines) ==
          std::vector<std::string>{"043", "044"});
    CHECK(texts(must(reader.read(LogQuery::before_offset(middle.begin_offset, 2))).lines) ==
          std::vector<std::string>{"038", "039"});
    CHECK(texts(must(reader.read(LogQuery::before_line(40, 2))).lines) == std::vector<std::string>{"038", "039"});
    CHECK(texts(must(reader.read(LogQuery::before_line(3, 10))).lines) == std::vector<std::string>{"001", "002"});
    CHECK_FALSE(must(reader.read(LogQuery::before_line(3, 10))).more_before);
    CHECK(texts(must(reader.read(LogQuery::tail(2))).lines) == std::vector<std::string>{"099", "100"});
    CHECK_FALSE(must(reader.read(LogQuery::tail(2))).more_after);
    CHECK(must(reader.read(LogQuery::before_line(1, 10))).lines.empty());
    CHECK(must(reader.read(LogQuery::from_line(101))).lines.empty());
    CHECK(texts(must(reader.read(LogQuery::before_line(5000, 1))).lines) == std::vector<std::string>{"100"});
    CHECK(must(reader.read(LogQuery::from_offset(~0ULL))).next_offset == 400);
    const LogPage within = must(reader.read(LogQuery::from_offset(5, 1)));
    CHECK(within.lines[0].text == "02");
    CHECK_FALSE(within.lines[0].starts);
    CHECK(within.lines[0].number == 2);
}

TEST_CASE("limits on lines and bytes hold, and one line is given in any case") {
    const testing::TempFolder folder;
    LogWriter writer = open_writer(folder.path());
    for (int i = 1; i <= 20'000; ++i) writer.append(fmt::format("{:09}\n", i), at_ms(i));
    const LogReader reader(folder.path());
    LogQuery query = LogQuery::from_line(1, 1'000'000);
    query.max_bytes = 95;
    CHECK(must(reader.read(query)).lines.size() == 9);
    query.from = LogQuery::From::kEnd;
    const LogPage tail = must(reader.read(query));
    CHECK(tail.lines.size() == 9);
    CHECK(tail.lines.back().number == 20'000);
    query.max_bytes = 0;
    CHECK(must(reader.read(query)).lines.size() == 1);
    query.max_bytes = ~std::size_t{0};
    CHECK(must(reader.read(query)).lines.size() == kMaxPageLines);
    query.max_lines = 0;
    CHECK(must(reader.read(query)).lines.size() == 1);
}

TEST_CASE("tail and jumps in a log of a million lines read little of it") {
    const testing::TempFolder folder;
    LogWriter writer = open_writer(folder.path());
    std::string block;
    for (int i = 1; i <= 1'000'000; ++i) {
        block += fmt::format("step {} loss 0.123456 accuracy 0.98\n", i);
        if (i % 1000 == 0) {
            writer.append(block, at_ms(i / 100));
            block.clear();
        }
    }
    const LogReader reader(folder.path());
    auto cost = [&, before = std::uint64_t{0}]() mutable {
        const std::uint64_t now = reader.bytes_read();
        return now - std::exchange(before, now);
    };
    CHECK(must(reader.info()).lines == 1'000'000);
    CHECK(cost() <= 2 * kIndexStepBytes);
    const LogPage tail = must(reader.read(LogQuery::tail(100)));
    REQUIRE(tail.lines.size() == 100);
    CHECK(tail.lines.front().number == 999'901);
    CHECK(tail.lines.back().text.starts_with("step 1000000 "));
    CHECK(cost() <= 8 * kIndexStepBytes);
    for (const std::uint64_t line : {1ULL, 2ULL, 12'345ULL, 400'000ULL, 654'321ULL, 999'999ULL}) {
        const LogPage page = must(reader.read(LogQuery::from_line(line, 10)));
        CHECK(page.lines.front().number == line);
        CHECK(page.lines.front().text.starts_with(fmt::format("step {} ", line)));
        CHECK(cost() <= 4 * kIndexStepBytes);
    }
    const LogPage back = must(reader.read(LogQuery::before_line(500'000, 10)));
    CHECK(back.lines.front().number == 499'990);
    CHECK(back.lines.back().number == 499'999);
    CHECK(cost() <= 8 * kIndexStepBytes);
}

TEST_CASE("one huge line comes in pieces that are the same from every direction") {
    const testing::TempFolder folder;
    LogWriterOptions options;
    options.segment_bytes = 1'000'000;
    LogWriter writer = open_writer(folder.path(), options);
    std::string huge;
    for (int i = 0; huge.size() < 3'000'000; ++i) huge += fmt::format("€{}", i);
    writer.append("before\n", at_ms(0));
    writer.append(huge, at_ms(1));
    const LogReader reader(folder.path());
    CHECK(must(reader.info()).lines == 2);
    writer.append("\nafter\n", at_ms(2));

    const LogPage forward = must(reader.read(raw(LogQuery::from_line(2, 1000))));
    REQUIRE(forward.lines.size() > 40);
    CHECK(forward.lines.back().text == "after");
    CHECK(forward.lines.back().number == 3);
    CHECK(joined({forward.lines.begin(), forward.lines.end() - 1}) == huge);
    CHECK(forward.lines[0].starts);
    CHECK_FALSE(forward.lines[0].ends);
    CHECK_FALSE(forward.lines[1].starts);
    CHECK(forward.lines[forward.lines.size() - 2].ends);
    for (const LogLine& line : forward.lines) {
        CHECK(line.text.size() <= kPieceBytes + 3);
        CHECK(to_valid_utf8(line.text) == line.text);  // No character is cut in two.
    }
    const LogPage backward = must(reader.read(raw(LogQuery::tail(10))));
    REQUIRE(backward.lines.size() == 10);
    for (std::size_t i = 0; i < 10; ++i) {
        const LogLine& same = forward.lines[forward.lines.size() - 10 + i];
        CHECK(backward.lines[i].offset == same.offset);
        CHECK(backward.lines[i].text == same.text);
        CHECK(backward.lines[i].number == same.number);
    }
    const std::uint64_t before = reader.bytes_read();
    CHECK(must(reader.read(LogQuery::tail(1))).lines[0].text == "after");
    CHECK(must(reader.read(LogQuery::from_line(3, 1))).lines[0].text == "after");
    CHECK(reader.bytes_read() - before < 8 * kPieceBytes);
}

TEST_CASE("a line of exactly the size of a piece is one piece") {
    for (const std::size_t size : {kPieceBytes - 1, kPieceBytes, kPieceBytes + 1, 2 * kPieceBytes}) {
        CAPTURE(size);
        const testing::TempFolder folder;
        LogWriter writer = open_writer(folder.path());
        writer.append(std::string(size, 'x') + "\nnext\n", at_ms(0));
        const LogReader reader(folder.path());
        const std::size_t pieces = (size + kPieceBytes - 1) / kPieceBytes;
        CHECK(must(reader.read(LogQuery::from_line(1))).lines.size() == pieces + 1);
        CHECK(must(reader.read(LogQuery::tail(100))).lines.size() == pieces + 1);
        CHECK(must(reader.read(LogQuery::before_line(2))).lines.size() == pieces);
    }
}

TEST_CASE("a reader keeps up with a writer that appends, rotates and deletes at the same time") {
    const testing::TempFolder folder;
    LogWriterOptions options;
    options.segment_bytes = 20'000;
    options.total_limit_bytes = 200'000;
    LogWriter writer = open_writer(folder.path(), options);
    constexpr std::uint64_t kLines = 30'000;
    std::atomic<bool> done{false};
    std::thread appending([&] {
        Rng rng(9);
        std::string pending;
        for (std::uint64_t i = 1; i <= kLines; ++i) {
            pending += fmt::format("line number {}\n", i);
            const std::size_t part = rng.below(pending.size() + 1);
            writer.append(std::string_view(pending).substr(0, part), at_ms(static_cast<std::int64_t>(i)));
            pending.erase(0, part);
        }
        writer.append(pending, at_ms(kLines));
        done = true;
    });
    const LogReader reader(folder.path());
    std::uint64_t last_seen = 0, wrong = 0, failed = 0;
    while (last_seen < kLines) {
        const bool last_round = done;
        for (const LogQuery& query :
             {LogQuery::tail(50), LogQuery::from_line(last_seen / 2, 50), LogQuery::before_line(last_seen, 20)}) {
            const auto page = reader.read(query);
            if (!page) {
                ++failed;
                continue;
            }
            for (const LogLine& line : page->lines) {
                if (line.starts && line.ends && line.text != fmt::format("line number {}", line.number)) ++wrong;
                if (line.ends) last_seen = std::max(last_seen, line.number);
            }
        }
        if (const auto info = reader.info(); !info || info->lines < last_seen) ++wrong;
        if (last_round) break;
    }
    appending.join();
    CHECK(wrong == 0);
    CHECK(failed == 0);
    CHECK(last_seen == kLines);
}
