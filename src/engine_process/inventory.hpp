#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/node.hpp"

namespace pintle::engine_process {

/// What this machine has to offer, as far as we may use it: our own CPU affinity and cgroup limits count.
struct MachineOptions {
    std::string node_name;
    int declared_gpus = -1;  ///< How many GPUs there are; -1: as found.
    std::string root;        ///< In front of /proc, /dev and /etc, for tests.
};
[[nodiscard]] domain::Node describe_machine(const MachineOptions& options);

/// The GPUs with a device file /dev/nvidiaN, named by the driver where it tells; or the declared number of them.
[[nodiscard]] std::vector<domain::Device> find_gpus(const MachineOptions& options);

/// "MemTotal: 16384 kB" in bytes; 0 when it is not there.
[[nodiscard]] std::int64_t parse_memory_total(std::string_view meminfo);
/// PRETTY_NAME of /etc/os-release, or "Linux".
[[nodiscard]] std::string parse_os_name(std::string_view os_release);

}  // namespace pintle::engine_process
