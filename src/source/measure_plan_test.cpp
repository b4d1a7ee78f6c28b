#include "source/measure_plan.hpp"

#include <doctest/doctest.h>

namespace pintle::source {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Time kStart = time_from_ms(1'000'000'000);
const MeasureRhythm kRhythm;

MeasureState measured(Duration took = seconds(0)) {
    MeasureState state;
    state.measured_at = kStart;
    state.took = took;
    return state;
}

TEST_CASE("what was never measured is due at once") { CHECK(due_at({}, kRhythm) == Time{}); }

TEST_CASE("what nobody touches is measured every few hours, and less often when it takes long") {
    CHECK(due_at(measured(), kRhythm) == kStart + hours(6));
    CHECK(due_at(measured(hours(1)), kRhythm) == kStart + hours(1) + hours(50));
}

TEST_CASE("what jobs write to is measured every half minute, and less often when it takes long") {
    MeasureState state = measured();
    state.written = true;
    CHECK(due_at(state, kRhythm) == kStart + seconds(30));
    state.took = minutes(1);
    CHECK(due_at(state, kRhythm) == kStart + minutes(21));
}

TEST_CASE("what was touched is measured soon, after a pause that grows with the time it takes") {
    MeasureState state = measured();
    state.touched_at = kStart + minutes(5);
    CHECK(due_at(state, kRhythm) == kStart + minutes(5));
    state.touched_at = kStart + seconds(1);
    CHECK(due_at(state, kRhythm) == kStart + seconds(2));
    state.took = seconds(10);
    CHECK(due_at(state, kRhythm) == kStart + seconds(110));
}

TEST_CASE("what was touched while it was measured is measured again, what was touched before is not") {
    MeasureState state = measured(seconds(1));
    state.touched_at = kStart;
    CHECK(due_at(state, kRhythm) == kStart + seconds(11));
    state.touched_at = kStart - Duration(1);
    CHECK(due_at(state, kRhythm) == kStart + seconds(1) + hours(6));
}

TEST_CASE("the folder that is due first comes first") {
    std::map<MeasuredFolder, MeasureState> folders;
    CHECK_FALSE(next_measure(folders, kRhythm));
    folders[{"default", "org/a/idle"}] = measured();
    folders[{"default", "org/a/written"}] = measured();
    folders[{"default", "org/a/written"}].written = true;
    CHECK(next_measure(folders, kRhythm)->folder.second == "org/a/written");
    CHECK(next_measure(folders, kRhythm)->at == kStart + seconds(30));
    folders[{"default", "org/z/touched"}] = measured();
    folders[{"default", "org/z/touched"}].touched_at = kStart + seconds(3);
    CHECK(next_measure(folders, kRhythm)->folder.second == "org/z/touched");
    folders[{"default", "org/a/new"}] = {};
    CHECK(next_measure(folders, kRhythm)->folder.second == "org/a/new");
    folders[{"default", "org/b/new-and-touched"}].touched_at = kStart;
    CHECK(next_measure(folders, kRhythm)->folder.second == "org/b/new-and-touched");
}

}  // namespace
}  // namespace pintle::source
