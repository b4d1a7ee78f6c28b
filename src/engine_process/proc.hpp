#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pintle::engine_process {

/// What /proc says of processes. Reading functions may be called from any thread; what they return may be out of
/// date at once, except that a process we are the parent of does not vanish before we wait for it.

struct ProcStat {
    pid_t pid = 0;
    char state = '?';
    pid_t parent = 0;
    pid_t session = 0;
    std::uint64_t start_time = 0;  ///< In clock ticks since boot: with the pid it names a process for good.
    std::uint64_t own_ticks = 0;     ///< Processor time, in clock ticks.
    std::uint64_t waited_ticks = 0;  ///< That of its children which have ended and were waited for, and of theirs.
    bool operator==(const ProcStat&) const = default;
};

/// A process that cannot be mistaken for a later one with the same pid.
struct ProcessId {
    pid_t pid = 0;
    std::uint64_t start_time = 0;
    std::string boot;  ///< Which life of the machine.
    bool operator==(const ProcessId&) const = default;
};

/// Reads a line of /proc/PID/stat; program names with spaces and parentheses are no obstacle.
[[nodiscard]] std::optional<ProcStat> parse_stat(std::string_view line);
[[nodiscard]] std::optional<ProcStat> read_stat(pid_t pid);
[[nodiscard]] std::vector<ProcStat> all_processes();
/// The children of `root`, their children and so on, without `root` and without zombies.
[[nodiscard]] std::vector<pid_t> descendants(const std::vector<ProcStat>& processes, pid_t root);

[[nodiscard]] ProcessId this_process();
/// Whether that very process is still there and has not ended.
[[nodiscard]] bool is_alive(const ProcessId& process);
/// Names this boot of the machine.
[[nodiscard]] std::string boot_id();
/// Whether the environment that the process was started with has this line, "NAME=value".
[[nodiscard]] bool has_environment_line(pid_t pid, std::string_view line);
[[nodiscard]] bool contains_environment_line(std::string_view environ_bytes, std::string_view line);

}  // namespace pintle::engine_process
