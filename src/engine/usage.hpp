#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace pintle::engine {

/// What something has used so far, and the memory that it uses now. What is not known is absent, which is not zero.
struct Usage {
    std::optional<std::int64_t> cpu_us;        ///< Processor time since it began, in microseconds.
    std::optional<std::int64_t> memory_bytes;  ///< Now, without what is only cached of files.
    std::optional<std::int64_t> network_received_bytes;
    std::optional<std::int64_t> network_sent_bytes;
    std::optional<std::int64_t> disk_read_bytes;
    std::optional<std::int64_t> disk_written_bytes;
    std::optional<Time> ended_at;  ///< It has ended then, and this is what it used in all.
    bool operator==(const Usage&) const = default;
};

/// A GPU at the moment. What its driver does not tell is absent.
struct DeviceUsage {
    std::string uuid;
    std::optional<double> busy_percent;
    std::optional<std::int64_t> memory_bytes;
    std::optional<double> power_watts;
    std::optional<double> temperature_celsius;
    bool operator==(const DeviceUsage&) const = default;
};

// Reading what the kernel tells; absent where it does not. Any thread.

/// What the cgroups used: folders of any hierarchy of either version, of one and the same group.
[[nodiscard]] Usage cgroup_usage(const std::vector<std::string>& folders);
/// Where the cgroups of a process are, by its /proc/PID/cgroup and our /proc/self/mountinfo; those that are there.
[[nodiscard]] std::vector<std::string> cgroup_folders(std::string_view mountinfo, std::string_view process_cgroup);
/// Adds the bytes of all lines of a /proc/…/net/dev but the loopback's. Pure.
void add_network(std::string_view net_dev, Usage& usage);
/// The whole machine, as far as /proc and /sys behind `root` tell: all its processors, its disks and its network cards.
[[nodiscard]] Usage machine_usage(const std::string& root);

/// Takes from `more` what `usage` lacks. Pure.
void complete(Usage& usage, const Usage& more);

}  // namespace pintle::engine
