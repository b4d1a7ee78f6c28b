#include <doctest/doctest.h>

#include "series/log_matcher.hpp"
#include "series/log_place.hpp"
#include "series/log_test_tools.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::series;
using namespace pintle::series::test;

namespace {

void fill(const std::string& folder, int lines) {
    LogWriter writer = open_writer(folder);
    for (int i = 1; i <= lines; ++i)
        writer.append(fmt::format("step {} {}\n", i, i % 100 == 0 ? "Saved (checkpoint)" : "ok"), at_ms(i * 10));
}

std::string error_of(const LogSearch& search) {
    const testing::TempFolder folder;
    const auto result = LogReader(folder.path()).search(search);
    REQUIRE(!result);
    CHECK(result.error().code == ErrorCode::kInvalid);
    return result.error().message;
}

}  // namespace

TEST_CASE("plain text and regular expressions find their lines, with and without case") {
    const testing::TempFolder folder;
    fill(folder.path(), 1000);
    const LogReader reader(folder.path());
    const auto found = [&](const LogSearch& search) { return must(reader.search(search)).lines.size(); };
    CHECK(found({.pattern = "Saved (checkpoint)"}) == 10);
    CHECK(found({.pattern = "saved (checkpoint)"}) == 0);
    CHECK(found({.pattern = "saved (CHECKPOINT)", .ignore_case = true}) == 10);
    CHECK(found({.pattern = "^step (300|4\\d\\d) S", .regular_expression = true}) == 2);
    CHECK(found({.pattern = "^STEP 300 saved", .regular_expression = true}) == 0);
    CHECK(found({.pattern = "^STEP 300 saved", .regular_expression = true, .ignore_case = true}) == 1);
    CHECK(found({.pattern = "ok$", .regular_expression = true, .max_matches = 10'000}) == 990);
    CHECK(found({.pattern = "^$", .regular_expression = true}) == 0);
    const LogMatches matches = must(reader.search({.pattern = "Saved", .from_line = 350}));
    CHECK(numbers(matches.lines) == std::vector<std::uint64_t>{400, 500, 600, 700, 800, 900, 1000});
    CHECK(matches.complete);
    CHECK(matches.next_line == 1001);
    CHECK(matches.lines[0].time <= at_ms(4000));
    CHECK(at_ms(4000) - matches.lines[0].time <= kIndexStep);
}

TEST_CASE("a search stopped by a limit goes on where it stopped") {
    const testing::TempFolder folder;
    fill(folder.path(), 20'000);
    const LogReader reader(folder.path());
    const auto search_on = [&](LogSearch search, std::size_t* rounds) {
        std::vector<std::uint64_t> all;
        for (*rounds = 1;; ++*rounds) {
            const LogMatches matches = must(reader.search(search));
            for (const std::uint64_t number : numbers(matches.lines)) all.push_back(number);
            if (matches.complete) return all;
            REQUIRE(*rounds < 1000);
            search.from_line = matches.next_line;
        }
    };
    std::vector<std::uint64_t> expected;
    for (std::uint64_t line = 100; line <= 20'000; line += 100) expected.push_back(line);
    std::size_t rounds = 0;
    CHECK(search_on({.pattern = "Saved", .max_matches = 7}, &rounds) == expected);
    CHECK(rounds == 29);
    CHECK(search_on({.pattern = "Saved", .max_matches = 1000, .max_bytes = 10'000}, &rounds) == expected);
    CHECK(rounds > 20);
    CHECK(search_on({.pattern = "Saved", .max_matches = 1000, .time_budget = Duration(0)}, &rounds) == expected);
    CHECK(rounds > 2);
}

TEST_CASE("a search in one huge line keeps its limits and goes on by offset") {
    const testing::TempFolder folder;
    LogWriter writer = open_writer(folder.path());
    std::string huge(1'000'000, 'x');
    huge.replace(900'000, 6, "needle");
    writer.append(huge, at_ms(0));
    const LogReader reader(folder.path());
    LogSearch search{.pattern = "needle", .max_bytes = 100'000};
    LogMatches matches = must(reader.search(search));
    CHECK(matches.lines.empty());
    CHECK_FALSE(matches.complete);
    CHECK(matches.next_line == 1);
    for (int round = 0; matches.lines.empty() && round < 20; ++round) {
        search.from_offset = matches.next_offset;
        matches = must(reader.search(search));
    }
    REQUIRE(matches.lines.size() == 1);
    CHECK(matches.lines[0].text.size() <= kPieceBytes + 3);
    CHECK(matches.lines[0].offset > 800'000);
}

TEST_CASE("an unfinished last line that does not match yet is looked at again") {
    const testing::TempFolder folder;
    LogWriter writer = open_writer(folder.path());
    writer.append("one\nnee", at_ms(0));
    const LogReader reader(folder.path());
    LogSearch search{.pattern = "needle"};
    LogMatches matches = must(reader.search(search));
    CHECK(matches.complete);
    writer.append("dle", at_ms(1));
    search.from_offset = matches.next_offset;
    matches = must(reader.search(search));
    CHECK(texts(matches.lines) == std::vector<std::string>{"needle"});
    search.from_offset = matches.next_offset;
    CHECK(must(reader.search(search)).lines.empty());
}

TEST_CASE("wrong, empty and oversized patterns are refused in words") {
    CHECK(error_of({.pattern = ""}).find("is empty") != std::string::npos);
    CHECK(error_of({.pattern = "a(b", .regular_expression = true}).find("missing )") != std::string::npos);
    CHECK(error_of({.pattern = "(?=x)", .regular_expression = true}).find("\"(?=x)\"") != std::string::npos);
    CHECK(error_of({.pattern = std::string(5000, 'a')}).find("at most 1000") != std::string::npos);
    CHECK(error_of({.pattern = "(\\pL{100}){10}", .regular_expression = true}).find("regular expression") !=
          std::string::npos);
    CHECK(error_of({.pattern = "\xff", .regular_expression = true}).find("not valid UTF-8") != std::string::npos);
    CHECK(error_of({.pattern = "\xff", .ignore_case = true}).find("not valid UTF-8") != std::string::npos);
    CHECK(LogMatcher::make("\xff", false, false).has_value());
}

TEST_CASE("an expression that would take exponential time by backtracking is harmless") {
    const LogMatcher matcher = must(LogMatcher::make("(a|aa|a?)*(a*)*b$", true, false));
    CHECK_FALSE(matcher.matches(std::string(60'000, 'a')));
    CHECK(matcher.matches(std::string(60'000, 'a') + "b"));
    CHECK(matcher.matches(std::string("\xff\0aab", 5)));
}
