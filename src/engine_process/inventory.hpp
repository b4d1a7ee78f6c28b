#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/synchronized.hpp"
#include "domain/node.hpp"
#include "engine_process/declared_gpus.hpp"
#include "engine_process/gpu_roster.hpp"
#include "engine_process/nvml.hpp"

namespace pintle::engine_process {

struct MachineOptions {
    std::string node_name;                    ///< Empty: the host's name.
    int declared_gpus = -1;                   ///< How many GPUs there are; -1: as found.
    std::vector<DeclaredGpus> declared_kinds; ///< Unless empty, these and no others are there.
    std::string root;                         ///< In front of /proc, /sys, /dev and /etc, for tests.
    std::string nvml_library = Nvml::kLibrary;
};

/// The GPUs of this machine and how they were found.
struct GpuReport {
    std::vector<domain::Device> devices;
    bool are_declared = false;
    std::string nvml;  ///< "NVML 535.104.05", or why NVIDIA's driver was of no help: "NVML: library not present".
};

/// What this machine has to offer, as far as we may use it: our own CPU affinity and cgroup limits count. GPUs come
/// from NVIDIA's library, from AMD's files, or as declared, and keep their indexes while this object lives.
///
/// Threading: any thread; one at a time waits for the drivers.
class Inventory {
public:
    explicit Inventory(MachineOptions options);

    /// The machine's name.
    [[nodiscard]] const std::string& name() const { return constants_.name; }
    /// The machine as it is now. Asks the drivers, and logs which GPUs changed their health.
    [[nodiscard]] domain::Node node();
    [[nodiscard]] GpuReport gpus();
    /// What a replica that is given these GPUs must be told: as node() listed them, with the indexes by which their
    /// drivers count at the moment. kUnavailable for one that the driver no longer lists.
    [[nodiscard]] Result<std::vector<domain::Device>> as_drivers_count(const std::vector<int>& indexes);

private:
    struct State {
        std::unique_ptr<Nvml> nvml;
        GpuRoster roster;
        GpuReport report;
        bool was_asked = false;
    };
    void refresh(State& state) const;
    [[nodiscard]] std::vector<domain::Device> nvidia_gpus(State& state) const;

    const MachineOptions options_;
    const domain::Node constants_;  ///< What does not change while the machine runs.
    Synchronized<State> state_;
};

/// "MemTotal: 16384 kB" in bytes; 0 when it is not there.
[[nodiscard]] std::int64_t parse_memory_total(std::string_view meminfo);
/// PRETTY_NAME of /etc/os-release, or "Linux".
[[nodiscard]] std::string parse_os_name(std::string_view os_release);
/// When the machine was started, from /proc/stat; 0 when it does not tell.
[[nodiscard]] Time parse_start(std::string_view stat);

}  // namespace pintle::engine_process
