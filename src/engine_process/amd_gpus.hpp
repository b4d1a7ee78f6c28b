#pragma once

#include <string>
#include <vector>

#include "domain/node.hpp"
#include "engine/usage.hpp"

namespace pintle::engine_process {

/// AMD's GPUs as the kernel's compute driver lists them, which is what ROCm programs can use; a card that only draws
/// is not among them. The index is ROCm's own, as ROCR_VISIBLE_DEVICES takes it. The uuid is made of the number that
/// the chip carries ("GPU-" and 16 hexadecimal digits, as ROCm writes it), else it is the PCI address. `root` stands
/// before /sys. Reads files only; any thread.
[[nodiscard]] std::vector<domain::Device> find_amd_gpus(const std::string& root);
/// What they do at the moment, by the same uuids.
[[nodiscard]] std::vector<engine::DeviceUsage> amd_gpu_usage(const std::string& root);

}  // namespace pintle::engine_process
