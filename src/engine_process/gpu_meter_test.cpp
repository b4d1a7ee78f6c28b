#include "engine_process/gpu_meter.hpp"

#include <thread>

#include <doctest/doctest.h>

#include "engine_process/fake_machine.hpp"

using namespace pintle;
using namespace pintle::engine_process;
using engine::DeviceUsage;

namespace {

constexpr Duration kLong{60'000};

}  // namespace

TEST_CASE("NVIDIA's GPUs tell what they do, and what one of them does not tell is absent") {
    const FakeMachine machine;
    machine.set_nvml("gpu uuid=GPU-a;memory=1000;used=400;busy=97;milliwatts=312500;celsius=71\n"
                     "gpu uuid=GPU-b;memory=1000\n"
                     "gpu uuid=GPU-c;handle=15\n");
    GpuMeter meter(machine.root(), FakeMachine::kNvml, kLong);
    const auto used = meter.usage();
    REQUIRE(used.has_value());
    REQUIRE(used->size() == 2);
    CHECK((*used)[0] == DeviceUsage{"GPU-a", 97, 400, 312.5, 71});
    CHECK((*used)[1] == DeviceUsage{"GPU-b", std::nullopt, 0, std::nullopt, std::nullopt});
}

TEST_CASE("AMD's GPUs tell by their cards' files, under the uuids that the inventory gives them") {
    const FakeMachine machine;
    machine.write(
        "/sys/class/kfd/kfd/topology/nodes/1/properties",
        "simd_count 440\nvendor_id 4098\nlocation_id 49920\ndrm_render_minor 128\nunique_id 16045690984833335023\n");
    const std::string card = "/sys/class/drm/renderD128/device";
    machine.write(card + "/vendor", "0x1002\n");
    machine.write(card + "/gpu_busy_percent", "55\n");
    machine.write(card + "/mem_info_vram_used", "12345\n");
    machine.write(card + "/hwmon/hwmon3/power1_average", "201000000\n");
    machine.write(card + "/hwmon/hwmon3/temp1_input", "48500\n");
    GpuMeter meter(machine.root(), FakeMachine::kNoNvml, kLong);
    CHECK(meter.usage().value() == std::vector{DeviceUsage{"GPU-deadbeefdeadbeef", 55, 12345, 201, 48.5}});
    machine.remove(card + "/hwmon");
    CHECK(meter.usage().value() ==
          std::vector{DeviceUsage{"GPU-deadbeefdeadbeef", 55, 12345, std::nullopt, std::nullopt}});
}

TEST_CASE("a machine without GPUs has no values, which are not zeros") {
    const FakeMachine machine;
    GpuMeter meter(machine.root(), FakeMachine::kNoNvml, kLong);
    CHECK(meter.usage().value().empty());
}

TEST_CASE("a driver that hangs keeps nobody waiting, and answers again when it is well") {
    const FakeMachine machine;
    const std::string well = "gpu uuid=GPU-a;busy=1;celsius=71\n";
    machine.set_nvml("gpu uuid=GPU-a;busy=1;celsius=71;hangs=1\n");
    GpuMeter meter(machine.root(), FakeMachine::kNvml, Duration(20));
    CHECK(meter.usage().error().code == ErrorCode::kTimeout);
    CHECK(meter.usage().error().code == ErrorCode::kUnavailable);
    machine.set_nvml(well);
    // The late answer is not taken for one to a later question.
    auto used = meter.usage();
    while (!used) {
        std::this_thread::yield();
        used = meter.usage();
    }
    REQUIRE(used->size() == 1);
    CHECK((*used)[0].temperature_celsius == 71);
}

TEST_CASE("a meter can end while its driver hangs") {
    const FakeMachine machine;
    machine.set_nvml("gpu uuid=GPU-a;celsius=71;hangs=1\n");
    {
        GpuMeter meter(machine.root(), FakeMachine::kNvml, Duration(1));
        CHECK(meter.usage().error().code == ErrorCode::kTimeout);
    }
    machine.set_nvml("");
}
