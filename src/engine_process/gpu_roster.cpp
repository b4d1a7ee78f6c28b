#include "engine_process/gpu_roster.hpp"

#include <fmt/core.h>

namespace pintle::engine_process {
namespace {

/// What is not told now is still what it was.
void take(Gpu& gpu, domain::Device listed) {
    gpu.is_listed = true;
    gpu.is_named = gpu.is_named || !listed.uuid.empty();
    gpu.driver_index = listed.index;
    listed.index = gpu.device.index;
    if (listed.uuid.empty()) listed.uuid = gpu.device.uuid;
    if (listed.model.empty()) listed.model = gpu.device.model;
    if (listed.memory_bytes == 0) listed.memory_bytes = gpu.device.memory_bytes;
    gpu.device = std::move(listed);
}

}  // namespace

Gpu* GpuRoster::find_named(const domain::Device& listed) {
    if (listed.uuid.empty()) return nullptr;
    for (Gpu& gpu : gpus_) {
        if (!gpu.is_listed && gpu.device.vendor == listed.vendor && gpu.device.uuid == listed.uuid) return &gpu;
    }
    return nullptr;
}

/// The one that was at its place, when one of the two has no name.
Gpu* GpuRoster::find_placed(const domain::Device& listed) {
    for (Gpu& gpu : gpus_) {
        if (gpu.is_listed || gpu.device.vendor != listed.vendor || gpu.driver_index != listed.index) continue;
        if (listed.uuid.empty() || !gpu.is_named) return &gpu;
    }
    return nullptr;
}

void GpuRoster::add(domain::Device listed) {
    Gpu gpu;
    gpu.driver_index = listed.index;
    gpu.is_named = !listed.uuid.empty();
    listed.index = static_cast<int>(gpus_.size());
    if (listed.uuid.empty()) listed.uuid = fmt::format("{}-{}", node_, listed.index);
    if (listed.model.empty()) listed.model = "GPU";
    gpu.device = std::move(listed);
    gpus_.push_back(std::move(gpu));
}

void GpuRoster::update(std::vector<domain::Device> listed) {
    for (Gpu& gpu : gpus_) gpu.is_listed = false;
    std::vector<domain::Device> others;
    // Names first, so that nobody is taken for the one at its place that has a name.
    for (domain::Device& device : listed) {
        if (Gpu* gpu = find_named(device)) take(*gpu, std::move(device));
        else others.push_back(std::move(device));
    }
    for (domain::Device& device : others) {
        if (Gpu* gpu = find_placed(device)) take(*gpu, std::move(device));
        else add(std::move(device));
    }
    for (Gpu& gpu : gpus_) {
        if (gpu.is_listed) continue;
        gpu.device.healthy = false;
        gpu.device.fault = "the driver no longer lists it";
    }
}

}  // namespace pintle::engine_process
