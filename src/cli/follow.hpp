#pragma once

#include "cli/command.hpp"

namespace pintle::cli {

/// Shows a job until it ends: its states on one line, the lines of its logs with the replica before them, and how it
/// ended. Returns the exit code for that (words.hpp). `job` is the API's Job as it was a moment ago.
///
/// Threading: two threads of its own read states and logs; printing stays with the caller's.
/// Failure: kUnavailable when the server stays away for a minute, otherwise what the server said.
[[nodiscard]] Result<int> follow_job(Context& context, json::Value job);

/// While it lives, Ctrl-C prints `hint` and ends the program with 130, the job untouched. One at a time.
class DetachOnInterrupt {
public:
    DetachOnInterrupt(bool enabled, std::string_view hint);
    ~DetachOnInterrupt();
    DetachOnInterrupt(const DetachOnInterrupt&) = delete;
    DetachOnInterrupt& operator=(const DetachOnInterrupt&) = delete;

private:
    const bool enabled_;
};

}  // namespace pintle::cli
