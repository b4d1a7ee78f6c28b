#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"
#include "domain/job.hpp"

namespace pintle::engine {

/// What a supervisor saw of its replica's end.
struct Ending {
    std::string replica;        ///< "worker-1"
    int wait_status = 0;        ///< Of the main process, as waitpid() gives it.
    std::string setup_failure;  ///< Why the shell never ran; else empty.
    bool stop_asked = false;    ///< Before the main process ended.
    Duration stop_grace{};
    bool killed_by_us = false;   ///< The main process did not end on TERM within the grace.
    std::int64_t oom_kills = 0;  ///< Of the replica's processes, at its memory limit.
    std::int64_t memory_limit_bytes = 0;
    bool limited_per_process = false;  ///< The memory limit holds for each process by itself (RLIMIT_DATA).
    int unkillable = 0;                ///< Processes that would not end.
};

/// The exit with its sentence for people. Pure.
[[nodiscard]] domain::ReplicaExit exit_in_words(const Ending& ending, Time at);

/// The exit of an attempt that was stopped before it ran.
[[nodiscard]] domain::ReplicaExit exit_before_start(Time at);

}  // namespace pintle::engine
