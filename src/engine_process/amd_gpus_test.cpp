#include "engine_process/amd_gpus.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "engine_process/fake_machine.hpp"
#include "engine_process/machine_files.hpp"

using namespace pintle;
using namespace pintle::engine_process;

namespace {

void add_node(const FakeMachine& machine, int number, const std::string& properties) {
    machine.write(fmt::format("/sys/class/kfd/kfd/topology/nodes/{}/properties", number), properties);
}

std::string a_gpu(const std::string& rest) {
    return "cpu_cores_count 0\nsimd_count 440\nvendor_id 4098\ndevice_id 29711\ndomain 0\n" + rest;
}

}  // namespace

TEST_CASE("AMD's GPUs are those of the compute driver, in ROCm's order, described by their cards") {
    const FakeMachine machine;
    add_node(machine, 0, "cpu_cores_count 64\nsimd_count 0\nvendor_id 0\n");
    add_node(machine, 10, a_gpu("location_id 50176\ndrm_render_minor 130\nunique_id 0\n"));
    add_node(machine, 2, a_gpu("location_id 49920\ndrm_render_minor 128\nunique_id 16045690984833335023\n"));
    add_node(machine, 3, a_gpu("location_id 768\ndrm_render_minor 129\nunique_id 0\n"));
    add_node(machine, 4, "");  // Another container's.
    const std::string drm = "/sys/class/drm";
    machine.write(drm + "/renderD128/device/vendor", "0x1002\n");
    machine.write(drm + "/renderD128/device/product_name", "AMD Instinct MI210\n");
    machine.write(drm + "/renderD128/device/mem_info_vram_total", "68702699520\n");
    machine.write(drm + "/renderD128/device/ras/umc_err_count", "ue: 0\nce: 7\n");
    machine.write(drm + "/card1/device/vendor", "0x1002\n");
    machine.write(drm + "/card1/device/uevent", "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:03:00.0\n");
    machine.write(drm + "/card1/device/unique_id", "5f8d2a0011223344\n");
    machine.write(drm + "/card1/device/ras/umc_err_count", "ue: 2\nce: 0\n");
    machine.write(drm + "/card0/device/vendor", "0x1a03\n");
    const auto gpus = find_amd_gpus(machine.root());
    REQUIRE(gpus.size() == 3);
    CHECK(gpus[0] == domain::Device{0, "AMD Instinct MI210", true, "GPU-deadbeefdeadbeef", "amd", 68702699520, ""});
    CHECK(gpus[1] == domain::Device{1, "AMD GPU 740f", false, "GPU-5f8d2a0011223344", "amd", 0,
                                    "2 memory errors could not be corrected since the driver was loaded"});
    CHECK(gpus[2] == domain::Device{2, "AMD GPU 740f", true, "0000:c4:00.0", "amd", 0, ""});
}

TEST_CASE("the parts of a divided chip have names of their own") {
    const FakeMachine machine;
    add_node(machine, 1, a_gpu("location_id 768\ndrm_render_minor 128\nunique_id 255\n"));
    add_node(machine, 2, a_gpu("location_id 769\ndrm_render_minor 129\nunique_id 255\n"));
    const auto gpus = find_amd_gpus(machine.root());
    REQUIRE(gpus.size() == 2);
    CHECK(gpus[0].uuid == "GPU-00000000000000ff");
    CHECK(gpus[1].uuid == "GPU-00000000000000ff-129");
}

TEST_CASE("a machine without AMD's compute driver has no such GPUs") {
    const FakeMachine machine;
    CHECK(find_amd_gpus(machine.root()).empty());
    machine.write("/sys/class/drm/card0/device/vendor", "0x1002\n");
    add_node(machine, 0, "simd_count 80\nvendor_id 4318\n");
    CHECK(find_amd_gpus(machine.root()).empty());
}

TEST_CASE("a value stands behind its name, whatever is between them") {
    CHECK(line_value("a b: 1\nab:  2 \nab: 3", "ab", ':') == "2");
    CHECK(line_value("ab=x=y\n", "ab", '=') == "x=y");
    CHECK(line_value("ab", "ab", ' ').empty());
    CHECK(line_value("", "ab", ' ').empty());
}
