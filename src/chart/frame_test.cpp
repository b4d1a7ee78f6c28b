#include "chart/frame.hpp"

#include <doctest/doctest.h>

#include "base/rng.hpp"

using namespace pintle;
using namespace pintle::chart;
using namespace std::chrono_literals;

namespace {
const Time kNow = time_from_ms(1'700'000'003'217);
}

TEST_CASE("only the intervals and periods that are offered are taken, and others are told what there is") {
    CHECK(parse_interval("10s").value() == 10s);
    CHECK(parse_interval("1h").value() == 1h);
    CHECK(parse_period("5m").value() == 5min);
    CHECK(parse_period("1d").value() == 24h);
    for (const char* text : {"", "1", "10", "15s", "2h", "1w", "10S", "10s ", "-10s", "60s"}) {
        CAPTURE(text);
        const auto interval = parse_interval(text);
        REQUIRE_FALSE(interval.has_value());
        CHECK(interval.error().code == ErrorCode::kInvalid);
        CHECK(interval.error().message.find("there are 10s, 30s, 1m, 5m, 10m, 30m or 1h") != std::string::npos);
    }
    CHECK_FALSE(parse_period("10s").has_value());
    CHECK(parse_period("2d").error().message ==
          "period: \"2d\" is none; there are 5m, 15m, 30m, 1h, 3h, 6h, 12h or 1d");
}

TEST_CASE("a run is shown from its beginning to its end, in the steps that were asked for") {
    const Frame frame = frame_of_run(kNow, kNow + 1h, 10s, 1000);
    CHECK(frame.start == kNow);
    CHECK(frame.from == kNow);
    CHECK(frame.to == kNow + 1h + 1ms);
    CHECK(frame.width == 10s);
    CHECK(frame.points() == 361);
    CHECK_FALSE(frame.is_cut);
}

TEST_CASE("of a run of more than a week the last week is shown, and it is told") {
    CHECK_FALSE(frame_of_run(kNow, kNow + kLongestRun, 1min, 1000).is_cut);
    const Frame frame = frame_of_run(kNow, kNow + kLongestRun + 1h, 1min, 1000);
    CHECK(frame.is_cut);
    CHECK(frame.start == kNow);
    CHECK(frame.to - frame.from == kLongestRun);
    CHECK(frame.points() <= 1000);
}

TEST_CASE("a run that has just begun, or that ended before it began, has a frame") {
    CHECK(frame_of_run(kNow, kNow, 10s, 1000).points() == 1);
    CHECK(frame_of_run(kNow, kNow - 1h, 10s, 1000).points() == 1);
    CHECK(frame_of_run(Time{}, Time{}, 10s, 1000).points() == 1);
}

TEST_CASE("there are never more points than were asked for, and nearly as many where there is that much") {
    Rng rng(1);
    for (int round = 0; round < 20'000; ++round) {
        const std::size_t most = kFewestPoints + rng.below(2000);
        const Time start = time_from_ms(static_cast<std::int64_t>(rng.below(2'000'000'000'000)) - 1'000'000'000);
        const Duration length(static_cast<std::int64_t>(rng.below(std::uint64_t{1} << (1 + rng.below(32)))));
        const Duration unit(static_cast<std::int64_t>(1 + rng.below(60'000)));
        const Frame frame = frame_of_run(start, start + length, unit, most);
        REQUIRE(frame.points() >= 1);
        REQUIRE(frame.points() <= most);
        REQUIRE(frame.width % unit == 0ms);
        if (frame.width > unit)
            REQUIRE((frame.to - frame.from) / (frame.width - unit) + 2 > static_cast<std::int64_t>(most));
        const Frame period = frame_of_period(start, 24h, most);
        REQUIRE(period.points() <= std::max(most, kFewestPoints));
    }
}
