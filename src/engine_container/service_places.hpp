#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace pintle::engine_container {

using Variable = std::function<std::optional<std::string>(const std::string& name)>;

/// Where a container service may listen, in the order in which to look: what is configured and nothing else, or what
/// $CONTAINER_HOST and $DOCKER_HOST say, or podman's and Docker's usual places. Pure. kInvalid for one that is reached
/// over the network: folders of this machine cannot be mounted there.
[[nodiscard]] Result<std::vector<std::string>> service_places(const std::string& configured, const Variable& variable);

}  // namespace pintle::engine_container
