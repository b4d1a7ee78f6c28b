#include "series/log_merge.hpp"

#include <doctest/doctest.h>

#include "series/log_test_tools.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::series;
using namespace pintle::series::test;

namespace {

struct Streams {
    testing::TempFolder folder;
    std::vector<LogReader> readers;
    std::vector<LogWriter> writers;

    explicit Streams(int count) {
        for (int i = 0; i < count; ++i) {
            writers.push_back(open_writer(fmt::format("{}/{}", folder.path(), i)));
            readers.emplace_back(fmt::format("{}/{}", folder.path(), i));
        }
    }
    [[nodiscard]] LogSources sources() const {
        LogSources all;
        for (const LogReader& reader : readers) all.push_back(&reader);
        return all;
    }
};

std::vector<std::string> merged(const MergedPage& page) {
    std::vector<std::string> out;
    for (const MergedLine& line : page.lines) out.push_back(fmt::format("{}:{}", line.source, line.line.text));
    return out;
}

LogQuery limit(std::size_t lines) {
    LogQuery query;
    query.max_lines = lines;
    return query;
}

void append_all(std::vector<std::string>& to, const std::vector<std::string>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

TEST_CASE("a merge cursor goes to text and back, and nonsense is refused") {
    CHECK(MergeCursor{{12, 0, 345}}.to_text() == "12.0.345");
    CHECK(must(MergeCursor::parse("12.0.345")) == MergeCursor{{12, 0, 345}});
    CHECK(must(MergeCursor::parse("")).offsets.empty());
    std::string many = "1";
    for (int i = 0; i < 10'000; ++i) many += ".1";
    for (const std::string& text :
         {std::string("."), std::string("1."), std::string("-1"), std::string("a"), std::string("1,2"), many}) {
        const auto parsed = MergeCursor::parse(text);
        REQUIRE(!parsed);
        CHECK(parsed.error().code == ErrorCode::kInvalid);
    }
}

TEST_CASE("lines of several streams come in the order of their times") {
    Streams streams(3);
    for (int i = 0; i < 9; ++i)
        streams.writers[static_cast<std::size_t>(i % 3)].append(fmt::format("{}\n", i), at_ms(i * 200));
    const std::vector<std::string> all{"0:0", "1:1", "2:2", "0:3", "1:4", "2:5", "0:6", "1:7", "2:8"};
    const MergedPage page = must(merge_forward(streams.sources(), {}));
    CHECK(merged(page) == all);
    CHECK_FALSE(page.more_before);
    CHECK_FALSE(page.more_after);
    const MergedPage tail = must(merge_tail(streams.sources(), limit(4)));
    CHECK(merged(tail) == std::vector<std::string>{"2:5", "0:6", "1:7", "2:8"});
    CHECK(tail.more_before);
    CHECK_FALSE(tail.more_after);
    CHECK(merged(must(merge_tail(streams.sources(), tail.begin, limit(3)))) ==
          std::vector<std::string>{"2:2", "0:3", "1:4"});
    streams.writers[1].append("new\n", at_ms(5000));
    CHECK(merged(must(merge_forward(streams.sources(), tail.next))) == std::vector<std::string>{"1:new"});
}

TEST_CASE("merging nothing, empty streams and absent folders gives an empty page") {
    CHECK(must(merge_forward({}, {})).lines.empty());
    CHECK(must(merge_tail({})).lines.empty());
    const LogReader absent("/nonexistent/log");
    const MergedPage page = must(merge_tail({&absent}));
    CHECK(page.lines.empty());
    CHECK(page.next == MergeCursor{{0}});
    CHECK_FALSE(page.more_before);
}

TEST_CASE("a merge in small pages, forward and backward, gives every line once") {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        CAPTURE(seed);
        Rng rng(seed);
        Streams streams(4);
        std::vector<std::string> expected;
        for (int i = 0; i < 2000; ++i) {
            const std::size_t source = rng.below(rng.chance(50) ? 1 : 4);
            streams.writers[source].append(fmt::format("{}\n", i), at_ms(i * 150));
            expected.push_back(fmt::format("{}:{}", source, i));
        }
        std::vector<std::string> forward;
        std::string cursor;
        for (bool more = true; more;) {
            const MergedPage page =
                must(merge_forward(streams.sources(), must(MergeCursor::parse(cursor)), limit(1 + rng.below(90))));
            append_all(forward, merged(page));
            cursor = page.next.to_text();
            more = page.more_after;
        }
        CHECK(forward == expected);

        MergedPage page = must(merge_tail(streams.sources(), limit(50)));
        std::vector<std::string> backward = merged(page);
        while (page.more_before) {
            page = must(merge_tail(streams.sources(), page.begin, limit(1 + rng.below(90))));
            std::vector<std::string> before = merged(page);
            append_all(before, backward);
            backward = std::move(before);
        }
        CHECK(backward == expected);
    }
}

TEST_CASE("pieces of a long line stay together and limits on bytes hold") {
    Streams streams(2);
    streams.writers[0].append(std::string(300'000, 'x') + "\n", at_ms(0));
    streams.writers[0].append("end\n", at_ms(5000));
    streams.writers[1].append("between\n", at_ms(200));
    const MergedPage page = must(merge_forward(streams.sources(), {}));
    REQUIRE(page.lines.size() == 7);
    for (std::size_t i = 0; i < 5; ++i) CHECK(page.lines[i].source == 0);
    CHECK(page.lines[5].line.text == "between");
    CHECK(page.lines[6].line.text == "end");
    const MergedPage tail = must(merge_tail(streams.sources(), limit(100)));
    CHECK(merged(tail) == merged(page));

    LogQuery small = limit(100);
    small.max_bytes = 150'000;
    const MergedPage part = must(merge_forward(streams.sources(), {}, small));
    CHECK(part.lines.size() == 2);
    CHECK(part.more_after);
    CHECK(must(merge_forward(streams.sources(), part.next, small)).lines.front().line.offset == part.next.offsets[0]);
    CHECK(must(merge_tail(streams.sources(), small)).lines.back().line.text == "end");
}

TEST_CASE("a stream added later begins at its beginning") {
    Streams streams(2);
    streams.writers[0].append("a\n", at_ms(0));
    streams.writers[1].append("b\n", at_ms(500));
    LogSources one = streams.sources();
    one.pop_back();
    const MergedPage page = must(merge_forward(one, {}));
    CHECK(merged(must(merge_forward(streams.sources(), page.next))) == std::vector<std::string>{"1:b"});
}
