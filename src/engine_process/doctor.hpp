#pragma once

#include <vector>

#include "domain/node.hpp"
#include "engine/engine.hpp"
#include "engine_process/cgroup.hpp"
#include "engine_process/mount_namespace.hpp"

namespace pintle::engine_process {

/// What was found out about this machine when the engine was opened.
struct MachineAbilities {
    const Cgroups& cgroups;
    const NamespaceSupport& namespaces;
    std::vector<domain::Device> gpus;
    bool gpus_declared = false;
};

/// The findings for `pintle doctor`, in sentences that say what to do. Runs python3 and git; any thread.
[[nodiscard]] std::vector<engine::Finding> examine_machine(const MachineAbilities& machine);

}  // namespace pintle::engine_process
