#include "runtime/preparation_lanes.hpp"

#include <doctest/doctest.h>

using namespace pintle::runtime;

namespace {

using Id = PreparationLanes::Id;

const PreparationLanes::TimePoint soon{std::chrono::seconds(2)};

/// Begins all that may begin.
std::vector<Id> begin_all(PreparationLanes& lanes) {
    std::vector<Id> begun;
    while (const auto id = lanes.next()) begun.push_back(*id);
    return begun;
}

/// The server has answered once.
void make_good(PreparationLanes& lanes, const std::string& place) {
    lanes.add(1000, {place});
    REQUIRE(lanes.next() == 1000);
    lanes.succeeded(1000);
}

}  // namespace

TEST_CASE("preparations that need no server are begun in their order, one for each thread") {
    PreparationLanes lanes(3);
    for (Id id = 1; id <= 5; ++id) lanes.add(id, {});
    CHECK(begin_all(lanes) == std::vector<Id>{1, 2, 3});
    lanes.succeeded(2);
    CHECK(begin_all(lanes) == std::vector<Id>{4});
}

TEST_CASE(
    "servers that nobody has tried hold half of the threads, and a healthy job goes ahead of those that wait for "
    "them") {
    PreparationLanes lanes(6);
    for (Id id = 1; id <= 8; ++id) lanes.add(id, {"silent" + std::to_string(id)});
    CHECK(begin_all(lanes) == std::vector<Id>{1, 2, 3});
    lanes.add(20, {});
    CHECK(begin_all(lanes) == std::vector<Id>{20});
}

TEST_CASE("servers that failed last time hold a third of the threads and leave room for one that is new") {
    PreparationLanes lanes(6);
    for (Id id = 1; id <= 3; ++id) lanes.add(id, {"silent"});
    CHECK(begin_all(lanes).size() == 3);
    for (Id id = 1; id <= 3; ++id) lanes.failed(id, "silent");
    for (Id id = 11; id <= 18; ++id) lanes.add(id, {"silent"});
    lanes.add(30, {"new"});
    CHECK(begin_all(lanes) == std::vector<Id>{11, 12, 30});
    SUBCASE("as soon as it answers all may go on") {
        lanes.succeeded(11);
        CHECK(begin_all(lanes) == std::vector<Id>{13, 14, 15});
    }
}

TEST_CASE("a server that answered last time may have all threads but one") {
    PreparationLanes lanes(4);
    make_good(lanes, "git");
    for (Id id = 1; id <= 5; ++id) lanes.add(id, {"git"});
    CHECK(begin_all(lanes) == std::vector<Id>{1, 2, 3});
    lanes.add(20, {});
    CHECK(begin_all(lanes) == std::vector<Id>{20});
}

TEST_CASE("a job with a good and a bad server waits for the bad one, and only that one gets the blame") {
    PreparationLanes lanes(6);
    make_good(lanes, "git");
    lanes.add(1, {"git", "silent"});
    CHECK(begin_all(lanes) == std::vector<Id>{1});
    lanes.failed(1, "silent");
    for (Id id = 2; id <= 5; ++id) lanes.add(id, {"git", "silent"});
    for (Id id = 6; id <= 8; ++id) lanes.add(id, {"git"});
    CHECK(begin_all(lanes) == std::vector<Id>{2, 3, 6, 7, 8});
}

TEST_CASE("a failure that is no server's changes nothing") {
    PreparationLanes lanes(6);
    make_good(lanes, "git");
    lanes.add(1, {"git"});
    CHECK(begin_all(lanes).size() == 1);
    lanes.failed(1, "");
    for (Id id = 2; id <= 6; ++id) lanes.add(id, {"git"});
    CHECK(begin_all(lanes).size() == 5);
}

TEST_CASE("one thread is enough for everything, one after the other") {
    PreparationLanes lanes(1);
    lanes.add(1, {"silent"});
    lanes.add(2, {});
    CHECK(begin_all(lanes) == std::vector<Id>{1});
    lanes.failed(1, "silent");
    CHECK(begin_all(lanes) == std::vector<Id>{2});
    lanes.succeeded(2);
    lanes.add(3, {"silent"});
    CHECK(begin_all(lanes) == std::vector<Id>{3});
}

TEST_CASE("what needs a server and has not begun can be dropped") {
    PreparationLanes lanes(2);
    for (Id id = 1; id <= 3; ++id) lanes.add(id, {"git"});
    lanes.add(4, {});
    CHECK(begin_all(lanes) == std::vector<Id>{1, 4});
    lanes.add(5, {});
    CHECK(lanes.drop_waiting() == std::vector<Id>{2, 3});
    CHECK_FALSE(lanes.empty());
    lanes.succeeded(4);
    CHECK(begin_all(lanes) == std::vector<Id>{5});
}

TEST_CASE("what was postponed is dropped with them, also if it needs no server") {
    PreparationLanes lanes(2);
    lanes.add(1, {});
    lanes.add(2, {});
    CHECK(begin_all(lanes) == std::vector<Id>{1, 2});
    lanes.postpone(1, soon);
    lanes.add(3, {});
    CHECK(lanes.drop_waiting() == std::vector<Id>{1});
    lanes.succeeded(2);
    CHECK(begin_all(lanes) == std::vector<Id>{3});
    CHECK(lanes.empty());
}

TEST_CASE("what waits for something in use leaves its thread to others, and goes on when one that shares a place ends") {
    PreparationLanes lanes(3);
    make_good(lanes, "git");
    make_good(lanes, "nfs");
    lanes.add(1, {"git"});
    lanes.add(2, {"git"});
    CHECK(begin_all(lanes) == std::vector<Id>{1, 2});
    lanes.add(3, {"nfs"});
    CHECK(begin_all(lanes).empty());
    lanes.postpone(2, soon);
    CHECK(lanes.next_wake() == soon);
    CHECK(begin_all(lanes) == std::vector<Id>{3});
    lanes.succeeded(3);
    CHECK(begin_all(lanes).empty());
    SUBCASE("one that ended well") {
        lanes.succeeded(1);
        CHECK(begin_all(lanes) == std::vector<Id>{2});
    }
    SUBCASE("one that failed") {
        lanes.failed(1, "git");
        CHECK(begin_all(lanes) == std::vector<Id>{2});
    }
    SUBCASE("or after a while in any case") {
        lanes.wake(soon - std::chrono::milliseconds(1));
        CHECK(begin_all(lanes).empty());
        lanes.wake(soon);
        CHECK(begin_all(lanes) == std::vector<Id>{2});
    }
    CHECK_FALSE(lanes.next_wake());
}
