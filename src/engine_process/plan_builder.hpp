#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "engine/engine.hpp"
#include "engine_process/cgroup.hpp"
#include "engine_process/launch_plan.hpp"
#include "engine_process/mount_namespace.hpp"
#include "engine_process/process_engine.hpp"
#include "engine_process/run_folder.hpp"

namespace pintle::engine_process {

/// Works out what a supervisor has to do for a launch on this machine; `devices` are the launch's, as their drivers
/// count. Pure; kInvalid for a launch that no machine could carry out as it is written.
[[nodiscard]] Result<LaunchPlan> build_plan(const engine::ReplicaLaunch& launch, const Options& options,
                                            const RunFolder& folder, const Cgroups& cgroups,
                                            const NamespaceSupport& namespaces,
                                            const std::vector<domain::Device>& devices);

/// An /etc/hosts with the replicas' names before the host's own content.
[[nodiscard]] Result<std::string> hosts_text(std::string_view host_content,
                                             const std::vector<std::pair<std::string, std::string>>& hosts);

}  // namespace pintle::engine_process
