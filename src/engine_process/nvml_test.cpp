#include "engine_process/nvml.hpp"

#include <doctest/doctest.h>

#include "engine_process/fake_machine.hpp"
#include "engine_process/gpu_model.hpp"

using namespace pintle;
using namespace pintle::engine_process;

namespace {

constexpr const char* kHealthy = "gpu uuid=GPU-a;model=NVIDIA A100;memory=85899345920;minor=3\n";

std::vector<NvmlGpu> list(Nvml& nvml) {
    const auto report = nvml.list();
    REQUIRE_MESSAGE(report.has_value(), report.error().message);
    return report->gpus;
}

}  // namespace

TEST_CASE("a machine without NVIDIA's library has no such GPUs, and the answer says why") {
    Nvml nvml("libnot-there.so.1");
    const auto report = nvml.list();
    REQUIRE_FALSE(report.has_value());
    CHECK(report.error().code == ErrorCode::kNotFound);
    CHECK(report.error().message == "library not present");
}

TEST_CASE("the driver's GPUs are listed with all that it tells of them") {
    const FakeMachine machine;
    machine.set_nvml(std::string("driver 535.104.05\n") + kHealthy + "gpu uuid=GPU-b\n");
    Nvml nvml(FakeMachine::kNvml);
    const NvmlReport report = nvml.list().value();
    CHECK(report.driver == "535.104.05");
    REQUIRE(report.gpus.size() == 2);
    CHECK(report.gpus[0].device == domain::Device{0, "NVIDIA A100", true, "GPU-a", "nvidia", 85899345920, ""});
    CHECK(report.gpus[0].minor == 3);
    CHECK(report.gpus[1].device == domain::Device{1, "NVIDIA GPU", true, "GPU-b", "nvidia", 0, ""});
    CHECK(report.gpus[1].minor == -1);
}

TEST_CASE("each trouble that the driver knows of is the GPU's fault in words") {
    const FakeMachine machine;
    const std::vector<std::pair<std::string, std::string>> cases{
        {"handle=15", "the driver has lost it; restarting the machine can bring it back"},
        {"handle=999", "the driver does not answer for it: Unknown Error"},
        {"handle=3", "some error"},
        {"asking=16", "it must be reset (nvidia-smi --gpu-reset), or the machine restarted"},
        {"mig=1;ecc=1", "in MIG mode, which is not supported"},
        {"ecc=1", "1 memory error could not be corrected since the driver was loaded"},
        {"mig=0;ecc=12", "12 memory errors could not be corrected since the driver was loaded"},
        {"retiring=1", "pages of its memory wait to be retired, for which it must be reset"},
        {"remap_failed=1", "a bad row of its memory could not be replaced by a spare one"},
        {"mig=0;ecc=0;retiring=0;remap_failed=0", ""},
    };
    for (const auto& [fields, fault] : cases) {
        machine.set_nvml("gpu uuid=GPU-b;" + fields + "\n" + kHealthy);
        Nvml nvml(FakeMachine::kNvml);
        const auto gpus = list(nvml);
        REQUIRE(gpus.size() == 2);
        CHECK(gpus[0].device.fault == fault);
        CHECK(gpus[0].device.healthy == fault.empty());
        CHECK(gpus[1].device.healthy);
    }
}

TEST_CASE("a GPU that we may not use is not listed") {
    const FakeMachine machine;
    machine.set_nvml(std::string("gpu uuid=GPU-b;handle=4\n") + kHealthy);
    Nvml nvml(FakeMachine::kNvml);
    const auto gpus = list(nvml);
    REQUIRE(gpus.size() == 1);
    CHECK(gpus[0].device.index == 1);
}

TEST_CASE("a driver that does not answer is an error, and is asked again the next time") {
    const FakeMachine machine;
    Nvml nvml(FakeMachine::kNvml);
    machine.set_nvml("init 18\n");
    const auto mismatch = nvml.list();
    REQUIRE_FALSE(mismatch.has_value());
    CHECK(mismatch.error().code == ErrorCode::kUnavailable);
    CHECK(mismatch.error().message == "Driver/library version mismatch");
    machine.set_nvml(kHealthy);
    CHECK(list(nvml).size() == 1);
}

TEST_CASE("a GPU that goes away is lost, then no longer listed, and is seen when it returns") {
    const FakeMachine machine;
    const std::string both = std::string(kHealthy) + "gpu uuid=GPU-b\n";
    machine.set_nvml(both);
    Nvml nvml(FakeMachine::kNvml);
    CHECK(list(nvml).size() == 2);
    machine.set_nvml(kHealthy);
    const auto lost = list(nvml);
    REQUIRE(lost.size() == 2);
    CHECK(lost[1].device.uuid.empty());
    CHECK_FALSE(lost[1].device.healthy);
    CHECK(list(nvml).size() == 1);
    machine.set_nvml(both);
    const auto returned = list(nvml);
    REQUIRE(returned.size() == 2);
    CHECK(returned[1].device.healthy);
}

TEST_CASE("an old driver without the newer functions is asked the rest") {
    const FakeMachine machine;
    machine.set_nvml("gpu uuid=GPU-a;mig=1;retiring=1;remap_failed=1\ngpu uuid=GPU-b;ecc=1\n");
    Nvml nvml(FakeMachine::kOldNvml);
    const auto gpus = list(nvml);
    REQUIRE(gpus.size() == 2);
    CHECK(gpus[0].device.healthy);
    CHECK_FALSE(gpus[1].device.healthy);
}

TEST_CASE("a library that is none of NVML's is refused in words") {
    Nvml nvml("libc.so.6");
    CHECK(nvml.list().error().message == "the library libc.so.6 is too old");
}

TEST_CASE("a driver's name of a model becomes a label") {
    CHECK(gpu_model(" NVIDIA A100-SXM4-80GB\n", "GPU") == "NVIDIA A100-SXM4-80GB");
    CHECK(gpu_model("Radeon RX 6800/6900: XT", "GPU") == "Radeon RX 6800-6900- XT");
    CHECK(gpu_model("", "AMD GPU 740f") == "AMD GPU 740f");
    CHECK(gpu_model(std::string(300, 'x'), "GPU") == "GPU");
}
