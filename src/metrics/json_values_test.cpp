#include "metrics/json_values.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::metrics;

namespace {

std::string told(std::string_view line) {
    std::string text;
    for (const ReportedValue& each : read_json_line(line)) {
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", each.name, each.value);
        if (each.step) text += fmt::format("@{}", *each.step);
        if (each.at) text += fmt::format("!{}", to_ms(*each.at));
    }
    return text;
}

std::string told(const Lines& lines) {
    std::string text;
    for (const std::string_view line : lines.whole) text += fmt::format("[{}]", line);
    return fmt::format("{} {}{}", text, lines.used, lines.within ? " within" : "");
}

}  // namespace

TEST_CASE("the numbers of an object are values, with their step and time") {
    CHECK(told(R"({"loss": 0.3, "step": 10})") == "loss=0.3@10");
    CHECK(told(R"( {"loss": 1, "acc": true, "time": 1700000000.5} )") == "loss=1!1700000000500 acc=1!1700000000500");
    CHECK(told(R"({"loss": "0.25", "global_step": "7", "timestamp": 1638422847.287, "trial": "0", "path": ""})") ==
          "loss=0.25@7!1638422847287 trial=0@7!1638422847287");
    CHECK(told(R"({"a": 1, "time": "2026-03-01T12:00:00Z"})") == "a=1!1772366400000");
    CHECK(told(R"({"a": 1, "time": 1700000000500})") == "a=1!1700000000500");
    CHECK(told(R"({"train": {"loss": 1, "deep": {"er": 2}}, "note": "x", "list": [1], "none": null})") ==
          "train/loss=1 train/deep/er=2");
}

TEST_CASE("NaN and infinities are values, as Python writes them and as texts") {
    CHECK(told(R"({"a": NaN, "b": -Infinity, "c": Infinity, "NaN": 1, "d": "NaN", "e\"": NaN})") ==
          "a=nan b=-inf c=inf NaN=1 d=nan e\"=nan");
    CHECK(told(R"({"a": NaNa})") == "");
    CHECK(told(R"({"a": NaN)") == "");
}

TEST_CASE("a line that is no object holds nothing") {
    for (const char* line : {"", "{", "[1]", "3", "null", "{\"a\":}", "{\"a\":1}{", "loss=3", "\xff\xfe",
                             "{\"a\":1,\"a\":2}", "{\"time\": 5}"}) {
        CHECK_MESSAGE(told(line) == "", line);
    }
    CHECK(told(R"({"a": 1, "time": -5})") == "a=1");
    CHECK(told(R"({"a": 1, "time": 1e300})") == "a=1");
    CHECK(told(R"({"a\n": 1})") == "");
    CHECK(told("{\"a\": " + std::string(100'000, '1') + "}") == "");
    CHECK(told("{\"a\": " + std::string(5'000, '[')) == "");
}

TEST_CASE("a file is divided into whole lines, and the rest is read again") {
    CHECK(told(divide_lines("a\nb\nc", false, false)) == "[a][b] 4");
    CHECK(told(divide_lines("a\nb\nc", false, true)) == "[a][b][c] 5");
    CHECK(told(divide_lines("\n\n", false, false)) == "[][] 2");
    CHECK(told(divide_lines("", false, true)) == " 0");
}

TEST_CASE("a line that is too long is passed over, however it is cut") {
    const std::string half(kJsonLineMax / 2 + 1, 'x');
    const Lines first = divide_lines("a\n" + half + half, false, false);
    CHECK(first.used == 2 + 2 * half.size());
    CHECK(first.within);
    CHECK(told(divide_lines(half, true, false)) == fmt::format(" {} within", half.size()));
    CHECK(told(divide_lines("x\nb\n", true, false)) == "[b] 4");
    CHECK(told(divide_lines(half + half + "\nb\n", false, false)) == fmt::format("[b] {}", 2 * half.size() + 3));
    CHECK(told(divide_lines("x", true, true)) == " 1 within");
}
