#include "core/scenario/scenario_file.hpp"

#include <doctest/doctest.h>

#include "core/scenario/steps.hpp"

using namespace pintle;
using namespace pintle::core::scenario;

namespace {

std::string fault_of(std::string_view text) {
    const auto file = parse_scenarios("a.scenario", text);
    return file ? "" : file.error().message;
}

std::string fault_of_step(const std::string& text) {
    World world;
    const auto done = run_step(world, {"Given", text, 1});
    return done ? "" : done.error().message;
}

}  // namespace

TEST_CASE("a scenario has the steps of the background and its own, with their lines") {
    const auto good = parse_scenarios("a.scenario",
        "# about\nBackground:\n  Given a\n\nScenario: one\n  When b\n  Then c\n");
    REQUIRE(good.has_value());
    REQUIRE(good->scenarios.size() == 1);
    CHECK(good->scenarios[0].name == "one");
    CHECK(good->scenarios[0].line == 5);
    CHECK(good->scenarios[0].steps == std::vector<Step>{{"Given", "a", 3}, {"When", "b", 6}, {"Then", "c", 7}});
}

TEST_CASE("what is no scenario is refused with its line") {
    CHECK(fault_of("") == "a.scenario:1: there is no scenario here; begin one with \"Scenario: …\"");
    CHECK(fault_of("Given a\n") == "a.scenario:1: a step before the first \"Scenario:\" or \"Background:\"");
    CHECK(fault_of("Scenario: x\nGiven a\nOops\n") ==
        "a.scenario:3: expected Given, When, Then, And or But, Scenario: or Background:, got \"Oops\"");
    CHECK(fault_of("Scenario: x\nAnd a\n") ==
        "a.scenario:2: \"And\" continues a step, and there is none before it; begin with Given or When");
    CHECK(fault_of("Scenario: x\nGiven a\n") == "a.scenario:1: the scenario checks nothing; it needs a Then");
    CHECK(fault_of("Scenario:\n") == "a.scenario:1: a scenario needs a name: a sentence that says what is so");
    CHECK(fault_of("Scenario: x\nThen a\nScenario: x\nThen a\n") ==
        "a.scenario:3: there is a scenario of this name already, in line 1");
    CHECK(fault_of("Scenario: x\nThen a\nBackground:\n") ==
        "a.scenario:3: \"Background:\" stands once, before all scenarios");
}

TEST_CASE("a step that is not known is answered with the nearest one that is") {
    CHECK(fault_of_step("the operator makes a pool \"x\" of 2 GPUs") ==
          "there is no such step; the nearest one is: the operator makes the pool {name} of {n} GPU|GPUs");
    CHECK(fault_of_step("job 1 was Running") == "there is no such step; the nearest one is: job {n} is {state}");
    CHECK(fault_of_step("the user \"ana") == "a quotation mark has no other half");
}

TEST_CASE("a name that is not known is answered with those that are") {
    CHECK(fault_of_step("ana is an operator") == "there is no user \"ana\"; there are: olga");
    CHECK(fault_of_step("the pool \"x\" has 1 GPU") == "there is no pool \"x\"; there are: Default Pool");
}

TEST_CASE("a pattern has names, numbers, times, states and words that may be missing") {
    const StepPattern pattern("{who} has {n} [big] GPU|GPUs for {time}: {text}");
    const auto match = pattern.match(*tokens_of("the operator has 2 GPUs for 5 minutes: \"a, \\\"b\\\"\""));
    REQUIRE(match.has_value());
    CHECK(match->text(0) == "operator");
    CHECK(match->number(1) == 2);
    CHECK(match->time(2) == std::chrono::minutes(5));
    CHECK(match->text(3) == "a, \"b\"");
    CHECK(pattern.match(*tokens_of("ana has 1 big GPU for 1 hour: \"\"")).has_value());
    CHECK_FALSE(pattern.match(*tokens_of("ana has one GPU for 1 hour: \"\"")).has_value());
    CHECK(StepPattern("job {n} is {state}").match(*tokens_of("job 1 is Waiting for GPUs"))->state(1) ==
        domain::JobState::kWaitingForGpus);
}

TEST_CASE("dots in an expected text stand for anything") {
    CHECK(reads_as("a…d", "abcd"));
    CHECK(reads_as("…", ""));
    CHECK(reads_as("…b…", "abc"));
    CHECK_FALSE(reads_as("a…e", "abcd"));
    CHECK_FALSE(reads_as("abc", "abcd"));
}
