#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain/node.hpp"

namespace pintle::engine_process {

/// GPUs that are there because the configuration says so: for machines without a driver that we know, and for trying
/// things out.
struct DeclaredGpus {
    std::string model;
    std::int64_t memory_bytes = 0;
    int count = 1;
    bool healthy = true;
    bool operator==(const DeclaredGpus&) const = default;
};

/// Each of them as a device, "declared-INDEX", counted from 0 over all. Pure.
[[nodiscard]] std::vector<domain::Device> declare_gpus(const std::vector<DeclaredGpus>& declared);

}  // namespace pintle::engine_process
