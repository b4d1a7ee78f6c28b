#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "engine/usage.hpp"
#include "json/value.hpp"

namespace pintle::engine_container {

/// What a container service says of itself.
struct ServiceInfo {
    std::string name;          ///< "podman" or "docker"
    std::string version;       ///< "4.3.1"
    std::string architecture;  ///< "amd64"
    std::string runtime;       ///< The OCI runtime it uses: "crun", "runc"
    bool rootless = false;
    bool limits_memory = true;
    bool limits_cpu = true;
    bool has_cgroups = true;  ///< Its containers are counted apart; otherwise what it says of their use is not theirs.
    bool operator==(const ServiceInfo&) const = default;
};

struct ContainerState {
    std::string status;  ///< "created", "running", "paused", "exited", …
    int exit_code = 0;
    bool oom_killed = false;
    std::string error;   ///< Why it could not be started, as the service says it.
    int pid = 0;         ///< Of its first process, on the machine of the service; 0: it does not run.

    /// Whether it has begun, and not ended.
    [[nodiscard]] bool is_running() const;
    /// Whether it was never begun.
    [[nodiscard]] bool is_new() const;
    bool operator==(const ContainerState&) const = default;
};

/// A container or network with our label.
struct Labelled {
    std::string name;
    std::string state;  ///< Of a container.
    std::map<std::string, std::string> labels;
};

struct NetworkInfo {
    std::string subnet;   ///< "10.89.0.0/24"
    std::string gateway;  ///< "10.89.0.1"
    bool rootless = false;  ///< The gateway is not the machine's: networks are those of a service without root.
};

struct ImageInfo {
    std::string architecture;
    std::string work_dir;
};

/// Who may pull from a registry.
struct RegistryLogin {
    std::string user;
    std::string password;
};

/// A container service behind a unix socket, spoken to in Docker's REST language, which podman speaks too.
///
/// Threading: any thread; every call blocks, and opens a connection of its own. Failure: kUnavailable or kTimeout
/// when the service does not answer, so that trying again can help; kNotFound, kConflict, kDenied or kInternal with
/// its own words when it refuses.
class Service {
public:
    explicit Service(std::string socket) : socket_(std::move(socket)) {}
    [[nodiscard]] const std::string& socket() const { return socket_; }

    [[nodiscard]] Result<ServiceInfo> info() const;
    [[nodiscard]] Result<void> ping() const;

    using Texts = std::map<std::string, std::string>;
    [[nodiscard]] Result<void> make_network(const std::string& name, const Texts& labels, const Texts& options) const;
    [[nodiscard]] Result<NetworkInfo> network(const std::string& name) const;
    /// None there is not an error.
    [[nodiscard]] Result<void> remove_network(const std::string& name) const;
    [[nodiscard]] Result<std::vector<Labelled>> networks(const std::string& label) const;

    [[nodiscard]] Result<void> create(const std::string& name, const json::Value& container) const;
    /// In podman's own language; `container` has its name.
    [[nodiscard]] Result<void> create_on_podman(const json::Value& container) const;
    [[nodiscard]] Result<void> start(const std::string& name) const;
    /// One that has ended is not an error.
    [[nodiscard]] Result<void> signal(const std::string& name, const std::string& signal) const;
    /// With its volumes, also while it runs; none there is not an error.
    [[nodiscard]] Result<void> remove(const std::string& name) const;
    [[nodiscard]] Result<std::optional<ContainerState>> inspect(const std::string& name) const;
    [[nodiscard]] Result<std::vector<Labelled>> containers(const std::string& label) const;
    /// Its address in its network; kNotFound when it does not run.
    [[nodiscard]] Result<std::string> address(const std::string& name) const;
    /// What the container has used since its start, as far as the service tells. Takes no longer than a look.
    [[nodiscard]] Result<engine::Usage> usage(const std::string& name) const;

    /// Nothing when it is not there.
    [[nodiscard]] Result<std::optional<ImageInfo>> image(const std::string& name) const;
    /// Fetches the image; `progress` gets what the service says, for every step. False from it ends the pull.
    [[nodiscard]] Result<void> pull(const std::string& image, const std::optional<RegistryLogin>& login,
                                    const std::function<bool(const json::Value& step)>& progress) const;

private:
    struct Call;
    [[nodiscard]] Result<json::Value> call(const Call& call) const;

    std::string socket_;
};

}  // namespace pintle::engine_container
