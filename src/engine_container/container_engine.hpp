#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.hpp"
#include "engine_container/container_spec.hpp"
#include "engine_container/service.hpp"

namespace pintle::engine_container {

struct Options {
    std::string folder;               ///< The engine's own (attempt_folder.hpp), on the data folder's disk.
    std::vector<std::string> sockets; ///< Where to look for the service, the first that answers being it.
    std::string sockets_fault;        ///< Why there are none, if that is so.
    /// The hidden command of this program that runs run_log_keeper(), e.g. {"/usr/bin/pintle", "keep-log"}.
    std::vector<std::string> keeper_command;
    std::string_view init_image;      ///< The file of container_init.cpp; empty: this build has none.
    GpuWay gpu_way = GpuWay::kDeviceRequest;
    std::uint64_t log_segment_bytes = 16 << 20;
    std::uint64_t log_total_bytes = std::uint64_t{2} << 30;
    /// The launch's GPUs as their drivers count; the machine's inventory knows. May be empty where there are none.
    std::function<Result<std::vector<domain::Device>>(const std::vector<int>& devices)> devices;
    /// The URL of the server for containers in that network; nothing when they cannot reach it. May be empty.
    std::function<std::optional<std::string>(const NetworkInfo& network)> server_url;
    /// The network is gone. May be empty.
    std::function<void(const NetworkInfo& network)> network_gone;
    /// Who may pull from a registry for a job. May be empty.
    std::function<Result<std::optional<RegistryLogin>>(const domain::JobId& job, const std::string& registry)> login;
    bool reaches_rootless = true;     ///< Whether server_url has one for containers of a service without root.
    std::size_t threads = 4;
    Duration sweep_every{5'000};      ///< How often the service is asked what is there.
};

/// Runs replicas as containers of podman or Docker.
///
/// What it knows lies on disk (attempt_folder.hpp) and in the labels of containers and networks, from where a later
/// engine on the same folder takes it up; what has our label and belongs to nothing is removed. start() and stop()
/// write down what shall be and return; threads of its own bring it about, again and again while the service is away.
/// A container's output never passes through the server: log_keeper.hpp.
///
/// Threading: as engine::Engine says.
/// Ownership: destroying it ends no replica.
class ContainerEngine final : public engine::Engine {
public:
    /// Also where there is no service: it is used as soon as there is one. Fails when the folder cannot be used.
    [[nodiscard]] static Result<std::unique_ptr<ContainerEngine>> open(Options options, Sink sink);
    ~ContainerEngine() override;

    [[nodiscard]] Result<void> start(const engine::ReplicaLaunch& launch) override;
    [[nodiscard]] Result<void> stop(const engine::AttemptId& id, Duration grace) override;
    [[nodiscard]] Result<std::vector<engine::Observation>> list() override;
    [[nodiscard]] Result<void> forget(const engine::AttemptId& id) override;
    /// None: the machine is the process engine's to count.
    [[nodiscard]] Result<std::vector<domain::Node>> inventory() override;
    /// kInvalid: a container has the packages of its image.
    [[nodiscard]] Result<std::string> prepare_environment(const std::string& requirements,
                                                          const std::function<void(std::string)>& progress) override;
    [[nodiscard]] Result<void> prepare_image(const domain::JobId& job, const std::string& image,
                                             const std::function<void(std::string)>& progress) override;
    [[nodiscard]] Result<std::string> own_address(const engine::AttemptId& id) override;
    /// From the containers' cgroups and networks where the service runs on this machine, else as it tells.
    [[nodiscard]] std::map<engine::AttemptId, engine::Usage> usage(const std::vector<engine::AttemptId>& ids) override;
    [[nodiscard]] std::vector<engine::Finding> doctor() override;

    /// Why no container can be run at the moment, with a remedy; empty when they can. Does not ask the service.
    [[nodiscard]] std::string fault() const;

private:
    struct Impl;
    explicit ContainerEngine(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace pintle::engine_container
