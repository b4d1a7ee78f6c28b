#include "series/log_writer.hpp"

#include <doctest/doctest.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "os/file.hpp"
#include "series/log_place.hpp"
#include "series/log_test_tools.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::series;
using namespace pintle::series::test;

namespace {

// Random text: lines of many lengths, some with \r\n, some binary.
std::string random_bytes(Rng& rng, std::size_t size) {
    std::string bytes;
    while (bytes.size() < size) {
        const std::size_t length = rng.chance(2) ? rng.below(200'000) : rng.below(120);
        for (std::size_t i = 0; i < length; ++i)
            bytes += rng.chance(5) ? static_cast<char>(rng.below(256)) : static_cast<char>('a' + rng.below(26));
        bytes += rng.chance(20) ? "\r\n" : "\n";
    }
    if (rng.chance(50)) bytes += "no line end";
    return bytes;
}

void append_split(LogWriter& writer, Rng& rng, std::string_view bytes, std::size_t most) {
    std::int64_t ms = 0;
    while (!bytes.empty()) {
        const std::size_t part = std::min<std::size_t>(bytes.size(), 1 + rng.below(most));
        writer.append(bytes.substr(0, part), at_ms(ms));
        bytes.remove_prefix(part);
        ms += static_cast<std::int64_t>(rng.below(60));
    }
}

// A disk that has only so much space; index writes, which go through the same seam, use it up as well.
struct SmallDisk {
    std::size_t space = 0;
    int error = ENOSPC;

    ssize_t write(int fd, const void* bytes, std::size_t size, off_t at) {
        if (space == 0) {
            errno = error;
            return -1;
        }
        const ssize_t put = ::pwrite(fd, bytes, std::min(size, space), at);
        if (put > 0) space -= static_cast<std::size_t>(put);
        return put;
    }
};

LogWriterOptions on(SmallDisk& disk, std::uint64_t segment_bytes = 16 << 20) {
    LogWriterOptions options;
    options.segment_bytes = segment_bytes;
    options.write = [&disk](int fd, const void* bytes, std::size_t size, off_t at) {
        return disk.write(fd, bytes, size, at);
    };
    return options;
}

}  // namespace

TEST_CASE("newlines are counted right at every alignment and length") {
    Rng rng(1);
    std::string bytes(10'000, '\n');
    for (char& c : bytes) c = rng.chance(50) ? '\n' : static_cast<char>(rng.below(256));
    for (std::size_t begin = 0; begin < 20; ++begin) {
        for (const std::size_t size : {0UL, 1UL, 15UL, 16UL, 17UL, 255UL, 4079UL, 4080UL, 4081UL, 9900UL}) {
            const std::string_view part = std::string_view(bytes).substr(begin, size);
            CHECK(count_newlines(part) == static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n')));
        }
    }
    CHECK(count_newlines(std::string(100'000, '\n')) == 100'000);
}

TEST_CASE("what was appended in random parts is read back as the same lines, forward and backward") {
    for (const auto& [number, size] :
         std::vector<std::pair<unsigned, std::uint64_t>>{{1, 16 << 20}, {2, 100'000}, {3, 5'000}, {4, 700}}) {
        CAPTURE(number);
        Rng rng(number);
        const testing::TempFolder folder;
        const std::string bytes = random_bytes(rng, 600'000);
        LogWriterOptions options;
        options.segment_bytes = size;
        LogWriter writer = open_writer(folder.path(), options);
        append_split(writer, rng, bytes, number % 2 == 0 ? 300 : 100'000);
        CHECK(writer.end_offset() == bytes.size());

        const LogReader reader(folder.path());
        const auto expected = reference_lines(bytes);
        CHECK(read_all(reader) == expected);
        CHECK(read_all_backward(reader) == expected);
        writer.close();
        CHECK(read_all(reader) == expected);
        const LogInfo info = must(reader.info());
        CHECK(info.bytes == bytes.size());
        CHECK(info.lines == expected.size());
        CHECK(info.first_line == 1);
    }
}

TEST_CASE("a writer opened again goes on in the middle of a line") {
    const testing::TempFolder folder;
    Rng rng(5);
    std::string all;
    LogWriterOptions options;
    options.segment_bytes = 3000;
    for (int round = 0; round < 20; ++round) {
        LogWriter writer = open_writer(folder.path(), options);
        CHECK(writer.end_offset() == all.size());
        const std::string bytes = random_bytes(rng, 1 + rng.below(4000));
        append_split(writer, rng, bytes, 500);
        all += bytes;
        if (round % 2 == 0) writer.close();
    }
    CHECK(read_all(LogReader(folder.path())) == reference_lines(all));
}

TEST_CASE("a second writer of the same folder is refused until the first has closed") {
    const testing::TempFolder folder;
    LogWriter first = open_writer(folder.path());
    const auto second = LogWriter::open(folder.path());
    REQUIRE(!second);
    CHECK(second.error().code == ErrorCode::kConflict);
    first.close();
    CHECK(LogWriter::open(folder.path()).has_value());
}

TEST_CASE("limits of zero are refused") {
    const testing::TempFolder folder;
    LogWriterOptions options;
    options.segment_bytes = 0;
    const auto writer = LogWriter::open(folder.path(), options);
    REQUIRE(!writer);
    CHECK(writer.error().code == ErrorCode::kInvalid);
}

TEST_CASE("a writer in a forked child that is killed in the middle of a line loses nothing that it appended") {
    const testing::TempFolder folder;
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        auto writer = LogWriter::open(folder.path());
        if (!writer) ::_exit(1);
        writer->append("first\nsecond\nthi", at_ms(0));
        writer->append("rd, not end", at_ms(5));
        if (::write(pipe[1], "x", 1) != 1) ::_exit(1);
        ::pause();
        ::_exit(0);
    }
    char ready = 0;
    ::close(pipe[1]);
    REQUIRE(::read(pipe[0], &ready, 1) == 1);
    ::close(pipe[0]);
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));

    const LogReader reader(folder.path());
    CHECK(texts(must(reader.read(LogQuery::tail(10))).lines) ==
          std::vector<std::string>{"first", "second", "third, not end"});
    LogWriter writer = open_writer(folder.path());
    writer.append("ed\nfourth\n", at_ms(10));
    const LogPage page = must(reader.read(LogQuery::from_line(3)));
    CHECK(texts(page.lines) == std::vector<std::string>{"third, not ended", "fourth"});
    CHECK(numbers(page.lines) == std::vector<std::uint64_t>{3, 4});
}

TEST_CASE("rotation deletes the oldest segments, keeps the limit, and line numbers stay") {
    const testing::TempFolder folder;
    LogWriterOptions options;
    options.segment_bytes = 10'000;
    options.total_limit_bytes = 50'000;
    LogWriter writer = open_writer(folder.path(), options);
    const LogReader reader(folder.path());
    for (int i = 1; i <= 20'000; ++i) {
        writer.append(fmt::format("this is line {}\n", i), at_ms(i));
        if (i % 1000 != 0) continue;
        const LogInfo info = must(reader.info());
        CHECK(info.lines == static_cast<std::uint64_t>(i));
        CHECK(info.bytes - info.first_offset <= 50'000);
        const LogPage page = must(reader.read(LogQuery::from_line(1)));
        REQUIRE(!page.lines.empty());
        CHECK(page.lines.front().number == info.first_line);
        for (const LogLine& line : page.lines) {
            CHECK(line.starts);
            CHECK(line.text == fmt::format("this is line {}", line.number));
        }
    }
    CHECK(must(reader.info()).first_line > 15'000);
    std::uint64_t on_disk = 0;
    for (const std::string& name : must(os::list_folder(folder.path())))
        on_disk += read_bytes(folder.path() + "/" + name).size();
    CHECK(on_disk <= 52'000);

    writer.close();
    LogWriter again = open_writer(folder.path(), options);
    for (int i = 20'001; i <= 25'000; ++i) again.append(fmt::format("this is line {}\n", i), at_ms(i));
    const LogPage tail = must(reader.read(LogQuery::tail(2)));
    CHECK(texts(tail.lines) == std::vector<std::string>{"this is line 24999", "this is line 25000"});
    CHECK(numbers(tail.lines) == std::vector<std::uint64_t>{24'999, 25'000});
    CHECK(must(reader.info()).bytes - must(reader.info()).first_offset <= 50'000);
}

TEST_CASE("a line without an end does not stop rotation") {
    const testing::TempFolder folder;
    LogWriterOptions options;
    options.segment_bytes = 10'000;
    options.total_limit_bytes = 50'000;
    LogWriter writer = open_writer(folder.path(), options);
    for (int i = 0; i < 300; ++i) writer.append(std::string(1000, 'x'), at_ms(i));
    writer.append("\nnext\n", at_ms(300));
    const LogReader reader(folder.path());
    const LogInfo info = must(reader.info());
    CHECK(info.lines == 2);
    CHECK(info.first_line == 1);
    CHECK(info.bytes - info.first_offset <= 50'000);
    const LogPage page = must(reader.read(LogQuery::from_line(1)));
    REQUIRE(page.lines.size() >= 2);
    CHECK_FALSE(page.lines.front().starts);
    CHECK(page.lines.back().text == "next");
    CHECK(page.lines.back().number == 2);
}

TEST_CASE("bytes that do not fit on a full disk are dropped and counted, and a line says so once there is space") {
    const testing::TempFolder folder;
    SmallDisk disk{1 << 20};
    LogWriter writer = open_writer(folder.path(), on(disk));
    writer.append("good line\n", at_ms(0));
    disk.space = 4;
    writer.append("half a line\n", at_ms(10));
    for (int i = 0; i < 100; ++i) writer.append("lost in full\n", at_ms(20 + i));
    CHECK(writer.dropped_bytes() == 8 + 1300);
    disk.space = 1 << 20;
    writer.append("back again\n", at_ms(500));
    writer.close();
    const LogPage page = must(LogReader(folder.path()).read(LogQuery::tail(10)));
    CHECK(texts(page.lines) ==
          std::vector<std::string>{"good line", "half",
                                   "[pintle: 1308 bytes of output were dropped because the disk was full]",
                                   "back again"});
    CHECK(numbers(page.lines) == std::vector<std::uint64_t>{1, 2, 3, 4});
}

TEST_CASE("the line about dropped bytes comes with flush or close as well, names another reason, and is never torn") {
    const testing::TempFolder folder;
    SmallDisk disk{1 << 20};
    LogWriter writer = open_writer(folder.path(), on(disk));
    disk.space = 0;
    disk.error = EIO;
    writer.append("x", at_ms(0));
    disk.space = 10;
    writer.flush(at_ms(200));  // Room for a part of the line only.
    disk.error = ENOSPC;
    writer.append("more\n", at_ms(300));
    disk.space = 1 << 20;
    writer.close();
    const auto lines = texts(must(LogReader(folder.path()).read(LogQuery::tail(10))).lines);
    REQUIRE(!lines.empty());
    CHECK(lines.front() == "[pintle: 1 byte of output was dropped because writing failed: Input/output error]");
    CHECK(writer.dropped_bytes() == 6);
    writer.append("after the end", at_ms(400));
    CHECK(writer.dropped_bytes() == 6 + 13);
}

TEST_CASE("with space coming and going at random, everything is either in the log or counted") {
    for (unsigned seed = 1; seed <= 30; ++seed) {
        CAPTURE(seed);
        Rng rng(seed);
        const testing::TempFolder folder;
        SmallDisk disk{10'000};
        LogWriter writer = open_writer(folder.path(), on(disk, 4000));
        std::uint64_t appended = 0;
        for (int i = 0; i < 500; ++i) {
            if (rng.chance(10)) disk.space = rng.below(3000);
            const std::string bytes = fmt::format("{}\n", std::string(rng.below(100), 'y'));
            writer.append(bytes, at_ms(i * 7));
            appended += bytes.size();
        }
        disk.space = 1 << 20;
        writer.close();
        const LogReader reader(folder.path());
        const auto lines = read_all(reader);
        CHECK(must(reader.info()).lines == lines.size());
        std::uint64_t dropped = 0, noticed = 0;
        for (const std::string& line : lines) {
            if (!line.starts_with("[pintle: ")) continue;
            dropped += static_cast<std::uint64_t>(parse_int(line.substr(9, line.find(' ', 9) - 9)).value_or(0));
            noticed += line.size() + 1;
        }
        CHECK(dropped == writer.dropped_bytes());
        // A notice after an unfinished line begins with a line end of its own.
        const std::uint64_t kept = appended - dropped + noticed;
        CHECK(must(reader.info()).bytes >= kept);
        CHECK(must(reader.info()).bytes <= kept + lines.size());
    }
}
