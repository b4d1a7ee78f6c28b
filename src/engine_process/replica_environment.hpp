#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/node.hpp"

namespace pintle::engine_process {

/// The environment that a replica's shell is given. Pure.

using Environment = std::vector<std::pair<std::string, std::string>>;

/// The name of the variable by which a replica's processes are known as its own.
inline constexpr std::string_view kAttemptVariable = "PINTLE_ATTEMPT";

struct EnvironmentParts {
    Environment basics;              ///< PATH, HOME and the like, from basic_environment().
    Environment given;               ///< The launch's own, which wins over the basics.
    std::string python_environment;  ///< Goes to the front of PATH; empty: none.
    std::vector<domain::Device> devices;  ///< As their drivers count. None: GPUs are hidden.
    std::string attempt;
};
/// The whole environment, each name once. NVIDIA's GPUs are named by their uuids, which stay theirs when the driver
/// counts anew; others by their indexes. A GPU whose vendor nobody knows is shown to both kinds of programs.
[[nodiscard]] Environment replica_environment(const EnvironmentParts& parts);
/// The few variables that any program expects, taken from the server's own environment or set to plain values.
[[nodiscard]] Environment basic_environment();

}  // namespace pintle::engine_process
