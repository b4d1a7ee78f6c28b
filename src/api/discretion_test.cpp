#include <doctest/doctest.h>

#include "api/discretion.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

const SeesName kSeesDigits = [](const std::string& name) { return name.starts_with("digits/"); };

}  // namespace

TEST_CASE("names of jobs that a reader may not know of become words, all others stay") {
    CHECK(discreet_text("behind digits/train:3 and vision/train:41, which has 4 GPUs", kSeesDigits) ==
          "behind digits/train:3 and a job of another group, which has 4 GPUs");
    CHECK(discreet_text("vision/train:41: it goes first", kSeesDigits) == "a job of another group: it goes first");
    CHECK(discreet_text("(vision/train:41)", kSeesDigits) == "(a job of another group)");
    CHECK(discreet_text("vision/train:41", kSeesDigits) == "a job of another group");
    CHECK(discreet_text("", kSeesDigits).empty());
}

TEST_CASE("what only resembles a job's name stays") {
    for (const char* text : {"1 of 8 A100 at 14:21", "/train:3", "vision/:3", "vision/train", "vision/train:x", "a:1",
                             "http://127.0.0.1:7171/jobs", "CPU/memory: 3", "größe/train:"})
        CHECK(discreet_text(text, kSeesDigits) == text);
}

TEST_CASE("an explanation keeps how many GPUs a hidden job has and until when, but neither its name nor its id") {
    scheduling::Explanation explanation;
    explanation.reason = "it needs 4 GPUs, which vision/train:41 has";
    const scheduling::Forecast ends{time_from_ms(1000), time_from_ms(2000)};
    explanation.waits_for = {{domain::JobId("A"), "vision/train:41", 4, false, ends},
                             {domain::JobId("B"), "digits/train:3", 2, true, std::nullopt}};
    explanation.remedies = {{scheduling::Remedy::Kind::kPriority, 0, 11, "", "with priority 11, before vision/tune:2"}};
    const auto told = discreet(
        explanation, [](const domain::JobId& id) { return id.str() == "B"; }, kSeesDigits);
    CHECK(told.reason == "it needs 4 GPUs, which a job of another group has");
    CHECK(told.waits_for[0].id.empty());
    CHECK(told.waits_for[0].name == "a job of another group");
    CHECK(told.waits_for[0].gpus == 4);
    CHECK(told.waits_for[0].ends == ends);
    CHECK(told.waits_for[1] == explanation.waits_for[1]);
    CHECK(told.remedies[0].text == "with priority 11, before a job of another group");
}

TEST_CASE("of two jobs of one name, one of them hidden, only the hidden one loses its name") {
    scheduling::Explanation explanation;
    explanation.waits_for = {{domain::JobId("A"), "digits/train:3", 1, false, std::nullopt},
                             {domain::JobId("B"), "digits/train:3", 1, false, std::nullopt}};
    const auto told = discreet(
        explanation, [](const domain::JobId& id) { return id.str() == "B"; }, kSeesDigits);
    CHECK(told.waits_for[0].name == kHiddenJob);
    CHECK(told.waits_for[1].name == "digits/train:3");
}
