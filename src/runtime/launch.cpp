#include "runtime/launch.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/text.hpp"
#include "domain/name.hpp"
#include "runtime/form_files.hpp"
#include "runtime/report_box.hpp"

namespace pintle::runtime {

using namespace domain;

std::string host_name_of(const Job& job, const Replica& replica) {
    if (job.kind == JobKind::kComponent) return job.spec.task.name;
    return fmt::format("{}-{}-{}-{}.{}-{}", job.spec.task.name, replica.resource, job.build, replica.index,
                       replica.resource, job.build);
}

namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

void set(Variables& variables, std::string name, std::string value) {
    for (auto& [existing, old] : variables) {
        if (existing == name) {
            old = std::move(value);
            return;
        }
    }
    variables.emplace_back(std::move(name), std::move(value));
}

std::string value_of(const Variables& variables, std::string_view name) {
    for (const auto& [existing, value] : variables) {
        if (existing == name) return value;
    }
    return {};
}

std::vector<PreparedVolume> volumes_of(const Job& job, const Replica& replica) {
    std::vector<PreparedVolume> volumes;
    for (const PreparedVolume& volume : job.preparation->volumes) {
        if (volume.resource == replica.resource) volumes.push_back(volume);
    }
    return volumes;
}

// Where the program sees the source: at its mount path, or where it really is when nothing can be mounted.
std::string seen_at(const PreparedVolume& volume, const Node& node) {
    return node.private_mounts ? volume.mount_path : volume.host_path;
}

void set_addresses(Variables& variables, const Job& job, const Node& node) {
    for (const Resource& resource : job.spec.task.resources) {
        std::vector<std::string> hosts, nodes;
        for (const Replica& replica : job.replicas) {
            if (replica.resource != resource.name) continue;
            hosts.push_back(node.private_names ? host_name_of(job, replica) : replica.placement.address);
            nodes.push_back(resource.port > 0 ? fmt::format("{}:{}", hosts.back(), resource.port) : hosts.back());
        }
        set(variables, variable_stem(resource.name) + "_NODES", join(nodes, ","));
        set(variables, variable_stem(resource.name) + "_HOSTS", join(hosts, ","));
    }
}

void set_identity(Variables& variables, const Job& job, const Replica& replica) {
    set(variables, "GPU_COUNT", fmt::format("{}", replica.placement.devices.size()));
    set(variables, "REPLICA_INDEX", fmt::format("{}", replica.index));
    if (job.kind == JobKind::kTask) set(variables, "BUILD_ID", fmt::format("{}", job.build));
    set(variables, "TASK_NAME", job.spec.task.name);
    set(variables, "PROJECT_NAME", job.spec.project_name);
    set(variables, "PROJECT_ID", job.project_id.str());
    set(variables, "WORKSPACE_NAME", job.spec.home.str());
    set(variables, "WORKSPACE_ID", job.spec.home.str());
    set(variables, "POD_NAME", host_name_of(job, replica));
    set(variables, "PINTLE_JOB", job.display_name());
    set(variables, "PINTLE_JOB_ID", job.id.str());
    set(variables, "PINTLE_REPLICA", replica.name());
}

void set_place_in_browsers(Variables& variables, const Job& job, const Replica& replica) {
    if (job.kind != JobKind::kComponent) return;
    set(variables, "URL_PREFIX", component_path(job.project_id, job.spec.task.name));
    // Within a container of its own nobody else listens.
    set(variables, "PINTLE_ADDRESS",
        job.spec.engine == EngineKind::kProcess ? replica.placement.address : std::string("0.0.0.0"));
    const int port = job.resource_of(replica).port;
    if (port > 0) set(variables, "PORT", fmt::format("{}", port));
}

// A component's own folder holds what people make in it, and the mount points of the sources that lie below.
void add_component_folder(engine::ReplicaLaunch& launch, const Job& job, const Resource& resource,
                          const LaunchContext& context) {
    if (job.kind != JobKind::kComponent || context.component_folder.empty()) return;
    std::string begin = context.component_folder;
    if (context.node.private_mounts) {
        begin = resource.default_mount_path.empty() ? job.spec.default_mount_path : resource.default_mount_path;
        const bool is_taken = std::any_of(launch.mounts.begin(), launch.mounts.end(),
                                          [&](const engine::Mount& mount) { return mount.mount_path == begin; });
        // A source at that path is where people keep their files then.
        if (!is_taken) launch.mounts.insert(launch.mounts.begin(), {context.component_folder, begin, false});
    }
    if (launch.work_dir.empty()) launch.work_dir = begin;
}

// Where the program sees what it reports into: a container at a place of its own, others where it is.
std::string reports_seen_at(const Job& job, const LaunchContext& context) {
    const bool is_container = job.spec.engine == EngineKind::kContainer;
    return is_container && !context.report_folder.empty() ? ReportBox::kInContainers : context.report_folder;
}

void set_reports(Variables& variables, const std::string& folder) {
    if (folder.empty()) return;
    set(variables, ReportBox::kVariable, fmt::format("{}/{}", folder, ReportBox::kFileName));
    const std::string path = value_of(variables, "PYTHONPATH");
    set(variables, "PYTHONPATH", path.empty() ? folder : path + ":" + folder);
}

void set_sources(Variables& variables, const std::vector<PreparedVolume>& volumes, const Node& node) {
    std::vector<std::string> python_path;
    if (const std::string own = value_of(variables, "PYTHONPATH"); !own.empty()) python_path.push_back(own);
    for (const PreparedVolume& volume : volumes) {
        set(variables, variable_stem(volume.source) + "_DIR", seen_at(volume, node));
        if (volume.library_dir) python_path.push_back(seen_at(volume, node));
    }
    if (!python_path.empty()) set(variables, "PYTHONPATH", join(python_path, ":"));
}

// Replaces {{.NAME}} by the variable's value, as project templates write it; unknown names become empty. What
// was put in is not looked at again, so that values cannot grow without end.
std::string expanded(const std::string& text, const Variables& variables) {
    std::string out;
    std::size_t at = 0;
    while (true) {
        const std::size_t open = text.find("{{", at);
        const std::size_t close = open == std::string::npos ? open : text.find("}}", open);
        if (close == std::string::npos) return out + text.substr(at);
        const std::string_view inside = trim(std::string_view(text).substr(open + 2, close - open - 2));
        out += text.substr(at, open - at);
        if (inside.starts_with('.')) {
            out += value_of(variables, inside.substr(1));
        } else {
            out += text.substr(open, close + 2 - open);
        }
        at = close + 2;
    }
}

Variables environment_of(const Job& job, const Replica& replica, const std::vector<PreparedVolume>& volumes,
                         const LaunchContext& context) {
    Variables variables = job.resource_of(replica).env;
    set_identity(variables, job, replica);
    set_place_in_browsers(variables, job, replica);
    set_addresses(variables, job, context.node);
    set_sources(variables, volumes, context.node);
    set_reports(variables, reports_seen_at(job, context));
    for (const auto& [name, value] : context.credentials) set(variables, name, value);
    const Variables plain = variables;
    for (const auto& [name, value] : job.resource_of(replica).env) {
        for (auto& [existing, current] : variables) {
            if (existing == name) current = expanded(current, plain);
        }
    }
    return variables;
}

}  // namespace

engine::ReplicaLaunch make_launch(const Job& job, const Replica& replica, const LaunchContext& context) {
    check(job.preparation.has_value(), "a replica starts after its job is prepared");
    const Resource& resource = job.resource_of(replica);
    const std::vector<PreparedVolume> volumes = volumes_of(job, replica);
    engine::ReplicaLaunch launch;
    launch.id = {job.id, replica.name(), replica.attempt};
    launch.command = resource.args.empty() ? resource.command : resource.command + " " + resource.args;
    launch.work_dir = resource.work_dir;
    launch.environment = environment_of(job, replica, volumes, context);
    if (job.spec.engine != EngineKind::kProcess) launch.image = resource.image();
    if (context.node.private_mounts) {
        for (const PreparedVolume& volume : volumes)
            launch.mounts.push_back({volume.host_path, volume.mount_path, volume.read_only});
    }
    if (context.node.private_mounts && !job.spec.form_files.empty()) {
        launch.mounts.push_back({context.form_folder, form_mount_path(job.spec.default_mount_path), true});
    }
    add_component_folder(launch, job, resource, context);
    if (!context.report_folder.empty()) {
        const bool is_container = job.spec.engine == EngineKind::kContainer;
        if (is_container) launch.mounts.push_back({context.report_folder, ReportBox::kInContainers, false});
        else launch.own_folders.push_back(context.report_folder);
    }
    launch.host_name = host_name_of(job, replica);
    launch.address = replica.placement.address;
    for (const Replica& other : job.replicas)
        launch.hosts.emplace_back(other.placement.address, host_name_of(job, other));
    launch.limits = resource.limits;
    launch.devices = replica.placement.devices;
    if (const auto found = job.preparation->environments.find(resource.name);
        found != job.preparation->environments.end())
        launch.python_environment = found->second;
    launch.log_folder = context.log_folder;
    return launch;
}

}  // namespace pintle::runtime
