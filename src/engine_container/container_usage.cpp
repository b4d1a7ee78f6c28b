#include "engine_container/container_usage.hpp"

#include "os/file.hpp"

namespace pintle::engine_container {

using engine::AttemptId;

Result<ContainerUsage::FirstProcess> ContainerUsage::first_process(const AttemptId& id) {
    const std::string name = id.str();
    const auto known = known_.with([&](const auto& map) {
        const auto at = map.find(name);
        return at == map.end() ? std::nullopt : std::optional(at->second);
    });
    const auto cgroup_of = [](int pid) {
        return os::read_file(fmt::format("/proc/{}/cgroup", pid), 1 << 16).value_or(std::string());
    };
    if (known && (known->pid == 0 || cgroup_of(known->pid) == known->cgroup)) return *known;
    const Connected on = TRY(service_.connect());
    const auto state = TRY(on.service.inspect(marks_.container(id)));
    if (!state || !state->is_running()) return fail(ErrorCode::kNotFound, "{} does not run", name);
    FirstProcess found{state->pid, cgroup_of(state->pid), {}};
    const auto mounts = os::read_file("/proc/self/mountinfo", 4 << 20);
    if (mounts) found.folders = engine::cgroup_folders(*mounts, found.cgroup);
    // A service on another machine tells of processes that are not ours to look at.
    if (found.folders.empty()) found = {};
    known_.with([&](auto& map) { map[name] = found; });
    return found;
}

Result<engine::Usage> ContainerUsage::of_one(const AttemptId& id) {
    const std::string name = id.str();
    if (const auto exit = folder_.exit(name)) {
        const auto said = os::read_file(folder_.path(name) + "/report", 1 << 20);
        engine::Usage used;
        if (said) used.cpu_us = read_report(*said).cpu_us;
        used.ended_at = exit->at;
        return used;
    }
    if (!folder_.started(name)) return fail(ErrorCode::kNotFound, "{} does not run", name);
    const FirstProcess process = TRY(first_process(id));
    if (process.pid == 0) return told_by_service(id);
    engine::Usage used = engine::cgroup_usage(process.folders);
    const auto network = os::read_file(fmt::format("/proc/{}/net/dev", process.pid), 1 << 20);
    if (network) engine::add_network(*network, used);
    // Whatever the kernel keeps from us the service may know.
    if (!used.cpu_us || !used.memory_bytes) {
        if (const auto told = told_by_service(id)) engine::complete(used, *told);
    }
    return used;
}

Result<engine::Usage> ContainerUsage::told_by_service(const AttemptId& id) {
    const Connected on = TRY(service_.connect());
    engine::Usage used = TRY(on.service.usage(marks_.container(id)));
    if (!on.info.has_cgroups) {
        used.cpu_us.reset();
        used.memory_bytes.reset();
    }
    return used;
}

std::map<AttemptId, engine::Usage> ContainerUsage::of(const std::vector<AttemptId>& ids) {
    std::map<AttemptId, engine::Usage> all;
    bool is_away_now = false;
    for (const AttemptId& id : ids) {
        const bool is_known = known_.with([&](const auto& map) { return map.count(id.str()) > 0; });
        if (is_away_now && !is_known) continue;
        auto used = of_one(id);
        // A service that does not answer is asked once and not for every container.
        if (!used) is_away_now = is_away_now || is_away(used.error());
        else all.emplace(id, std::move(*used));
    }
    return all;
}

void ContainerUsage::forget(const std::string& attempt) {
    known_.with([&](auto& map) { map.erase(attempt); });
}

}  // namespace pintle::engine_container
