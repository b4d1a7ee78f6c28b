#include "engine_process/proc.hpp"

#include <unistd.h>

#include <doctest/doctest.h>

#include "engine_process/leftovers.hpp"

using namespace pintle::engine_process;

TEST_CASE("a stat line is read whatever the program calls itself") {
    const auto stat = parse_stat("42 (a) b (c d) S 7 42 40 0 -1 4194560 1 0 0 0 5 6 70 80 20 0 1 0 12345 1000 10\n");
    REQUIRE(stat.has_value());
    CHECK(*stat == ProcStat{42, 'S', 7, 40, 12345, 11, 150});
    for (const char* bad : {"", "42", "42 (x) S", "x (y) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19",
                            "42 (x) S 7 42 40 0 -1 1 1 0 0 0 0 0 0 0 20 0 1 0 late 1"}) {
        CHECK_FALSE(parse_stat(bad).has_value());
    }
}

TEST_CASE("descendants are found through every generation, without zombies and without others") {
    const std::vector<ProcStat> processes{{1, 'S', 0, 1, 1},    {10, 'S', 1, 10, 2},  {11, 'S', 10, 10, 3},
                                          {12, 'Z', 10, 10, 4}, {13, 'S', 12, 13, 5}, {20, 'S', 1, 20, 6}};
    CHECK(descendants(processes, 10) == std::vector<pid_t>{11, 13});
    CHECK(descendants(processes, 20).empty());
    CHECK(descendants({{5, 'S', 5, 5, 1}}, 5).empty());
}

TEST_CASE("a session is a replica's own unless its number was given to somebody else") {
    const std::vector<ProcStat> processes{
        {10, 'S', 1, 10, 2}, {11, 'S', 1, 10, 3}, {12, 'Z', 1, 10, 4}, {13, 'S', 1, 1, 5}};
    CHECK(session_members(processes, {10, 2, "b"}) == std::vector<pid_t>{10, 11});
    CHECK(session_members(processes, {10, 99, "b"}).empty());
    CHECK(session_members({{11, 'S', 1, 10, 3}}, {10, 99, "b"}) == std::vector<pid_t>{11});
}

TEST_CASE("this process is alive, and another life of its pid or of the machine is not") {
    ProcessId own = this_process();
    CHECK(own.pid == ::getpid());
    CHECK(is_alive(own));
    ++own.start_time;
    CHECK_FALSE(is_alive(own));
    own = this_process();
    own.boot = "another";
    CHECK_FALSE(is_alive(own));
    CHECK_FALSE(is_alive({}));
}

TEST_CASE("an environment line is found as a whole only") {
    const std::string_view bytes("A=1\0PINTLE_ATTEMPT=x.1\0B=2", 26);
    CHECK(contains_environment_line(bytes, "PINTLE_ATTEMPT=x.1"));
    CHECK(contains_environment_line(bytes, "B=2"));
    CHECK_FALSE(contains_environment_line(bytes, "PINTLE_ATTEMPT=x"));
    CHECK_FALSE(contains_environment_line("", "A=1"));
}
