#include "engine/engine_set.hpp"

#include <iterator>

namespace pintle::engine {

EngineSet::EngineSet(Engine& processes, Engine& containers, std::function<std::string()> container_fault)
    : processes_(processes), containers_(containers), container_fault_(std::move(container_fault)) {}

EngineSet::Home EngineSet::home_of(const AttemptId& id) const {
    return known_.with([name = id.str()](const Known& known) {
        if (known.processes.count(name) > 0) return Home::kProcesses;
        return known.containers.count(name) > 0 ? Home::kContainers : Home::kUnknown;
    });
}

Result<void> EngineSet::start(const ReplicaLaunch& launch) {
    const bool in_container = !launch.image.empty();
    // Of an attempt that was stopped before it came here each engine knows; none of them starts it.
    known_.with([&](Known& known) { (in_container ? known.containers : known.processes).insert(launch.id.str()); });
    return in_container ? containers_.start(launch) : processes_.start(launch);
}

Result<void> EngineSet::stop(const AttemptId& id, Duration grace) {
    const Home home = home_of(id);
    if (home != Home::kContainers) TRY(processes_.stop(id, grace));
    if (home != Home::kProcesses) TRY(containers_.stop(id, grace));
    return {};
}

Result<std::vector<Observation>> EngineSet::list() {
    std::vector<Observation> all = TRY(processes_.list());
    std::vector<Observation> more = TRY(containers_.list());
    known_.with([&](Known& known) {
        for (const Observation& seen : all) known.processes.insert(seen.id.str());
        for (const Observation& seen : more) known.containers.insert(seen.id.str());
    });
    std::move(more.begin(), more.end(), std::back_inserter(all));
    return all;
}

Result<void> EngineSet::forget(const AttemptId& id) {
    const Home home = home_of(id);
    if (home != Home::kContainers) TRY(processes_.forget(id));
    if (home != Home::kProcesses) TRY(containers_.forget(id));
    known_.with([name = id.str()](Known& known) {
        known.processes.erase(name);
        known.containers.erase(name);
    });
    return {};
}

Result<std::vector<domain::Node>> EngineSet::inventory() {
    std::vector<domain::Node> nodes = TRY(processes_.inventory());
    for (domain::Node& node : nodes) node.container_fault = container_fault_();
    return nodes;
}

Result<std::string> EngineSet::prepare_environment(const std::string& requirements,
                                                   const std::function<void(std::string)>& progress) {
    return processes_.prepare_environment(requirements, progress);
}

Result<void> EngineSet::prepare_image(const domain::JobId& job, const std::string& image,
                                      const std::function<void(std::string)>& progress) {
    return containers_.prepare_image(job, image, progress);
}

Result<std::string> EngineSet::own_address(const AttemptId& id) {
    return home_of(id) == Home::kContainers ? containers_.own_address(id) : processes_.own_address(id);
}

std::map<AttemptId, Usage> EngineSet::usage(const std::vector<AttemptId>& ids) {
    std::vector<AttemptId> processes, containers;
    for (const AttemptId& id : ids) {
        const Home home = home_of(id);
        if (home != Home::kContainers) processes.push_back(id);
        if (home != Home::kProcesses) containers.push_back(id);
    }
    std::map<AttemptId, Usage> used = processes_.usage(processes);
    used.merge(containers_.usage(containers));
    return used;
}

std::map<std::string, Usage> EngineSet::machine_usage() { return processes_.machine_usage(); }

Result<std::vector<DeviceUsage>> EngineSet::device_usage() { return processes_.device_usage(); }

std::vector<Finding> EngineSet::doctor() {
    std::vector<Finding> findings = processes_.doctor();
    for (Finding& finding : containers_.doctor()) findings.push_back(std::move(finding));
    return findings;
}

}  // namespace pintle::engine
