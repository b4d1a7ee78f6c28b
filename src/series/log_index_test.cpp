#include <doctest/doctest.h>

#include <filesystem>

#include "os/file.hpp"
#include "series/log_segment.hpp"
#include "series/log_test_tools.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::series;
using namespace pintle::series::test;

namespace {

const std::string kIndex = "/00000001.idx";

// Five index records: the base, one per append, and none for the end (the writer is left as if killed).
std::string write_sample(const std::string& folder) {
    LogWriter writer = open_writer(folder);
    std::string all;
    for (int i = 0; i < 4; ++i) {
        const std::string bytes = fmt::format("line a{0}\nline b{0}\nrest {0} ", i);
        writer.append(bytes, at_ms(i * 1000));
        all += bytes;
    }
    return all;
}

void check_sample(const std::string& folder, const std::string& all) {
    const auto expected = reference_lines(all);
    const LogReader reader(folder);
    CHECK(read_all(reader, 2) == expected);
    CHECK(read_all_backward(reader, 2) == expected);
    const LogInfo info = must(reader.info());
    CHECK(info.lines == expected.size());
    CHECK(info.bytes == all.size());
    for (std::uint64_t line = 1; line <= expected.size(); ++line) {
        const LogPage page = must(reader.read(LogQuery::from_line(line, 1)));
        REQUIRE(page.lines.size() == 1);
        CHECK(page.lines[0].number == line);
    }
}

void check_goes_on(const std::string& folder, std::string all) {
    {
        LogWriter writer = open_writer(folder);
        CHECK(writer.end_offset() == all.size());
        writer.append("and more\nlast\n", at_ms(9000));
        all += "and more\nlast\n";
    }
    check_sample(folder, all);
    const std::string index = read_bytes(folder + kIndex);
    CHECK(index.size() % kRecordBytes == 0);
    for (std::size_t at = 0; at < index.size(); at += kRecordBytes)
        CHECK(decode_record(index.data() + at, 1).has_value());
}

}  // namespace

TEST_CASE("an index torn at any byte does not mislead readers, and the writer repairs it") {
    const testing::TempFolder source;
    const std::string all = write_sample(source.path());
    const std::string index = read_bytes(source.path() + kIndex);
    REQUIRE(index.size() >= 4 * kRecordBytes);
    for (std::size_t size = 0; size <= index.size(); ++size) {
        CAPTURE(size);
        const testing::TempFolder folder;
        write_bytes(folder.path() + "/00000001.log", all);
        write_bytes(folder.path() + kIndex, index.substr(0, size));
        check_sample(folder.path(), all);
        check_goes_on(folder.path(), all);
    }
}

TEST_CASE("a spoilt byte anywhere in the index does not mislead readers, and the writer repairs it") {
    const testing::TempFolder source;
    const std::string all = write_sample(source.path());
    const std::string index = read_bytes(source.path() + kIndex);
    for (std::size_t at = 0; at < index.size(); ++at) {
        CAPTURE(at);
        const testing::TempFolder folder;
        std::string spoilt = index;
        spoilt[at] = static_cast<char>(spoilt[at] ^ 0x41);
        write_bytes(folder.path() + "/00000001.log", all);
        write_bytes(folder.path() + kIndex, spoilt);
        check_sample(folder.path(), all);
        check_goes_on(folder.path(), all);
    }
}

TEST_CASE("an index that is ahead of the bytes, as after a crash of the machine, counts only as far as they go") {
    const testing::TempFolder folder;
    const std::string all = write_sample(folder.path());
    for (std::size_t size = all.size(); size-- > 0;) {
        std::filesystem::resize_file(folder.path() + "/00000001.log", size);
        const LogReader reader(folder.path());
        CHECK(must(reader.info()).bytes == size);
        CHECK(read_all(reader) == (size == 0 ? std::vector<std::string>{} : reference_lines(all.substr(0, size))));
    }
}

TEST_CASE("garbage and missing indexes of many segments are made up for by reading the bytes") {
    const testing::TempFolder folder;
    LogWriterOptions options;
    options.segment_bytes = 2000;
    options.total_limit_bytes = 40'000;
    {
        LogWriter writer = open_writer(folder.path(), options);
        for (int i = 1; i <= 5000; ++i) writer.append(fmt::format("number {}\n", i), at_ms(i * 10));
    }
    const auto names = must(os::list_folder(folder.path()));
    std::vector<std::string> indexes;
    for (const std::string& name : names) {
        if (name.ends_with(".idx")) indexes.push_back(folder.path() + "/" + name);
    }
    REQUIRE(indexes.size() > 6);
    const LogInfo before = must(LogReader(folder.path()).info());
    const auto check_same = [&] {
        const LogReader reader(folder.path());
        const LogInfo info = must(reader.info());
        CHECK(info.first_line == before.first_line);
        CHECK(info.first_offset == before.first_offset);
        CHECK(info.lines == before.lines);
        CHECK(info.bytes == before.bytes);
        const LogPage page = must(reader.read(LogQuery::from_line(before.first_line, 5000)));
        CHECK(page.lines.size() == 5001 - before.first_line);
        for (const LogLine& line : page.lines) CHECK(line.text == fmt::format("number {}", line.number));
    };
    // All but one, which is enough to reckon from in both directions.
    const std::size_t kept = indexes.size() / 2;
    for (std::size_t i = 0; i < indexes.size(); ++i) {
        if (i == kept) continue;
        if (i % 3 == 0) std::filesystem::remove(indexes[i]);
        if (i % 3 == 1) write_bytes(indexes[i], "");
        if (i % 3 == 2) write_bytes(indexes[i], std::string(1000, static_cast<char>(i)));
    }
    check_same();
    {
        LogWriter writer = open_writer(folder.path(), options);
        CHECK(writer.next_line() == 5001);
    }
    check_same();

    // None at all: the lines are still there, counted from the oldest.
    for (const std::string& index : indexes) std::filesystem::remove(index);
    const LogPage page = must(LogReader(folder.path()).read(LogQuery::from_line(1, 5000)));
    REQUIRE(page.lines.size() == 5001 - before.first_line);
    CHECK(page.lines.front().number == 1);
    CHECK(page.lines.front().text == fmt::format("number {}", before.first_line));
    CHECK(page.lines.back().text == "number 5000");
}

TEST_CASE("an index of another segment is not believed") {
    const testing::TempFolder folder;
    LogWriterOptions options;
    options.segment_bytes = 100;
    {
        LogWriter writer = open_writer(folder.path(), options);
        for (int i = 1; i <= 40; ++i) writer.append(fmt::format("number {}\n", i), at_ms(i * 200));
    }
    write_bytes(folder.path() + "/00000002.idx", read_bytes(folder.path() + "/00000001.idx"));
    const LogPage page = must(LogReader(folder.path()).read(LogQuery::from_line(1)));
    REQUIRE(page.lines.size() == 40);
    for (const LogLine& line : page.lines) CHECK(line.text == fmt::format("number {}", line.number));
}

TEST_CASE("a record of bytes that no stream can have is not believed") {
    testing::TempFolder folder;
    write_bytes(folder.path() + "/00000001.log", "one\ntwo\n");
    constexpr std::uint64_t kMost = ~std::uint64_t{0};
    for (const LogPlace& place : {LogPlace{kMost - 3, 1, 0}, LogPlace{kMost, 5, kMost}, LogPlace{9, kMost, 9}}) {
        char record[kRecordBytes];
        encode_record({place, at_ms(0)}, 1, record);
        CHECK_FALSE(decode_record(record, 1).has_value());
        write_bytes(folder.path() + kIndex, {record, sizeof record});
        CHECK(read_all(LogReader(folder.path())) == std::vector<std::string>{"one", "two"});
    }
}

TEST_CASE("a hole among the segments counts as if everything before it had been deleted") {
    const testing::TempFolder folder;
    LogWriterOptions options;
    options.segment_bytes = 100;
    {
        LogWriter writer = open_writer(folder.path(), options);
        for (int i = 1; i <= 40; ++i) writer.append(fmt::format("number {}\n", i), at_ms(i * 200));
    }
    std::filesystem::remove(folder.path() + "/00000002.log");
    const LogPage page = must(LogReader(folder.path()).read(LogQuery::from_line(1)));
    REQUIRE(!page.lines.empty());
    CHECK(page.lines.front().number > 1);
    CHECK(page.lines.back().number == 40);
    for (const LogLine& line : page.lines) CHECK(line.text == fmt::format("number {}", line.number));
    LogWriter writer = open_writer(folder.path(), options);
    CHECK(writer.next_line() == 41);
}

TEST_CASE("times come from the index") {
    const testing::TempFolder folder;
    LogWriter writer = open_writer(folder.path());
    for (int i = 1; i <= 3000; ++i) writer.append(fmt::format("number {}\n", i), at_ms(i * 40));
    const LogReader reader(folder.path());
    const auto check_times = [](const LogPage& page) {
        for (const LogLine& line : page.lines) {
            const auto exact = at_ms(static_cast<std::int64_t>(line.number) * 40);
            CHECK(line.time <= exact);
            CHECK(exact - line.time < kIndexStep + Duration(1));
        }
    };
    check_times(must(reader.read(LogQuery::from_line(1, 3000))));
    check_times(must(reader.read(LogQuery::tail(10))));
    check_times(must(reader.read(LogQuery::from_line(1500, 10))));
    writer.close();
    CHECK(must(reader.info()).last_time == at_ms(3000 * 40));
}

TEST_CASE("a name that is not a segment is left alone") {
    CHECK(segment_number("00000012.log", ".log") == 12U);
    CHECK(segment_number("123456789.log", ".log") == 123456789U);
    for (const char* name : {"0000001.log", "00000000.log", "000000012.log", "-0000001.log", "00000012.idx", ".log",
                             "99999999999999999999.log"}) {
        CHECK_FALSE(segment_number(name, ".log").has_value());
    }
}
