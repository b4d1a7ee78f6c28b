#pragma once

#include <string>
#include <vector>

namespace pintle::sim {

/// `pintle selftest`: runs the simulator for people. Returns the exit status.
[[nodiscard]] int selftest_command(const std::vector<std::string>& arguments);
[[nodiscard]] std::string selftest_help();

}  // namespace pintle::sim
