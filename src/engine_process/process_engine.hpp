#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "engine_process/declared_gpus.hpp"
#include "engine_process/nvml.hpp"

namespace pintle::engine_process {

struct Options {
    std::string folder;        ///< The engine's own, for what it knows of its replicas.
    std::string cache_folder;  ///< For Python environments.
    /// Folders and files of the server's that replicas must not see, where mounts can be private; `folder` is always
    /// one of them. Of what lies in them a replica sees its mounts, its scratch folder and its Python environment.
    std::vector<std::string> hidden;
    /// The hidden command of this program that runs run_launcher() (launcher.hpp) on the socket whose number is
    /// appended, e.g. {"/usr/bin/pintle", "supervise", "--launcher"}. Empty: the process is forked instead.
    std::vector<std::string> launcher_command;
    /// The same as a small program of its own, whose file is in memory for as long as the engine lives, because
    /// forking a program with few libraries costs less. Empty: there is none.
    std::string_view launcher_image;
    std::string node_name;   ///< Empty: the host's name.
    std::map<std::string, std::string> node_labels;  ///< Beside those it finds; these win.
    int declared_gpus = -1;  ///< -1: as found.
    std::vector<DeclaredGpus> declared_kinds;        ///< Unless empty, these GPUs and no others are there.
    std::string nvml_library = Nvml::kLibrary;       ///< NVIDIA's, for its GPUs; another one in tests.
    std::string machine_root;                        ///< In front of /proc, /sys, /dev and /etc for them, in tests.
    std::uint64_t log_segment_bytes = 16 << 20;
    std::uint64_t log_total_bytes = std::uint64_t{2} << 30;
    Duration grace{10'000};          ///< For a supervisor that is ended by hand.
    Duration leftover_grace{2'000};  ///< Between TERM and KILL for what outlives a replica's main process.
    bool use_cgroups = true;         ///< Otherwise as on a machine that does not allow them.
    bool use_namespaces = true;      ///< Likewise.
};

/// Runs replicas as supervised processes of this machine, in cgroups and namespaces as far as the kernel lets us.
///
/// A supervisor process per attempt (supervisor.hpp) does the work and outlives this object and its process; what
/// both know is on disk (run_folder.hpp), from where a later engine on the same folder takes it up. Only one engine
/// should use a folder at a time, but two never run an attempt twice.
///
/// Threading: as engine::Engine says; one thread of its own watches supervisors and calls the sink.
/// Ownership: destroying it ends no replica.
class ProcessEngine final : public engine::Engine {
public:
    /// Finds out what this machine allows. `sink` hears of every exit that was not on disk before, and of every
    /// replica that begins to run from now on; the rest is in list().
    [[nodiscard]] static Result<std::unique_ptr<ProcessEngine>> open(Options options, Sink sink);
    ~ProcessEngine() override;

    [[nodiscard]] Result<void> start(const engine::ReplicaLaunch& launch) override;
    [[nodiscard]] Result<void> stop(const engine::AttemptId& id, Duration grace) override;
    [[nodiscard]] Result<std::vector<engine::Observation>> list() override;
    [[nodiscard]] Result<void> forget(const engine::AttemptId& id) override;
    [[nodiscard]] Result<std::vector<domain::Node>> inventory() override;
    [[nodiscard]] Result<std::string> prepare_environment(const std::string& requirements,
                                                          const std::function<void(std::string)>& progress) override;
    /// From the replicas' cgroups where they have some, else from their processes. Not the network, which all share.
    [[nodiscard]] std::map<engine::AttemptId, engine::Usage> usage(const std::vector<engine::AttemptId>& ids) override;
    [[nodiscard]] std::map<std::string, engine::Usage> machine_usage() override;
    [[nodiscard]] Result<std::vector<engine::DeviceUsage>> device_usage() override;
    [[nodiscard]] std::vector<engine::Finding> doctor() override;

    /// The GPUs with these indexes as their drivers count at the moment, for whoever hands them to programs. Any
    /// thread; fails for one that cannot be used, with the reason.
    [[nodiscard]] Result<std::vector<domain::Device>> as_drivers_count(const std::vector<int>& indexes);

private:
    struct Impl;
    explicit ProcessEngine(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::engine_process
