#pragma once

#include <string>
#include <vector>

#include "engine/engine.hpp"
#include "engine_container/service.hpp"

namespace pintle::engine_container {

/// What of this machine matters to containers, whichever service runs them.
struct Machine {
    /// Version 1 of cgroups with an empty version 2 beside it, which the runtime crun refuses.
    bool mixed_cgroups = false;
    /// The right to raise limits is missing: containers get those that the service has.
    bool must_lower_limits = false;

    /// Looks at /proc and at our own rights, which the service of the same machine shares.
    [[nodiscard]] static Machine probe();
};

/// Whether the lines of /proc/self/mounts tell of such a mixture. Pure.
[[nodiscard]] bool has_mixed_cgroups(std::string_view mounts);

struct Experience {
    bool limits_were_lowered = false;  ///< Because a start had failed without.
    bool reaches_rootless = true;      ///< The server listens where containers of a service without root find it.
};
/// What people should know of the container service. Pure.
[[nodiscard]] std::vector<engine::Finding> examine_service(const std::string& socket, const ServiceInfo& service,
                                                           const Machine& machine, const Experience& experience);
[[nodiscard]] engine::Finding missing_service(const std::string& why);

/// Why a container did not start, from the service's words, with a remedy where one is known. Pure.
[[nodiscard]] std::string start_failure(const Error& error, const Machine& machine);

}  // namespace pintle::engine_container
