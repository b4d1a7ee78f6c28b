#include "engine_process/inventory.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.hpp"
#include "base/text.hpp"
#include "engine_process/amd_gpus.hpp"
#include "engine_process/cgroup.hpp"
#include "engine_process/gpu_files.hpp"
#include "engine_process/machine_files.hpp"

namespace pintle::engine_process {
namespace {

int usable_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
    return std::max(1, static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)));
}

std::string host_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

domain::Node constants_of(const MachineOptions& options) {
    domain::Node node;
    const std::string host = host_name();
    node.name = options.node_name.empty() ? host : options.node_name;
    node.os = parse_os_name(machine_text(options.root + "/etc/os-release"));
    node.kernel = machine_text(options.root + "/proc/sys/kernel/osrelease");
    node.cpu_model = line_value(machine_text(options.root + "/proc/cpuinfo"), "model name", ':');
    node.cpus = std::max(1, static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)));
    node.started_at = parse_start(machine_text(options.root + "/proc/stat"));
    node.labels = {{"hostname", host}, {"os", node.os}};
    return node;
}

void log_changes(const std::vector<domain::Device>& before, const std::vector<domain::Device>& now) {
    for (std::size_t i = 0; i < now.size(); ++i) {
        const domain::Device& gpu = now[i];
        const bool was_healthy = i >= before.size() || before[i].healthy;
        if (was_healthy && !gpu.healthy) {
            log::warn("gpu.unhealthy", {{"gpu", gpu.uuid}, {"model", gpu.model}, {"reason", gpu.fault}});
        } else if (!was_healthy && gpu.healthy) {
            log::info("gpu.healthy_again", {{"gpu", gpu.uuid}, {"model", gpu.model}});
        }
    }
}

}  // namespace

std::int64_t parse_memory_total(std::string_view meminfo) {
    const std::vector<std::string> words = split(line_value(meminfo, "MemTotal", ':'), ' ');
    return words.empty() ? 0 : parse_int(words[0]).value_or(0) * 1024;
}

std::string parse_os_name(std::string_view os_release) {
    std::string name = line_value(os_release, "PRETTY_NAME", '=');
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    return name.empty() ? "Linux" : name;
}

Time parse_start(std::string_view stat) {
    return time_from_ms(parse_int(line_value(stat, "btime", ' ')).value_or(0) * 1000);
}

Inventory::Inventory(MachineOptions options) : options_(std::move(options)), constants_(constants_of(options_)) {
    state_.with([&](State& state) {
        state.nvml = std::make_unique<Nvml>(options_.nvml_library);
        state.roster = GpuRoster(constants_.name);
    });
}

std::vector<domain::Device> Inventory::nvidia_gpus(State& state) const {
    const auto report = state.nvml->list();
    std::vector<domain::Device> gpus;
    if (report) {
        for (const NvmlGpu& gpu : report->gpus) gpus.push_back(gpu.device);
        state.report.nvml = trim(fmt::format("NVML {}", report->driver));
        return gpus;
    }
    state.report.nvml = fmt::format("NVML: {}", report.error().message);
    gpus = find_gpu_files(options_.root);
    if (report.error().code == ErrorCode::kNotFound) return gpus;
    // The device files remain when the driver is in trouble.
    for (domain::Device& gpu : gpus) {
        gpu.healthy = false;
        gpu.fault = fmt::format("the driver does not answer: {}", report.error().message);
    }
    return gpus;
}

void Inventory::refresh(State& state) const {
    state.was_asked = true;
    std::vector<domain::Device> devices = declare_gpus(options_.declared_kinds);
    state.report.are_declared = !devices.empty() || options_.declared_gpus >= 0;
    if (devices.empty() && options_.declared_gpus != 0) {
        std::vector<domain::Device> listed = nvidia_gpus(state);
        for (domain::Device& gpu : find_amd_gpus(options_.root)) listed.push_back(std::move(gpu));
        state.roster.update(std::move(listed));
        for (const Gpu& gpu : state.roster.gpus()) devices.push_back(gpu.device);
        if (options_.declared_gpus > 0) {
            // Those that were found are counted first.
            const auto declared = declare_gpus({{"GPU", 0, options_.declared_gpus, true}});
            devices.resize(std::min(devices.size(), declared.size()));
            for (std::size_t i = devices.size(); i < declared.size(); ++i) devices.push_back(declared[i]);
        }
    }
    log_changes(state.report.devices, devices);
    state.report.devices = std::move(devices);
}

GpuReport Inventory::gpus() {
    return state_.with([&](State& state) {
        refresh(state);
        return state.report;
    });
}

domain::Node Inventory::node() {
    domain::Node node = constants_;
    const domain::Quantities limits = own_cgroup_limits();
    node.cpu_millis = std::int64_t{usable_cpus()} * 1000;
    if (limits.cpu_millis > 0) node.cpu_millis = std::min(node.cpu_millis, limits.cpu_millis);
    node.memory_bytes = parse_memory_total(machine_text(options_.root + "/proc/meminfo"));
    if (limits.memory_bytes > 0) node.memory_bytes = std::min(node.memory_bytes, limits.memory_bytes);
    node.devices = gpus().devices;
    return node;
}

Result<std::vector<domain::Device>> Inventory::as_drivers_count(const std::vector<int>& indexes) {
    return state_.with([&](State& state) -> Result<std::vector<domain::Device>> {
        if (!state.was_asked && !indexes.empty()) refresh(state);
        std::vector<domain::Device> devices;
        const std::vector<Gpu>& known = state.roster.gpus();
        for (const int index : indexes) {
            const auto at = static_cast<std::size_t>(index);
            // One that no driver lists was declared and is what its number says.
            domain::Device device = at < known.size() ? known[at].device : domain::Device{index, ""};
            if (at < known.size() && !known[at].is_listed) {
                return fail(ErrorCode::kUnavailable, "GPU {} ({}, {}) cannot be used: {}", index, device.model,
                            device.uuid, device.fault);
            }
            if (at < known.size()) device.index = known[at].driver_index;
            devices.push_back(std::move(device));
        }
        return devices;
    });
}

}  // namespace pintle::engine_process
