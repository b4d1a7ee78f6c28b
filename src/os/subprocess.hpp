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
    std::vector<std::pair<std::string, std::string>>
        environment;  ///< As of SpawnPlan.
    Duration timeout = std::chrono::minutes(10);                 ///< Afterwards its process group is killed.
    std::size_t output_limit_bytes = 1 << 20;                    ///< The tail is kept.
    Duration silence{};  ///< Where not zero: it is killed as after the timeout when it has printed nothing for so long.
    const std::atomic<bool>* give_up = nullptr;                  ///< Once true, it is killed as after the timeout.
    std::function<void(std::string_view)> on_line;  ///< Gets each line of output as it comes; may be empty. A carriage
                                                    ///< return, with which progress is painted, ends a line too.
    int input = -1;      ///< Becomes its standard input, which is empty otherwise.
    int kept_open = -1;  ///< A descriptor of ours that it and all it starts have as 3: a lock on what it changes, say.
};

struct CommandOutput {
    int exit_code = 0;    ///< 128 + signal when a signal ended it.
    std::string output;   ///< Standard output and error together, as they came.
};

/// Runs the command and waits. Fails only when it could not be started (kNotFound), overran its timeout or was silent
/// for too long (kTimeout), or was given up (kCancelled); its own exit code is data. Any thread; blocks.
[[nodiscard]] Result<CommandOutput> run(const Command& command);

}  // namespace pintle::os
