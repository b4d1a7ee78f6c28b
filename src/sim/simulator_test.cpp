#include "sim/simulator.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::sim;

TEST_CASE("the promises hold under faults for many seeds") {
    int crashes = 0, failed_commits = 0, deleted = 0, complete = 0, error = 0, stopped = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto report = simulate({seed, 150, ""});
        REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().message));
        crashes += report->crashes;
        failed_commits += report->failed_commits;
        deleted += report->projects_deleted;
        complete += report->complete;
        error += report->error;
        stopped += report->stopped;
    }
    // Every kind of fault and every kind of end occurred: the simulation is not idle.
    CHECK(crashes > 100);
    CHECK(failed_commits > 20);
    CHECK(deleted > 5);
    CHECK(complete > 100);
    CHECK(error > 50);
    CHECK(stopped > 20);
}

TEST_CASE("the same seed gives the same run, another seed another") {
    const SimReport first = simulate({42, 200, ""}).value();
    CHECK(simulate({42, 200, ""}).value() == first);
    CHECK(simulate({43, 200, ""}).value().hash != first.hash);
}

TEST_CASE("a machine that is gone and back while the disk is full gets its starts again") {
    // In this run the absence of a node falls into a commit that fails, with attempts on it that nobody had seen run.
    const auto report = simulate({8830, 100, "", false});
    REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().message));
}

TEST_CASE("a component's job that ends while its component is looked after is noticed") {
    // In this run it is looked at alive and ended later in the same step.
    const auto report = simulate({123, 100, "", false});
    REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().message));
}
