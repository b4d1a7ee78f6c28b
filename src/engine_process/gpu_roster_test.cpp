#include "engine_process/gpu_roster.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::engine_process;

namespace {

domain::Device listed(int index, std::string uuid, std::string vendor = "nvidia") {
    return {index, "A100", true, std::move(uuid), std::move(vendor), 80, ""};
}

/// As a driver lists a GPU that it has lost.
domain::Device lost(int index) { return {index, "", false, "", "nvidia", 0, "lost"}; }

std::string uuids(const GpuRoster& roster) {
    std::string text;
    for (const Gpu& gpu : roster.gpus()) {
        text += (text.empty() ? "" : " ") + gpu.device.uuid + (gpu.device.healthy ? "" : "!");
    }
    return text;
}

}  // namespace

TEST_CASE("a GPU keeps its index while the drivers count anew, and while it is away") {
    GpuRoster roster("n");
    roster.update({listed(0, "a"), listed(1, "b"), listed(0, "c", "amd")});
    CHECK(uuids(roster) == "a b c");
    CHECK(roster.gpus()[2].device.index == 2);
    CHECK(roster.gpus()[2].driver_index == 0);
    roster.update({listed(0, "b"), listed(0, "c", "amd")});
    CHECK(uuids(roster) == "a! b c");
    CHECK(roster.gpus()[0].device.fault == "the driver no longer lists it");
    CHECK_FALSE(roster.gpus()[0].is_listed);
    CHECK(roster.gpus()[1].device.index == 1);
    CHECK(roster.gpus()[1].driver_index == 0);
    roster.update({listed(0, "a"), listed(1, "b"), listed(0, "c", "amd"), listed(2, "d")});
    CHECK(uuids(roster) == "a b c d");
    CHECK(roster.gpus()[0].device == listed(0, "a"));
    CHECK(roster.gpus()[3].driver_index == 2);
    roster.update({});
    CHECK(uuids(roster) == "a! b! c! d!");
}

TEST_CASE("a GPU that its driver has lost is known by its place, and keeps what it was") {
    GpuRoster roster("n");
    roster.update({listed(0, "a"), listed(1, "b")});
    roster.update({listed(0, "a"), lost(1)});
    CHECK(uuids(roster) == "a b!");
    CHECK(roster.gpus()[1].device == domain::Device{1, "A100", false, "b", "nvidia", 80, "lost"});
    CHECK(roster.gpus()[1].is_listed);
    // Also when it was away altogether in between.
    roster.update({listed(0, "a")});
    roster.update({listed(0, "a"), lost(1)});
    CHECK(uuids(roster) == "a b!");
    roster.update({listed(0, "a"), listed(1, "b")});
    CHECK(uuids(roster) == "a b");
    CHECK(roster.gpus()[1].device.fault.empty());
}

TEST_CASE("a GPU without a name gets one from its node until the driver tells its own") {
    GpuRoster roster("n");
    roster.update({lost(0), listed(1, "b")});
    CHECK(uuids(roster) == "n-0! b");
    CHECK(roster.gpus()[0].device.model == "GPU");
    roster.update({lost(0), listed(1, "b")});
    CHECK(uuids(roster) == "n-0! b");
    roster.update({listed(0, "a"), listed(1, "b")});
    CHECK(uuids(roster) == "a b");
}

TEST_CASE("a new GPU at the place of another that has a name is another GPU") {
    GpuRoster roster("n");
    roster.update({listed(0, "a")});
    roster.update({listed(0, "x")});
    CHECK(uuids(roster) == "a! x");
}
