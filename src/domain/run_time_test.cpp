#include "domain/run_time.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::domain;

namespace {

RunTimes after(const std::vector<int>& samples) {
    RunTimes times;
    for (const int sample : samples) times.add(Duration(sample));
    return times;
}

}  // namespace

TEST_CASE("nothing is expected of a task that never ran") { CHECK_FALSE(RunTimes{}.expected().has_value()); }

TEST_CASE("one job is enough for an expectation") {
    const auto expected = after({700}).expected();
    REQUIRE(expected.has_value());
    CHECK(expected->median == Duration(700));
    CHECK(expected->high == Duration(700));
    CHECK_FALSE(expected->declared);
}

TEST_CASE("half of the jobs run no longer than the median, nine of ten no longer than the high value") {
    const auto expected = after({100, 900, 200, 800, 300, 700, 400, 600, 500, 1000}).expected();
    CHECK(expected->median == Duration(500));
    CHECK(expected->high == Duration(900));
}

TEST_CASE("what is expected changes only when add() says so, and then follows the newest jobs") {
    RunTimes times;
    int changes = 0;
    for (int i = 0; i < 200; ++i) {
        const auto before = times.expected();
        const bool told = times.add(Duration(i));
        changes += told ? 1 : 0;
        if (!told) CHECK(times.expected() == before);
        CHECK(times.samples_ms.size() < 2 * kRunTimesUsed);
    }
    CHECK(changes == 3 + 200 / 20);
    CHECK(times.expected()->median == Duration(189));
}
