#include "engine_process/replica_environment.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pintle::engine_process {
namespace {

constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

void set(Environment& environment, std::string_view name, std::string value) {
    const auto at =
        std::find_if(environment.begin(), environment.end(), [&](const auto& entry) { return entry.first == name; });
    if (at != environment.end()) {
        at->second = std::move(value);
    } else {
        environment.emplace_back(name, std::move(value));
    }
}

std::string value_of(const Environment& environment, std::string_view name) {
    for (const auto& [key, value] : environment) {
        if (key == name) return value;
    }
    return {};
}

void set_visible_gpus(Environment& environment, const std::vector<domain::Device>& devices) {
    std::vector<std::string> cuda, rocm, hip;
    for (const domain::Device& device : devices) {
        const bool is_nvidia = device.vendor == "nvidia";
        if (is_nvidia) cuda.push_back(device.uuid);
        else if (device.vendor != "amd") cuda.push_back(fmt::format("{}", device.index));
        if (is_nvidia) continue;
        // HIP counts what ROCm shows it.
        hip.push_back(fmt::format("{}", hip.size()));
        rocm.push_back(fmt::format("{}", device.index));
    }
    // Set even when empty: a program must not find a GPU that another replica holds.
    set(environment, "CUDA_VISIBLE_DEVICES", join(cuda, ","));
    set(environment, "ROCR_VISIBLE_DEVICES", join(rocm, ","));
    set(environment, "HIP_VISIBLE_DEVICES", join(hip, ","));
    if (!cuda.empty()) set(environment, "CUDA_DEVICE_ORDER", "PCI_BUS_ID");  // Count as the driver does.
}

}  // namespace

Environment replica_environment(const EnvironmentParts& parts) {
    Environment environment = parts.basics;
    for (const auto& [name, value] : parts.given) set(environment, name, value);
    if (!parts.python_environment.empty()) {
        set(environment, "VIRTUAL_ENV", parts.python_environment);
        set(environment, "PATH", fmt::format("{}/bin:{}", parts.python_environment, value_of(environment, "PATH")));
    }
    set_visible_gpus(environment, parts.devices);
    set(environment, kAttemptVariable, parts.attempt);
    return environment;
}

Environment basic_environment() {
    const auto inherited = [](const char* name, const char* otherwise) {
        const char* value = std::getenv(name);
        return std::string(value != nullptr && *value != '\0' ? value : otherwise);
    };
    Environment basics{{"PATH", inherited("PATH", kDefaultPath)},
                       {"HOME", inherited("HOME", "/")},
                       // Not LANG, for which every shell would open a dozen files; only the encoding matters here.
                       {"LC_CTYPE", inherited("LC_CTYPE", "C.UTF-8")},
                       {"TERM", "dumb"}};
    for (const char* name : {"USER", "LOGNAME", "TMPDIR", "TZ"}) {
        if (const std::string value = inherited(name, ""); !value.empty()) basics.emplace_back(name, value);
    }
    return basics;
}

}  // namespace pintle::engine_process
