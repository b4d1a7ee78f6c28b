#pragma once

#include <vector>

#include "engine/engine.hpp"
#include "engine_process/cgroup.hpp"
#include "engine_process/inventory.hpp"
#include "engine_process/mount_namespace.hpp"

namespace pintle::engine_process {

/// What was found out about this machine when the engine was opened.
struct MachineAbilities {
    const Cgroups& cgroups;
    const NamespaceSupport& namespaces;
    GpuReport gpus;
};

/// "2 × A100, 1 × T4 (NVML 535.104.05)", and which of them cannot be used and why. Pure.
[[nodiscard]] engine::Finding examine_gpus(const GpuReport& gpus);

/// The findings for `pintle doctor`, in sentences that say what to do. Runs python3 and git; any thread.
[[nodiscard]] std::vector<engine::Finding> examine_machine(const MachineAbilities& machine);

}  // namespace pintle::engine_process
