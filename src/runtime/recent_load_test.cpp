#include "runtime/recent_load.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::runtime;
using pintle::domain::ComponentLoad;
using std::chrono::seconds;

TEST_CASE("what was used lately is the mean of the looks in the time that is asked for") {
    RecentLoad recent;
    CHECK_FALSE(recent.mean(seconds(0), seconds(60)));
    recent.add(seconds(10), {90, std::nullopt});
    recent.add(seconds(20), {30, 8});
    recent.add(seconds(30), {0, 4});
    CHECK(recent.mean(seconds(30), seconds(60)) == ComponentLoad{40, 6});
    CHECK(recent.mean(seconds(31), seconds(15)) == ComponentLoad{15, 6});
    // The last look counts in any case: nobody looks more often than every few seconds.
    CHECK(recent.mean(seconds(39), seconds(4)) == ComponentLoad{0, 4});
}

TEST_CASE("what nobody looked at for minutes is not known") {
    RecentLoad recent;
    recent.add(seconds(10), {90, std::nullopt});
    CHECK(recent.mean(seconds(300), seconds(60)));
    CHECK_FALSE(recent.mean(seconds(311), seconds(60)));
}

TEST_CASE("what cannot be measured is known to be so") {
    RecentLoad recent;
    recent.add(seconds(10), {});
    CHECK_FALSE(recent.is_measured());
    CHECK(recent.mean(seconds(10), seconds(60)) == ComponentLoad{});
    recent.add(seconds(20), {1, std::nullopt});
    CHECK(recent.is_measured());
}

TEST_CASE("old looks are forgotten") {
    RecentLoad recent;
    for (int i = 0; i < 1000; ++i) recent.add(seconds(i), {i < 600 ? 100.0 : 0.0, std::nullopt});
    CHECK(recent.mean(seconds(1000), seconds(100'000))->cpu_percent == 0);
}
