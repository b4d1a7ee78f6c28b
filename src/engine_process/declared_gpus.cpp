#include "engine_process/declared_gpus.hpp"

#include <fmt/core.h>

namespace pintle::engine_process {

std::vector<domain::Device> declare_gpus(const std::vector<DeclaredGpus>& declared) {
    std::vector<domain::Device> gpus;
    for (const DeclaredGpus& some : declared) {
        for (int i = 0; i < some.count; ++i) {
            domain::Device gpu;
            gpu.index = static_cast<int>(gpus.size());
            gpu.model = some.model;
            gpu.healthy = some.healthy;
            gpu.uuid = fmt::format("declared-{}", gpu.index);
            gpu.memory_bytes = some.memory_bytes;
            if (!some.healthy) gpu.fault = "declared unhealthy in the server's configuration";
            gpus.push_back(std::move(gpu));
        }
    }
    return gpus;
}

}  // namespace pintle::engine_process
