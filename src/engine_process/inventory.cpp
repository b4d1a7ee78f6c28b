#include "engine_process/inventory.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "engine_process/cgroup.hpp"
#include "os/file.hpp"

namespace pintle::engine_process {
namespace {

std::string read_text(const std::string& path) { return os::read_file(path, 1 << 20).value_or(std::string()); }

std::vector<std::string> names_in(const std::string& folder) {
    return os::list_folder(folder).value_or(std::vector<std::string>());
}

/// The value of a line "name: value" or "name=value".
std::string value_of(std::string_view text, std::string_view name, char separator) {
    for (const std::string& line : split(text, '\n')) {
        const std::size_t at = line.find(separator);
        if (at != std::string::npos && trim(std::string_view(line).substr(0, at)) == name) {
            return std::string(trim(std::string_view(line).substr(at + 1)));
        }
    }
    return {};
}

std::map<int, std::string> gpu_models(const std::string& root) {
    std::map<int, std::string> models;
    const std::string folder = root + "/proc/driver/nvidia/gpus";
    for (const std::string& name : names_in(folder)) {
        const std::string text = read_text(fmt::format("{}/{}/information", folder, name));
        if (const auto minor = parse_int(value_of(text, "Device Minor", ':'))) {
            models[static_cast<int>(*minor)] = value_of(text, "Model", ':');
        }
    }
    return models;
}

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

}  // namespace

std::int64_t parse_memory_total(std::string_view meminfo) {
    const std::vector<std::string> words = split(value_of(meminfo, "MemTotal", ':'), ' ');
    return words.empty() ? 0 : parse_int(words[0]).value_or(0) * 1024;
}

std::string parse_os_name(std::string_view os_release) {
    std::string name = value_of(os_release, "PRETTY_NAME", '=');
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    return name.empty() ? "Linux" : name;
}

std::vector<domain::Device> find_gpus(const MachineOptions& options) {
    const std::map<int, std::string> models = gpu_models(options.root);
    const auto model_of = [&](int index) {
        const auto found = models.find(index);
        return found == models.end() || found->second.empty() ? std::string("GPU") : found->second;
    };
    std::vector<domain::Device> devices;
    for (int i = 0; i < options.declared_gpus; ++i) devices.push_back({i, model_of(i)});
    if (options.declared_gpus >= 0) return devices;
    for (const std::string& name : names_in(options.root + "/dev")) {
        if (name.rfind("nvidia", 0) != 0) continue;
        if (const auto index = parse_int(std::string_view(name).substr(6)); index && *index >= 0) {
            devices.push_back({static_cast<int>(*index), model_of(static_cast<int>(*index))});
        }
    }
    std::sort(devices.begin(), devices.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
    // The driver counts what we may see from 0, whatever numbers the device files have.
    for (std::size_t i = 0; i < devices.size(); ++i) devices[i].index = static_cast<int>(i);
    return devices;
}

domain::Node describe_machine(const MachineOptions& options) {
    domain::Node node;
    const std::string host = host_name();
    node.name = options.node_name.empty() ? host : options.node_name;
    const domain::Quantities limits = own_cgroup_limits();
    node.cpu_millis = std::int64_t{usable_cpus()} * 1000;
    if (limits.cpu_millis > 0) node.cpu_millis = std::min(node.cpu_millis, limits.cpu_millis);
    node.memory_bytes = parse_memory_total(read_text(options.root + "/proc/meminfo"));
    if (limits.memory_bytes > 0) node.memory_bytes = std::min(node.memory_bytes, limits.memory_bytes);
    node.devices = find_gpus(options);
    node.labels = {{"hostname", host}, {"os", parse_os_name(read_text(options.root + "/etc/os-release"))}};
    return node;
}

}  // namespace pintle::engine_process
