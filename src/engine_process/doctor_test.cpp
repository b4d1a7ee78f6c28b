#include "engine_process/doctor.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::engine_process;

using Level = engine::Finding::Level;

TEST_CASE("the doctor counts GPUs by model, says how they were found, and why one is not used") {
    GpuReport report;
    report.nvml = "NVML 535.104.05";
    report.devices = {{0, "A100", true, "GPU-a"}, {1, "T4", true, "GPU-b"}, {2, "A100", true, "GPU-c"}};
    CHECK(examine_gpus(report).level == Level::kGood);
    CHECK(examine_gpus(report).message == "2 × A100, 1 × T4 (NVML 535.104.05)");
    for (const std::size_t i : {0U, 1U, 2U}) report.devices[i].healthy = i == 0;
    report.devices[1].fault = report.devices[2].fault = "in MIG mode, which is not supported";
    CHECK(examine_gpus(report).level == Level::kLimited);
    CHECK(examine_gpus(report).message ==
          "2 × A100, 1 × T4 (NVML 535.104.05); number 1, 2 not used: in MIG mode, which is not supported");
}

TEST_CASE("the doctor says plainly what jobs can read where nothing can be hidden from them") {
    const Cgroups cgroups;
    NamespaceSupport support;
    support.reason = "the kernel refuses private mounts here";
    const auto finding = [&](const std::string& subject) {
        for (const engine::Finding& found : examine_machine({cgroups, support, {}})) {
            if (found.subject == subject) return found;
        }
        return engine::Finding{};
    };
    CHECK(finding("data folder").level == Level::kLimited);
    CHECK(finding("data folder").message ==
          "every job's program can read the server's token, with which it can do whatever an operator can, because "
          "private mounts are not allowed (the kernel refuses private mounts here). Run the server as root, or allow "
          "user namespaces (sysctl kernel.unprivileged_userns_clone=1, or "
          "kernel.apparmor_restrict_unprivileged_userns=0)");
    CHECK(finding("processes of jobs").level == Level::kLimited);
    support.mode = NamespaceMode::kRoot;
    support.mounts = true;
    CHECK(finding("data folder").level == Level::kGood);
    CHECK(finding("data folder").message == "hidden from jobs");
    CHECK(finding("processes of jobs").level == Level::kLimited);
    support.own_users = true;
    CHECK(finding("processes of jobs").level == Level::kGood);
}

TEST_CASE("the doctor says why it found no GPU, and leaves it at that when none was declared") {
    GpuReport report;
    report.nvml = "NVML: library not present";
    CHECK(examine_gpus(report).level == Level::kLimited);
    CHECK(examine_gpus(report).message == "none found (NVML: library not present)");
    report.are_declared = true;
    CHECK(examine_gpus(report).level == Level::kGood);
    CHECK(examine_gpus(report).message == "none, as declared");
    report.devices = {{0, "T4"}};
    CHECK(examine_gpus(report).message == "1 × T4 (declared)");
}
