#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "domain/node.hpp"
#include "engine/engine.hpp"
#include "engine_container/service.hpp"
#include "json/value.hpp"

namespace pintle::engine_container {

/// What a launch becomes on a container service. Pure.

/// How our containers and networks are named and found again: by labels with the data folder's mark.
struct Marks {
    std::string data;  ///< Of the server's data folder, the same for all its lives.
    [[nodiscard]] std::string label() const;  ///< "pintle.data=…"
    [[nodiscard]] std::string container(const engine::AttemptId& id) const;
    [[nodiscard]] std::string network(const domain::JobId& job) const;
    [[nodiscard]] std::map<std::string, std::string> labels(const engine::AttemptId& id) const;
    [[nodiscard]] std::map<std::string, std::string> labels(const domain::JobId& job) const;
};
inline constexpr std::string_view kAttemptLabel = "pintle.attempt";
inline constexpr std::string_view kJobLabel = "pintle.job";

/// How GPUs are handed to containers.
enum class GpuWay {
    kDeviceRequest,  ///< Docker's, for NVIDIA's container toolkit.
    kCdi,            ///< By the names of the Container Device Interface: podman, and Docker where it is set up.
};

struct Surroundings {
    Marks marks;
    ImageInfo image;
    NetworkInfo network;
    bool is_podman = false;
    bool lowered_limits = false;  ///< The service may not raise what a process may open and start.
    std::string box;              ///< AttemptFolder::box()
    std::string scratch;
    std::vector<domain::Device> devices;  ///< The launch's, as their drivers count.
    GpuWay gpu_way = GpuWay::kDeviceRequest;
    std::optional<std::string> server_url;  ///< The server as the container reaches it; none: it does not.
};

/// The body of POST /containers/create; kInvalid for a launch that cannot be written down.
[[nodiscard]] Result<json::Value> container_spec(const engine::ReplicaLaunch& launch, const Surroundings& around);

/// The same container in podman's own language, with its GPUs by their CDI names: in Docker's language podman takes no
/// such names before version 5, and says nothing. `spec` is one of container_spec()'s.
[[nodiscard]] json::Value podman_spec(const std::string& name, const json::Value& spec);

/// The address of the `index`-th replica in a network, or nothing when it has no room for it: ".2" and on, behind the
/// gateway.
[[nodiscard]] std::optional<std::string> address_in(const std::string& subnet, std::size_t index);

/// "registry/name:tag" with the tag "latest" where neither a tag nor a digest is given.
[[nodiscard]] std::string with_tag(const std::string& image);
/// Where the image comes from: "ghcr.io", "localhost:5000"; "docker.io" where none is named.
[[nodiscard]] std::string registry_of(const std::string& image);

}  // namespace pintle::engine_container
