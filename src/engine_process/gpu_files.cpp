#include "engine_process/gpu_files.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "engine_process/gpu_model.hpp"
#include "engine_process/machine_files.hpp"

namespace pintle::engine_process {
namespace {

constexpr std::string_view kFilePrefix = "nvidia";

/// The driver's information on the GPU of that device file; empty when it has none.
std::string information_of(const std::string& root, std::int64_t minor) {
    const std::string folder = root + "/proc/driver/nvidia/gpus";
    for (const std::string& name : machine_names(folder)) {
        std::string text = machine_text(fmt::format("{}/{}/information", folder, name));
        if (parse_int(line_value(text, "Device Minor", ':')) == minor) return text;
    }
    return {};
}

}  // namespace

std::vector<domain::Device> find_gpu_files(const std::string& root) {
    std::vector<std::int64_t> minors;
    for (const std::string& name : machine_names(root + "/dev")) {
        if (!name.starts_with(kFilePrefix)) continue;
        const auto minor = parse_int(std::string_view(name).substr(kFilePrefix.size()));
        if (minor && *minor >= 0) minors.push_back(*minor);
    }
    std::sort(minors.begin(), minors.end());
    std::vector<domain::Device> gpus;
    for (const std::int64_t minor : minors) {
        const std::string information = information_of(root, minor);
        domain::Device gpu;
        gpu.index = static_cast<int>(gpus.size());
        gpu.model = gpu_model(line_value(information, "Model", ':'), "GPU");
        gpu.vendor = "nvidia";
        gpu.uuid = line_value(information, "GPU UUID", ':');
        if (gpu.uuid.find('?') != std::string::npos) gpu.uuid.clear();  // Nobody has used it since the start.
        gpus.push_back(std::move(gpu));
    }
    return gpus;
}

}  // namespace pintle::engine_process
