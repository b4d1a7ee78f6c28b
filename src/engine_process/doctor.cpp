#include "engine_process/doctor.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "engine_process/python_environment.hpp"
#include "os/subprocess.hpp"

namespace pintle::engine_process {
namespace {

using engine::Finding;
using Level = engine::Finding::Level;

constexpr const char* kDelegate =
    "Run the server as root, or as a systemd service with Delegate=yes, to have limits enforced";

std::string because(const std::string& reason) { return reason.empty() ? "" : fmt::format(" ({})", reason); }

Finding memory_limits(const Cgroups& cgroups) {
    if (cgroups.limits_memory()) {
        return {"memory limits", Level::kGood,
                fmt::format("enforced for each replica as a whole, by cgroups version {}", cgroups.version())};
    }
    return {"memory limits", Level::kLimited,
            fmt::format("enforced for each process by itself, not for a replica as a whole{}. {}",
                        because(cgroups.reason()), kDelegate)};
}

Finding cpu_limits(const Cgroups& cgroups) {
    if (cgroups.limits_cpu()) {
        return {"CPU limits", Level::kGood, fmt::format("enforced, by cgroups version {}", cgroups.version())};
    }
    return {"CPU limits", Level::kLimited, fmt::format("not enforced{}. {}", because(cgroups.reason()), kDelegate)};
}

Finding private_mounts(const NamespaceSupport& support) {
    if (support.mounts) {
        return {"private mounts", Level::kGood,
                fmt::format("sources appear at their mount paths{}",
                            support.mode == NamespaceMode::kUser ? ", by user namespaces" : "")};
    }
    return {
        "private mounts", Level::kLimited,
        fmt::format("not allowed{}: replicas see sources at the host's own paths, which $SRC_DIR and the like name. "
                    "Run the server as root, or allow user namespaces "
                    "(sysctl kernel.unprivileged_userns_clone=1, or kernel.apparmor_restrict_unprivileged_userns=0)",
                    because(support.reason))};
}

Finding data_folder(const NamespaceSupport& support) {
    if (support.mounts) return {"data folder", Level::kGood, "hidden from jobs"};
    return {"data folder", Level::kLimited,
            fmt::format("every job's program can read the server's token, with which it can do whatever an operator "
                        "can, because private mounts are not allowed{}. Run the server as root, or allow user "
                        "namespaces (sysctl kernel.unprivileged_userns_clone=1, or "
                        "kernel.apparmor_restrict_unprivileged_userns=0)",
                        because(support.reason))};
}

Finding processes(const NamespaceSupport& support) {
    if (support.own_users || support.mode == NamespaceMode::kUser) {
        return {"processes of jobs", Level::kGood, "cannot look into those of other jobs or of the server"};
    }
    return {"processes of jobs", Level::kLimited,
            "can read the environment, memory and files of each other, also those of other groups, because user "
            "namespaces are not allowed. Allow them (sysctl user.max_user_namespaces=10000)"};
}

Finding private_names(const NamespaceSupport& support) {
    if (support.names) return {"names of replicas", Level::kGood, "replicas find each other by name"};
    return {"names of replicas", Level::kLimited,
            fmt::format("do not resolve{}: replicas are given plain addresses instead", because(support.reason))};
}

Finding python() {
    const auto found = find_python();
    if (found) {
        return {"Python environments", Level::kGood, fmt::format("made with {} {}", found->program, found->version)};
    }
    return {"Python environments", Level::kMissing, found.error().message};
}

Finding program(const char* subject, const char* name, const char* remedy) {
    const auto result = os::run({.argv = {name, "--version"}, .timeout = std::chrono::seconds(10)});
    if (result && result->exit_code == 0) {
        return {subject, Level::kGood, std::string(trim(split(result->output, '\n').front()))};
    }
    return {subject, Level::kMissing, remedy};
}

// What NFS sources need where the kernel has no client of its own, and S3 sources that are not copied.
Finding mounts_of_programs() {
    if (::access("/dev/fuse", R_OK | W_OK) == 0) {
        return {"mounts", Level::kGood, "NFS and S3 sources can be mounted by programs (FUSE)"};
    }
    return {"mounts", Level::kLimited,
            "/dev/fuse cannot be used: S3 sources are copied, NFS sources need the kernel's client"};
}

Finding shell() {
    if (::access("/bin/bash", X_OK) == 0) return {"bash", Level::kGood, "/bin/bash runs the replicas' commands"};
    return {"bash", Level::kMissing, "/bin/bash is not there, so that no replica can run; install bash"};
}

/// "2 × A100, 1 × T4"
std::string models_of(const std::vector<domain::Device>& gpus) {
    std::vector<std::pair<std::string, int>> counts;
    for (const domain::Device& gpu : gpus) {
        const auto at =
            std::find_if(counts.begin(), counts.end(), [&](const auto& entry) { return entry.first == gpu.model; });
        if (at != counts.end()) ++at->second;
        else counts.emplace_back(gpu.model, 1);
    }
    std::vector<std::string> words;
    for (const auto& [model, count] : counts) words.push_back(fmt::format("{} × {}", count, model));
    return join(words, ", ");
}

}  // namespace

Finding examine_gpus(const GpuReport& gpus) {
    const std::string how = gpus.are_declared ? "declared" : gpus.nvml;
    if (gpus.devices.empty()) {
        return {"GPUs", gpus.are_declared ? Level::kGood : Level::kLimited,
                gpus.are_declared ? "none, as declared" : fmt::format("none found ({})", how)};
    }
    std::map<std::string, std::vector<std::string>> unused;  // By their fault.
    for (const domain::Device& gpu : gpus.devices) {
        if (!gpu.healthy) unused[gpu.fault].push_back(fmt::format("{}", gpu.index));
    }
    std::string message = fmt::format("{} ({})", models_of(gpus.devices), how);
    for (const auto& [fault, indexes] : unused) {
        message += fmt::format("; number {} not used: {}", join(indexes, ", "), fault);
    }
    return {"GPUs", unused.empty() ? Level::kGood : Level::kLimited, message};
}

std::vector<Finding> examine_machine(const MachineAbilities& machine) {
    return {
        shell(),
        memory_limits(machine.cgroups),
        cpu_limits(machine.cgroups),
        private_mounts(machine.namespaces),
        private_names(machine.namespaces),
        data_folder(machine.namespaces),
        processes(machine.namespaces),
        examine_gpus(machine.gpus),
        python(),
        program("git", "git",
                "git is not there, so that no git source can be used; install it, on Debian and Ubuntu with: apt "
                "install git"),
        program(
            "large files of git", "git-lfs",
            "git-lfs is not there, so that of files that repositories keep with git LFS jobs see the pointers only; "
            "install it, on Debian and Ubuntu with: apt install git-lfs"),
        program("S3 sources", "rclone",
                "rclone is not there, so that no S3 source can be used; install it, on Debian and Ubuntu with: apt "
                "install rclone"),
        mounts_of_programs()};
}

}  // namespace pintle::engine_process
