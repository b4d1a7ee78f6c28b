#include "engine/exit_words.hpp"

#include <signal.h>

#include <doctest/doctest.h>

using namespace pintle;
using engine::Ending;
using engine::exit_in_words;

namespace {

constexpr int exited(int code) { return code << 8; }

Ending an_ending(int wait_status) {
    Ending ending;
    ending.replica = "worker-1";
    ending.wait_status = wait_status;
    ending.memory_limit_bytes = 64 << 20;
    return ending;
}

}  // namespace

TEST_CASE("a plain exit needs no words") {
    CHECK(exit_in_words(an_ending(exited(0)), time_from_ms(5)) == domain::ReplicaExit{0, false, "", time_from_ms(5)});
    CHECK(exit_in_words(an_ending(exited(3)), {}).message.empty());
}

TEST_CASE("what the kernel did for memory comes before the shell's exit code") {
    Ending ending = an_ending(SIGKILL);
    ending.oom_kills = 1;
    CHECK(exit_in_words(ending, {}).out_of_memory);
    ending.wait_status = exited(137);  // A shell whose child was killed.
    CHECK(exit_in_words(ending, {}).out_of_memory);
    CHECK(exit_in_words(ending, {}).exit_code == 137);
    ending.wait_status = exited(127);
    CHECK_FALSE(exit_in_words(ending, {}).out_of_memory);
    CHECK(exit_in_words(ending, {}).message.find("ended 1 process of worker-1 for memory") != std::string::npos);
    ending.wait_status = exited(0);
    CHECK(exit_in_words(ending, {}).message.empty());
}

TEST_CASE("a stop says how it went, whatever else happened") {
    Ending ending = an_ending(SIGKILL);
    ending.stop_asked = true;
    ending.oom_kills = 1;
    CHECK(exit_in_words(ending, {}).message == "stopped");
    ending.killed_by_us = true;
    ending.stop_grace = Duration(14'000);
    CHECK(exit_in_words(ending, {}).message == "stopped with KILL: it did not end within 14 s of being asked to");
    ending.unkillable = 2;
    CHECK(exit_in_words(ending, {}).message.find("; 2 processes that it started could not be ended") !=
          std::string::npos);
}

TEST_CASE("signals, missing commands and failed starts are named") {
    CHECK(exit_in_words(an_ending(SIGKILL), {})
              .message.find("the kernel does this when the machine runs out of memory") != std::string::npos);
    CHECK(exit_in_words(an_ending(exited(127)), {}).message == "exit code 127: the command was not found");
    CHECK(exit_in_words(an_ending(exited(126)), {}).message ==
          "exit code 126: the command was found but could not be run");
    Ending ending = an_ending(exited(126));
    ending.setup_failure = "no";
    CHECK(exit_in_words(ending, {}).message == "worker-1 could not be started: no");
}
