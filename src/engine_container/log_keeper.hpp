#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace pintle::engine_container {

/// The process that writes the log of one container: it reads the pipe that the container's output goes to, and
/// outlives the server, so that no byte is lost or written twice while there is none.
///
/// It ends with the container, because the container's first process keeps the pipe open until then; before it ends
/// it saves the first process's report and rings the bell. The service's own record of the output is not used: it has
/// no limit that fits, and its times are too coarse to go on from.
struct KeptLog {
    std::string attempt;         ///< "01H…Z.worker-0.1"
    std::string attempt_folder;  ///< AttemptFolder::path()
    std::string bell;
    std::string log_folder;
    std::uint64_t segment_bytes = 0;
    std::uint64_t total_bytes = 0;
};

/// Starts the keeper with `command` (the hidden command of this program that runs run_log_keeper()) and returns when
/// it reads. One that is at work already is left alone. Blocks for some milliseconds; any thread.
[[nodiscard]] Result<void> start_log_keeper(const std::vector<std::string>& command, const KeptLog& log);

/// The other side: `arguments` are what start_log_keeper() put behind the command. An exit code.
[[nodiscard]] int run_log_keeper(const std::vector<std::string>& arguments);

/// Makes a keeper look whether its container is gone, for one that never ran.
void wake_log_keeper(const std::string& attempt_folder);

/// Waits until no keeper writes the log any more; false when that takes longer than `patience`.
[[nodiscard]] bool wait_for_log(const std::string& attempt_folder, Duration patience);

}  // namespace pintle::engine_container
