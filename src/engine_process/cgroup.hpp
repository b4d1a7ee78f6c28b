#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "domain/task.hpp"

namespace pintle::engine_process {

/// One line written into a file of a cgroup.
struct CgroupSetting {
    std::string file;
    std::string value;
    bool required = true;  ///< Otherwise a kernel without that file is no obstacle.
    bool operator==(const CgroupSetting&) const = default;
};

/// A cgroup of one replica.
struct CgroupFolder {
    std::string path;
    std::vector<CgroupSetting> settings;
    bool operator==(const CgroupFolder&) const = default;
};

// The settings that hold a replica to its limits; empty without a limit. Pure.
[[nodiscard]] std::vector<CgroupSetting> memory_settings(int version, std::int64_t bytes);
[[nodiscard]] std::vector<CgroupSetting> cpu_settings(int version, std::int64_t millis);
/// The number behind "oom_kill" in memory.events (v2) or memory.oom_control (v1).
[[nodiscard]] std::int64_t parse_oom_kills(std::string_view text);

/// A mounted hierarchy that we could use, from /proc/self/mountinfo and /proc/self/cgroup. Pure.
struct CgroupMount {
    int version = 2;
    std::vector<std::string> controllers;  ///< Of version 1.
    std::string mount_path;
    std::string own_path;  ///< Our own cgroup as a folder; may be absent within a container.
    bool operator==(const CgroupMount&) const = default;
};
[[nodiscard]] std::vector<CgroupMount> find_cgroup_mounts(std::string_view mountinfo, std::string_view self_cgroup);

/// What the kernel lets us limit, found by trying at probe().
///
/// Threading: const after construction, any thread. probe() makes folders named `pintle-TAG`, which sweep() and
/// remove_base() take away.
class Cgroups {
public:
    /// Nothing can be limited.
    Cgroups() = default;
    [[nodiscard]] static Cgroups probe(std::string_view tag);

    [[nodiscard]] bool limits_memory() const { return !memory_base_.empty(); }
    [[nodiscard]] bool limits_cpu() const { return !cpu_base_.empty(); }
    [[nodiscard]] int version() const { return version_; }
    /// Why something cannot be limited; empty when everything can.
    [[nodiscard]] const std::string& reason() const { return reason_; }

    /// The cgroups for a replica with these limits; none when there is nothing to limit.
    [[nodiscard]] std::vector<CgroupFolder> plan(std::string_view name, const domain::Quantities& limits) const;
    /// Removes what earlier lives left, except the named.
    void sweep(const std::vector<std::string>& keep) const;
    /// Removes our own folders if no replica is in them.
    void remove_base() const;

private:
    int version_ = 0;
    std::string memory_base_, cpu_base_;  // the same for version 2
    std::string reason_;
};

// For supervisors.
[[nodiscard]] Result<void> make_cgroups(const std::vector<CgroupFolder>& groups);
/// Puts the calling process in; safe in a forked child.
[[nodiscard]] bool join_cgroups(const std::vector<CgroupFolder>& groups);
[[nodiscard]] std::int64_t oom_kills(const std::vector<CgroupFolder>& groups);
[[nodiscard]] std::vector<pid_t> cgroup_processes(const std::vector<CgroupFolder>& groups);
void remove_cgroups(const std::vector<CgroupFolder>& groups);

/// The limits that we ourselves live under, for the inventory; 0: none.
[[nodiscard]] domain::Quantities own_cgroup_limits();

}  // namespace pintle::engine_process
