#include "runtime/usage_rates.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::runtime;

namespace {

constexpr Duration kTen{10'000};

Reading at(std::int64_t ms, std::int64_t cpu_us, std::optional<std::int64_t> sent = std::nullopt) {
    Reading reading;
    reading.since = Duration(ms);
    reading.usage.cpu_us = cpu_us;
    reading.usage.network_sent_bytes = sent;
    return reading;
}

std::string told(const Measured& measured) {
    std::string text;
    for (const auto& [name, value] : measured) text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
    return text;
}

}  // namespace

TEST_CASE("what was used in a second is told, with 100 for one whole processor") {
    CHECK(told(rates_between(at(0, 0), at(10'000, 10'000'000), kTen)) == "cpu_percent=100");
    CHECK(told(rates_between(at(5'000, 1'000'000, 100), at(6'000, 2'500'000, 2'100), Duration(1'000))) ==
          "cpu_percent=150 network_send_bytes_per_s=2000");
    CHECK(told(rates_between(at(0, 7), at(10'000, 7), kTen)) == "cpu_percent=0");
}

TEST_CASE("a counter that begins anew, or is not known to both readings, gives a gap and no spike") {
    CHECK(told(rates_between(at(0, 5'000'000, 1), at(10'000, 100, 2), kTen)) == "network_send_bytes_per_s=0.1");
    CHECK(told(rates_between(at(0, 0), at(10'000, 0, 5), kTen)) == "cpu_percent=0");
}

TEST_CASE("readings that lie too near to each other, or so far apart that a look was missed, tell nothing") {
    CHECK(told(rates_between(at(0, 0), at(199, 199'000), kTen)) == "");
    CHECK(told(rates_between(at(0, 0), at(200, 200'000), kTen)) == "cpu_percent=100");
    CHECK(told(rates_between(at(0, 0), at(25'000, 25'000'000), kTen)) == "cpu_percent=100");
    CHECK(told(rates_between(at(0, 0), at(25'001, 25'000'000), kTen)) == "");
    CHECK(told(rates_between(at(0, 0), at(0, 5), kTen)) == "");
    CHECK(told(rates_between(at(1'000, 0), at(0, 5), kTen)) == "");
}

TEST_CASE("memory is told in millions of bytes, and a GPU tells what its driver does") {
    engine::Usage usage;
    CHECK(told(levels_of(usage)) == "");
    usage.memory_bytes = 2'500'000;
    CHECK(told(levels_of(usage)) == "memory_mb=2.5");
    CHECK(told(levels_of(engine::DeviceUsage{"GPU-a", 97, 1'000'000, 312.5, std::nullopt})) ==
          "gpu_percent=97 gpu_memory_mb=1 gpu_power_w=312.5");
}

TEST_CASE("looks fall on whole multiples of their interval, and a late one does not make the next early") {
    CHECK(next_look(Duration(0), kTen) == Duration(10'000));
    CHECK(next_look(Duration(9'999), kTen) == Duration(10'000));
    CHECK(next_look(Duration(10'000), kTen) == Duration(20'000));
    CHECK(next_look(Duration(34'567), kTen) == Duration(40'000));
    CHECK(next_look(Duration(34'567), Duration(1'000)) == Duration(35'000));
}
