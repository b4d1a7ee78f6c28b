#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace pintle::os {

/// A helper program to run to its end, such as git. Not for replicas: those have supervisors.
struct Command {
    std::vector<std::string> argv;                               ///< argv[0] is looked up on PATH.
    std::string folder;                                          ///< Where it runs; empty: where we are.
    std::vector<std::pair<std::string, std::string>> environment;///< The whole environment; PATH and HOME are kept when absent.
    Duration timeout = std::chrono::minutes(10);                 ///< Afterwards its process group is killed.
    std::size_t output_limit_bytes = 1 << 20;                    ///< The tail is kept.
    const std::atomic<bool>* give_up = nullptr;                  ///< Once true, it is killed as after the timeout.
    std::function<void(std::string_view)> on_line;               ///< Gets each line of output as it comes; may be empty.
};

struct CommandOutput {
    int exit_code = 0;    ///< 128 + signal when a signal ended it.
    std::string output;   ///< Standard output and error together, as they came.
};

/// Runs the command and waits. Fails only when it could not be started (kNotFound) or overran its timeout
/// (kTimeout), or was given up (kCancelled); its own exit code is data. Any thread; blocks.
[[nodiscard]] Result<CommandOutput> run(const Command& command);

}  // namespace pintle::os
