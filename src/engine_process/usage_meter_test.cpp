#include "engine_process/usage_meter.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::engine_process;

namespace {

ProcStat process(pid_t pid, pid_t parent, std::uint64_t own, std::uint64_t waited) {
    return {pid, 'S', parent, pid, 1, own, waited};
}

}  // namespace

TEST_CASE(
    "a replica's processor time is that of all below its supervisor, of those that have ended too, and not its own") {
    const ProcessTree tree({process(1, 0, 500, 500), process(10, 1, 7, 30), process(11, 10, 100, 5),
                            process(12, 11, 20, 0), process(20, 1, 9, 9)});
    CHECK(tree.ticks_below(10) == 30 + 105 + 20);
    CHECK(tree.ticks_below(20) == 9);
    CHECK(tree.ticks_below(99) == 0);
}

TEST_CASE("a table of processes that contradicts itself ends all the same") {
    const ProcessTree tree({process(10, 11, 1, 1), process(11, 10, 1, 1), process(5, 5, 1, 1)});
    CHECK(tree.ticks_below(10) > 0);
    CHECK(tree.ticks_below(5) == 1);
}
