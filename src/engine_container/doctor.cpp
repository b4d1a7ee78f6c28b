#include "engine_container/doctor.hpp"

#include "base/text.hpp"
#include "os/file.hpp"

namespace pintle::engine_container {
namespace {

using engine::Finding;
using Level = Finding::Level;

constexpr int kSysResource = 24;  ///< CAP_SYS_RESOURCE

constexpr const char* kRuncRemedy =
    "install runc and put runtime = \"runc\" below [engine] in /etc/containers/containers.conf, or start the service "
    "with "
    "podman --runtime runc system service";

bool may_raise_limits(std::string_view status) {
    for (const std::string& line : split(status, '\n')) {
        if (!line.starts_with("CapBnd:")) continue;
        const std::string digits(trim(std::string_view(line).substr(7)));
        return (std::strtoull(digits.c_str(), nullptr, 16) >> kSysResource & 1) != 0;
    }
    return true;
}

Finding limits_of(const ServiceInfo& service) {
    if (service.limits_memory && service.limits_cpu) {
        return {"container limits", Level::kGood, "memory and processor limits are enforced"};
    }
    const char* remedy = !service.rootless      ? ""
                         : service.has_cgroups ? "; give the user's session these controllers (systemd: Delegate=yes)"
                                               : "; without root that takes a machine with version 2 of cgroups";
    const char* what = service.limits_memory ? "processor limits are"
                       : service.limits_cpu  ? "memory limits are"
                                             : "memory and processor limits are";
    return {
        "container limits", Level::kLimited,
        fmt::format("{} not enforced{}, because {} may not use the cgroups for them{}", what,
                    service.has_cgroups ? "" : ", and processor time and memory not measured", service.name, remedy)};
}

Finding runtime_of(const ServiceInfo& service, const Machine& machine) {
    if (!machine.mixed_cgroups) return {"container runtime", Level::kGood, service.runtime};
    const std::string why = "this machine mixes both versions of cgroups";
    if (service.runtime == "runc")
        return {"container runtime", Level::kGood, fmt::format("runc, as it must be, because {}", why)};
    return {"container runtime", Level::kLimited,
            fmt::format("{}, which cannot run here, because {}: {}", service.runtime, why, kRuncRemedy)};
}

Finding open_files_of(const Machine& machine, bool lowered) {
    if (machine.must_lower_limits || lowered) {
        return {"open files in containers", Level::kLimited,
                "1024, and 1000 processes, because limits may not be raised on this machine"};
    }
    return {"open files in containers", Level::kGood, "as the service sets them"};
}

Finding server_from(const ServiceInfo& service, const Experience& experience) {
    if (!service.rootless || experience.reaches_rootless) {
        return {"server from containers", Level::kGood, "reached at the gateway of a job's network"};
    }
    return {"server from containers", Level::kLimited,
            fmt::format(
                "not reached, so that programs have no PINTLE_URL, because {} runs without root; let the server listen "
                "on 0.0.0.0",
                service.name)};
}

}  // namespace

bool has_mixed_cgroups(std::string_view mounts) {
    bool first = false, second = false;
    for (const std::string& line : split(mounts, '\n')) {
        const std::vector<std::string> words = split(line, ' ');
        if (words.size() < 3) continue;
        first = first || words[2] == "cgroup";
        second = second || words[2] == "cgroup2";
    }
    return first && second;
}

Machine Machine::probe() {
    Machine machine;
    machine.mixed_cgroups = has_mixed_cgroups(os::read_file("/proc/self/mounts").value_or(""));
    // A user's own service has no such right either, and does not try to raise anything.
    machine.must_lower_limits =
        machine.mixed_cgroups || !may_raise_limits(os::read_file("/proc/self/status").value_or(""));
    return machine;
}

std::vector<Finding> examine_service(const std::string& socket, const ServiceInfo& service, const Machine& machine,
                                     const Experience& experience) {
    return {
        {"containers", Level::kGood,
         fmt::format("{} {} at {}{}", service.name, service.version, socket, service.rootless ? ", without root" : "")},
        runtime_of(service, machine),
        limits_of(service),
        open_files_of(machine, experience.limits_were_lowered),
        server_from(service, experience)};
}

Finding missing_service(const std::string& why) { return {"containers", Level::kMissing, why}; }

std::string start_failure(const Error& error, const Machine& machine) {
    const std::string& words = error.message;
    if (machine.mixed_cgroups && words.find("cgroup") != std::string::npos) {
        return fmt::format("{}. The machine mixes both versions of cgroups, so {}", words, kRuncRemedy);
    }
    if (words.find("/run/pintle/init") != std::string::npos && words.find("permission denied") != std::string::npos) {
        return fmt::format("{}. Programs may not be run from the data folder's file system (mount option noexec)",
                           words);
    }
    if (words.find("non-overlapping IPv4") != std::string::npos ||
        words.find("address pools have been fully subnetted") != std::string::npos) {
        return fmt::format("{}. Each job has a network of its own; give Docker more of them (default-address-pools in "
                           "/etc/docker/daemon.json)", words);
    }
    return words;
}

}  // namespace pintle::engine_container
