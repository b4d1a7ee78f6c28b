#include "metrics/printed_values.hpp"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::metrics;

namespace {

std::string told(const std::vector<ReportedValue>& values) {
    std::string text;
    for (const ReportedValue& each : values) {
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", each.name, each.value);
        if (each.step) text += fmt::format("@{}", *each.step);
    }
    return text;
}

std::string plain(std::string_view line) { return told(PrintedValues::make("").value().read(line)); }
std::string by(const std::string& pattern, std::string_view line) {
    return told(PrintedValues::make(pattern).value().read(line));
}

}  // namespace

TEST_CASE("a line that holds nothing but name=value tells values, with their step") {
    CHECK(plain("loss=0.3") == "loss=0.3");
    CHECK(plain("step=10 loss=0.3, accuracy=.91;val/f1-score=1e-3\r") ==
          "loss=0.3@10 accuracy=0.91@10 val/f1-score=0.001@10");
    CHECK(plain("epoch=3 loss=-0.5") == "loss=-0.5@3");
    CHECK(plain("global_step=7, epoch=3, loss=+2") == "epoch=3@7 loss=2@7");
    CHECK(plain("2026-03-01T12:00:00Z loss=1") == "loss=1");
    CHECK(plain("2026-03-01T12:00:00.123456+02:00  loss=1") == "loss=1");
    CHECK(plain("step=1") == "step=1");
    CHECK(plain("loss=nan acc=-inf big=1e999 small=1e-999") == "loss=nan acc=-inf big=inf small=0");
}

TEST_CASE("other lines tell nothing") {
    for (const char* line :
         {"", "   ", "loss", "the loss=0.3", "loss=0.3 now", "loss = 0.3", "loss=", "=0.3", "loss=0.3.1", "loss=0x10",
          "PATH=/usr/bin", "a=1=2", "1a=3", "loss=1,5x", "loss=--3", "loss=+-3", "http://x/?a=1", "x=one"}) {
        CHECK_MESSAGE(plain(line) == "", line);
    }
    CHECK(plain(std::string(PrintedValues::kLineMax, ' ') + "a=1") == "");
    CHECK(plain(std::string("a\0b=1", 5)) == "");
    CHECK(plain(std::string(201, 'a') + "=1") == "");
    std::string many;
    for (int i = 0; i < 200; ++i) many += fmt::format("a{}=1 ", i);
    CHECK(plain(many) == "");
}

TEST_CASE("a pattern takes values from within a line, as often as it matches") {
    CHECK(by("([\\w-]+): ([-+.\\deE]+)", "Epoch 3: loss: 0.25 - acc: 0.5 - bad: e") == "loss=0.25 acc=0.5");
    CHECK(by("(?P<value>[0-9.]+) (?P<name>\\w+) at (?P<step>\\d+)", "0.5 loss at 12") == "loss=0.5@12");
    CHECK(by("([\\w|-]+)\\s*=\\s*([+-]?\\d*(?:\\.\\d+)?(?:[Ee][+-]?\\d+)?)", "step = 4 and loss = 0.5 x = y") ==
          "loss=0.5@4");
    CHECK(by("(a*)(b*)", "ccc") == "");
    CHECK(PrintedValues::make("(a").error().code == ErrorCode::kInvalid);
    CHECK(PrintedValues::make("(a)").error().code == ErrorCode::kInvalid);
}
