#pragma once

#include <string>
#include <vector>

#include "domain/node.hpp"

namespace pintle::engine_process {

/// NVIDIA's GPUs by their device files /dev/nvidiaN, described by the driver's files in /proc where it tells: for
/// machines and containers that have the driver and not its library. The index counts from 0 whatever the numbers of
/// the files; no uuid where the driver has none yet. Reads files only; any thread.
[[nodiscard]] std::vector<domain::Device> find_gpu_files(const std::string& root);

}  // namespace pintle::engine_process
