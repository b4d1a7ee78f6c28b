#include <doctest/doctest.h>

#include "base/rng.hpp"
#include "domain/quantity.hpp"

using namespace pintle;
using namespace pintle::domain;

TEST_CASE("CPU reads as Kubernetes writes it, rounded up to whole millicores") {
    const std::vector<std::pair<std::string, std::int64_t>> cases{
        {"100m", 100}, {"2", 2000},      {"0.5", 500}, {"0", 0},
        {"0m", 0},     {"1.0005", 1001}, {"0.1m", 1},  {"1e1", 10'000},
        {".5", 500},   {"4000m", 4000},  {"0.001", 1}, {"1000000000000", 1'000'000'000'000'000}};
    for (const auto& [text, millis] : cases) {
        CAPTURE(text);
        CHECK(parse_cpu(text).value() == millis);
    }
}

TEST_CASE("memory reads in binary and decimal units") {
    const std::vector<std::pair<std::string, std::int64_t>> cases{{"64Mi", 64LL << 20},
                                                                  {"8Gi", 8LL << 30},
                                                                  {"512M", 512'000'000},
                                                                  {"1e9", 1'000'000'000},
                                                                  {"1E9", 1'000'000'000},
                                                                  {"123", 123},
                                                                  {"1k", 1000},
                                                                  {"1K", 1000},
                                                                  {"1Ki", 1024},
                                                                  {"1.5Gi", 3LL << 29},
                                                                  {"2T", 2'000'000'000'000},
                                                                  {"1Ti", 1LL << 40},
                                                                  {"0", 0},
                                                                  {"1500m", 2}};
    for (const auto& [text, bytes] : cases) {
        CAPTURE(text);
        CHECK(parse_memory(text).value() == bytes);
    }
}

TEST_CASE("a bare number of a timeout counts minutes") {
    const std::vector<std::pair<std::string, std::int64_t>> cases{
        {"5", 300'000}, {"300", 18'000'000}, {"300s", 300'000}, {"5m", 300'000}, {"1h", 3'600'000},
        {"500ms", 500}, {"1d", 86'400'000},  {"0", 0},          {"0.5", 30'000}, {"1.5h", 5'400'000}};
    for (const auto& [text, ms] : cases) {
        CAPTURE(text);
        CHECK(parse_timeout(text).value() == Duration(ms));
    }
}

TEST_CASE("what is no quantity is refused with an example of one") {
    for (const std::string& text :
         {std::string(),         std::string("-1"),  std::string("-0"),     std::string("+1"),
          std::string("nan"),    std::string("inf"), std::string("-inf"),   std::string("1e400"),
          std::string("1e-400"), std::string("two"), std::string("1x"),     std::string("1 Gi"),
          std::string(" 1"),     std::string("1 "),  std::string("1e3Ki"),  std::string("1e3m"),
          std::string("1e"),     std::string("1,5"), std::string("0x10"),   std::string("1mi"),
          std::string("1GiB"),   std::string("--1"), std::string("1\0", 2), std::string("\xFF\xFE"),
          std::string(".")}) {
        CAPTURE(text);
        for (const Error& error : {parse_cpu(text).error(), parse_memory(text).error(), parse_timeout(text).error()}) {
            CHECK(error.code == ErrorCode::kInvalid);
            CHECK(error.message.starts_with("expected "));
        }
    }
    CHECK(parse_cpu("4Gi").error().message == "expected CPU like 100m, 0.5 or 2, got \"4Gi\"");
    CHECK(parse_memory(std::string(100'000, '7') + "x").error().message.size() < 300);
}

TEST_CASE("a quantity beyond any machine is refused instead of overflowing") {
    for (const std::string text : {"1e300", "99999999999999999999", "1e16", "9223372036854775808"}) {
        CAPTURE(text);
        CHECK(parse_cpu(text).error().message.find("too large") != std::string::npos);
        CHECK(parse_memory(text).error().message.find("too large") != std::string::npos);
        CHECK(parse_timeout(text).error().message.find("too large") != std::string::npos);
    }
    CHECK(parse_memory("1000Ti").error().message.find("too large") != std::string::npos);
}

TEST_CASE("quantities are written as short as they can be read back") {
    CHECK(format_cpu(1000) == "1");
    CHECK(format_cpu(100) == "100m");
    CHECK(format_cpu(0) == "0");
    CHECK(format_memory(8589934592) == "8Gi");
    CHECK(format_memory(512'000'000) == "512M");
    CHECK(format_memory(1001) == "1001");
    CHECK(format_memory(0) == "0");
    CHECK(format_timeout(Duration(300'000)) == "5m");
    CHECK(format_timeout(Duration(90'000)) == "90s");
    CHECK(format_timeout(Duration(1)) == "1ms");
    Rng rng(7);
    for (int i = 0; i < 2000; ++i) {
        const auto value = static_cast<std::int64_t>(rng.below(1ULL << rng.below(50)));
        CAPTURE(value);
        CHECK(parse_cpu(format_cpu(value)).value() == value);
        CHECK(parse_memory(format_memory(value)).value() == value);
        CHECK(parse_timeout(format_timeout(Duration(value))).value() == Duration(value));
    }
}
