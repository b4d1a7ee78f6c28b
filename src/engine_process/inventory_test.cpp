#include "engine_process/inventory.hpp"

#include <doctest/doctest.h>

#include "engine_process/fake_machine.hpp"
#include "engine_process/gpu_files.hpp"

using namespace pintle;
using namespace pintle::engine_process;

namespace {

constexpr const char* kA = "gpu uuid=GPU-a;model=A100;memory=80\n";
constexpr const char* kB = "gpu uuid=GPU-b;model=A100;memory=80\n";

MachineOptions options_of(const FakeMachine& machine, std::string nvml = FakeMachine::kNvml) {
    MachineOptions options;
    options.node_name = "n";
    options.root = machine.root();
    options.nvml_library = std::move(nvml);
    return options;
}

void add_device_files(const FakeMachine& machine) {
    for (const char* name : {"nvidia0", "nvidia1", "nvidia10", "nvidiactl", "nvidia-uvm", "null"}) {
        machine.write(std::string("/dev/") + name, "");
    }
    machine.write("/proc/driver/nvidia/gpus/0000:01:00.0/information",
                  "Model: \t\t A Model\nIRQ:   1\nGPU UUID: \t GPU-1\nDevice Minor: \t 1\n");
    machine.write("/proc/driver/nvidia/gpus/0000:02:00.0/information",
                  "Model: \t\t Another\nGPU UUID: \t GPU-?\nDevice Minor: \t 10\n");
}

void add_amd_gpu(const FakeMachine& machine) {
    machine.write("/sys/class/kfd/kfd/topology/nodes/1/properties",
                  "simd_count 440\nvendor_id 4098\ndevice_id 29711\nunique_id 255\n");
}

}  // namespace

TEST_CASE("NVIDIA's GPUs are known by their device files and named by the driver's files where it tells") {
    const FakeMachine machine;
    add_device_files(machine);
    const auto found = find_gpu_files(machine.root());
    REQUIRE(found.size() == 3);
    CHECK(found[0] == domain::Device{0, "GPU", true, "", "nvidia"});
    CHECK(found[1] == domain::Device{1, "A Model", true, "GPU-1", "nvidia"});
    CHECK(found[2] == domain::Device{2, "Another", true, "", "nvidia"});
    CHECK(find_gpu_files(machine.root() + "/none").empty());
}

TEST_CASE("the GPUs of every driver are listed together, each with a name for ever") {
    const FakeMachine machine;
    machine.set_nvml(std::string("driver 535\n") + kA + kB);
    add_amd_gpu(machine);
    Inventory inventory(options_of(machine));
    const GpuReport report = inventory.gpus();
    CHECK(report.nvml == "NVML 535");
    CHECK_FALSE(report.are_declared);
    REQUIRE(report.devices.size() == 3);
    CHECK(report.devices[1] == domain::Device{1, "A100", true, "GPU-b", "nvidia", 80, ""});
    CHECK(report.devices[2] == domain::Device{2, "AMD GPU 740f", true, "GPU-00000000000000ff", "amd", 0, ""});
    CHECK(inventory.node().devices == report.devices);
}

TEST_CASE("without NVIDIA's library its GPUs are those with device files") {
    const FakeMachine machine;
    add_device_files(machine);
    const GpuReport report = Inventory(options_of(machine, FakeMachine::kNoNvml)).gpus();
    CHECK(report.nvml == "NVML: library not present");
    REQUIRE(report.devices.size() == 3);
    CHECK(report.devices[0].uuid == "n-0");
    CHECK(report.devices[1].uuid == "GPU-1");
    CHECK(report.devices[1].healthy);
}

TEST_CASE("GPUs whose driver does not answer are unhealthy for that reason") {
    const FakeMachine machine;
    add_device_files(machine);
    machine.set_nvml("init 18\n");
    const GpuReport report = Inventory(options_of(machine)).gpus();
    CHECK(report.nvml == "NVML: Driver/library version mismatch");
    REQUIRE(report.devices.size() == 3);
    CHECK_FALSE(report.devices[0].healthy);
    CHECK(report.devices[0].fault == "the driver does not answer: Driver/library version mismatch");
}

TEST_CASE("a replica is told of its GPUs as their drivers count at the moment, and never of one that is away") {
    const FakeMachine machine;
    machine.set_nvml(std::string(kA) + kB);
    add_amd_gpu(machine);
    Inventory inventory(options_of(machine));
    auto given = inventory.as_drivers_count({1, 2}).value();
    REQUIRE(given.size() == 2);
    CHECK(given[0].uuid == "GPU-b");
    CHECK(given[0].index == 1);
    CHECK(given[1].vendor == "amd");
    CHECK(given[1].index == 0);
    machine.set_nvml(kB);
    (void)inventory.gpus();  // The driver has lost one,
    (void)inventory.gpus();  // and here it is started anew.
    CHECK(inventory.as_drivers_count({1}).value().at(0).index == 0);
    const auto away = inventory.as_drivers_count({1, 0});
    REQUIRE_FALSE(away.has_value());
    CHECK(away.error().code == ErrorCode::kUnavailable);
    CHECK(away.error().message == "GPU 0 (A100, GPU-a) cannot be used: the driver no longer lists it");
    CHECK(inventory.as_drivers_count({}).value().empty());
}

TEST_CASE("a declared number of GPUs counts those that are found first") {
    const FakeMachine machine;
    machine.set_nvml(std::string(kA) + kB);
    MachineOptions options = options_of(machine);
    options.declared_gpus = 1;
    const domain::Device first{0, "A100", true, "GPU-a", "nvidia", 80, ""};
    CHECK(Inventory(options).gpus().devices == std::vector{first});
    options.declared_gpus = 3;
    Inventory more(options);
    const GpuReport report = more.gpus();
    CHECK(report.are_declared);
    REQUIRE(report.devices.size() == 3);
    CHECK(report.devices[1].uuid == "GPU-b");
    CHECK(report.devices[2] == domain::Device{2, "GPU", true, "declared-2"});
    CHECK(more.as_drivers_count({2}).value().at(0).index == 2);
    options.declared_gpus = 0;
    CHECK(Inventory(options).gpus().devices.empty());
}

TEST_CASE("declared kinds of GPUs are all that there is") {
    const FakeMachine machine;
    machine.set_nvml(kA);
    MachineOptions options = options_of(machine);
    options.declared_kinds = {{"A100", std::int64_t{80} << 30, 2, true}, {"T4", 0, 1, false}};
    Inventory inventory(options);
    CHECK(inventory.gpus().devices ==
          std::vector<domain::Device>{
              {0, "A100", true, "declared-0", "", std::int64_t{80} << 30, ""},
              {1, "A100", true, "declared-1", "", std::int64_t{80} << 30, ""},
              {2, "T4", false, "declared-2", "", 0, "declared unhealthy in the server's configuration"}});
    CHECK(inventory.as_drivers_count({1}).value().at(0) == domain::Device{1, ""});
}

TEST_CASE("the machine's memory, system and start are read from its files") {
    CHECK(parse_memory_total("MemFree: 1 kB\nMemTotal:       16384 kB\n") == 16384 * 1024);
    CHECK(parse_memory_total("nothing") == 0);
    CHECK(parse_os_name("NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n") ==
          "Debian GNU/Linux 12 (bookworm)");
    CHECK(parse_os_name("") == "Linux");
    CHECK(parse_start("cpu 1 2\nbtime 1700000000\n") == time_from_ms(1'700'000'000'000));
    CHECK(parse_start("") == Time{});
}

TEST_CASE("what people want to see of a machine is read from its files") {
    const FakeMachine machine;
    machine.write("/etc/os-release", "PRETTY_NAME=\"Some Linux\"\n");
    machine.write("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
    machine.write("/proc/cpuinfo", "processor\t: 0\nmodel name\t: A Processor @ 2 GHz\n");
    machine.write("/proc/stat", "btime 5\n");
    const domain::Node node = Inventory(options_of(machine, FakeMachine::kNoNvml)).node();
    CHECK(node.name == "n");
    CHECK(node.os == "Some Linux");
    CHECK(node.kernel == "6.1.0-18-amd64");
    CHECK(node.cpu_model == "A Processor @ 2 GHz");
    CHECK(node.cpus > 0);
    CHECK(node.started_at == time_from_ms(5000));
    CHECK(node.labels.at("os") == "Some Linux");
}

TEST_CASE("this machine has a name, processors and memory, and looks the same twice") {
    MachineOptions options;
    options.nvml_library = FakeMachine::kNoNvml;
    Inventory inventory(options);
    const domain::Node node = inventory.node();
    CHECK_FALSE(node.name.empty());
    CHECK(node.cpu_millis > 0);
    CHECK(node.memory_bytes > 0);
    CHECK(node.started_at > Time{});
    CHECK(node.labels.count("hostname") == 1);
    CHECK(inventory.node() == node);
}
