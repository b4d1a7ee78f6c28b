#include "api/cluster.hpp"

#include <algorithm>

#include "api/people.hpp"

namespace pintle::api {

using json::Value;

ClusterView::ClusterView(const core::Core& core, const auth::Identity& identity) : core_(core), identity_(identity) {
    const auto group = core.groups().find(identity.group);
    own_pool_ = group == core.groups().end() ? domain::kDefaultPool : group->second.pool;
}

bool ClusterView::may_see(const domain::Job& job) const {
    if (identity_.operates() || job.owner == identity_.user) return true;
    const domain::Project* project = core_.find_project(job.project_id);
    if (project == nullptr) return false;
    const auto owner = core_.users().find(project->owner);
    return owner != core_.users().end() && owner->second.group == identity_.group;
}

std::string ClusterView::pool_name(const domain::PoolId& pool) const {
    if (!identity_.operates() && pool != own_pool_ && pool != domain::kDefaultPool) return "another group";
    const auto found = core_.pools().find(pool);
    return found == core_.pools().end() ? std::string() : found->second.name;
}

DeviceSeen ClusterView::device(const domain::Node& node, const domain::Device& device) const {
    const domain::DeviceKey key{node.name, device.uuid};
    DeviceSeen seen{node.name, device, pool_name(core_.snapshot().pool_of(key)), false, {}, {}};
    const auto user = core_.snapshot().user_of(key);
    if (!user) return seen;
    seen.in_use = true;
    const auto job = core_.find_job(*user);
    if (!job || !may_see(*job)) return seen;
    const domain::Project* project = core_.find_project(job->project_id);
    seen.job = job->id;
    seen.job_name = fmt::format("{}/{}:{}", project == nullptr ? job->spec.project_name : project->spec.name,
                                job->spec.task.name, job->build);
    return seen;
}

NodeSeen ClusterView::seen(const domain::Node& node) const {
    NodeSeen seen{node, core_.snapshot().use_of_node(node.name), {}};
    seen.node.devices.clear();
    for (const domain::Device& each : node.devices) seen.devices.push_back(device(node, each));
    return seen;
}

std::vector<NodeSeen> ClusterView::nodes() const {
    std::vector<NodeSeen> all;
    for (const domain::Node& node : core_.snapshot().nodes()) all.push_back(seen(node));
    return all;
}

namespace {

// They are sorted by name.
const domain::Node* find_node(const std::vector<domain::Node>& nodes, const std::string& name) {
    const auto found = std::lower_bound(nodes.begin(), nodes.end(), name,
                                        [](const domain::Node& node, const std::string& n) { return node.name < n; });
    return found == nodes.end() || found->name != name ? nullptr : &*found;
}

}  // namespace

std::optional<NodeSeen> ClusterView::node(const std::string& name) const {
    const domain::Node* found = find_node(core_.snapshot().nodes(), name);
    return found == nullptr ? std::nullopt : std::optional(seen(*found));
}

std::vector<DeviceSeen> ClusterView::devices_of(const domain::PoolId& pool) const {
    std::vector<DeviceSeen> devices;
    for (const auto& [name, count] : core_.snapshot().use_of_pool(pool).nodes) {
        const domain::Node* node = find_node(core_.snapshot().nodes(), name);
        if (node == nullptr) continue;
        for (const domain::Device& each : node->devices) {
            if (core_.snapshot().pool_of({name, each.uuid}) == pool) devices.push_back(device(*node, each));
        }
    }
    return devices;
}

std::vector<domain::DeviceKey> ClusterView::missing_of(const domain::PoolId& pool) const {
    std::vector<domain::DeviceKey> missing;
    const auto found = core_.pools().find(pool);
    if (found == core_.pools().end()) return missing;
    for (const domain::DeviceKey& key : found->second.devices) {
        const domain::Node* node = find_node(core_.snapshot().nodes(), key.node);
        const bool is_there = node != nullptr && std::any_of(node->devices.begin(), node->devices.end(),
                                                             [&](const auto& each) { return each.uuid == key.uuid; });
        if (!is_there) missing.push_back(key);
    }
    return missing;
}

std::vector<DeviceSeen> ClusterView::devices_named(const std::string& name) const {
    std::vector<DeviceSeen> found;
    const std::size_t slash = name.find('/');
    const std::string uuid = slash == std::string::npos ? name : name.substr(slash + 1);
    for (const domain::Node& node : core_.snapshot().nodes()) {
        if (slash != std::string::npos && node.name != name.substr(0, slash)) continue;
        for (const domain::Device& each : node.devices) {
            if (each.uuid == uuid) found.push_back(device(node, each));
        }
    }
    return found;
}

std::optional<PoolSeen> ClusterView::pool(const domain::PoolId& id) const {
    const auto found = core_.pools().find(id);
    if (found == core_.pools().end()) return std::nullopt;
    const domain::Pool& pool = found->second;
    PoolSeen seen{{pool.id, pool.name, pool.model, {}, pool.created_at}, core_.snapshot().use_of_pool(id), 0, {}, {}};
    if (id != domain::kDefaultPool) seen.missing = static_cast<int>(pool.devices.size()) - seen.use.total;
    for (const auto& [group_id, group] : core_.groups()) {
        if (group.pool == id) seen.group = group;
    }
    if (!identity_.operates()) return seen;
    for (const auto& [group_id, gpus] : seen.use.used_by_group) {
        const auto group = core_.groups().find(group_id);
        seen.used_by.push_back({group_id, group == core_.groups().end() ? "" : group->second.name, gpus});
    }
    std::sort(seen.used_by.begin(), seen.used_by.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return seen;
}

std::vector<PoolSeen> ClusterView::pools() const {
    std::vector<PoolSeen> all;
    for (const auto& [id, known] : core_.pools()) {
        if (!identity_.operates() && id != own_pool_) continue;
        if (auto seen = pool(id)) all.push_back(std::move(*seen));
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.pool.name < b.pool.name; });
    return all;
}

std::map<domain::GroupId, int> ClusterView::use_of_groups() const {
    std::map<domain::GroupId, int> used;
    for (const auto& [id, known] : core_.pools()) {
        for (const auto& [group, gpus] : core_.snapshot().use_of_pool(id).used_by_group) used[group] += gpus;
    }
    return used;
}

Value device_value(const DeviceSeen& seen) {
    const domain::Device& device = seen.device;
    return Value::object({{"name", seen.node + "/" + device.uuid},
                          {"node", seen.node},
                          {"uuid", device.uuid},
                          {"index", device.index},
                          {"model", device.model},
                          {"vendor", text_or_null(device.vendor)},
                          {"memory_bytes", device.memory_bytes > 0 ? Value(device.memory_bytes) : Value()},
                          {"healthy", device.healthy},
                          {"fault", text_or_null(device.fault)},
                          {"pool", seen.pool},
                          {"in_use", seen.in_use},
                          {"job", text_or_null(seen.job.str())},
                          {"job_name", text_or_null(seen.job_name)}});
}

Value node_value(const NodeSeen& seen) {
    const domain::Node& node = seen.node;
    json::Array devices;
    for (const DeviceSeen& device : seen.devices) devices.push_back(device_value(device));
    Value labels = Value::object();
    for (const auto& [name, text] : node.labels) labels.add(name, text);
    return Value::object({{"name", node.name},
                          {"os", text_or_null(node.os)},
                          {"kernel", text_or_null(node.kernel)},
                          {"cpu_model", text_or_null(node.cpu_model)},
                          {"cpus", node.cpus > 0 ? Value(node.cpus) : Value()},
                          {"booted_at", time_value(node.started_at)},
                          {"cpu_millis", node.cpu_millis},
                          {"cpu_millis_used", seen.use.cpu_millis},
                          {"memory_bytes", node.memory_bytes},
                          {"memory_bytes_used", seen.use.memory_bytes},
                          {"devices", Value(std::move(devices))},
                          {"labels", labels},
                          {"replicas", seen.use.replicas}});
}

Value pool_value(const PoolSeen& seen, bool for_operator) {
    json::Array nodes;
    for (const auto& [node, gpus] : seen.use.nodes) nodes.push_back(Value::object({{"node", node}, {"gpus", gpus}}));
    Value used_by;
    if (for_operator) {
        used_by = Value::array();
        for (const GroupUseSeen& group : seen.used_by)
            used_by.push(Value::object({{"group", named_value(group.id.str(), group.name)}, {"gpus", group.gpus}}));
    }
    return Value::object(
        {{"id", seen.pool.id.str()},
         {"name", seen.pool.name},
         {"model", text_or_null(seen.pool.model)},
         {"group", seen.group ? named_value(seen.group->id.str(), seen.group->name) : Value()},
         {"total", seen.use.total},
         {"used", seen.use.used},
         {"free", seen.use.free},
         {"unhealthy", seen.use.unhealthy},
         {"missing", seen.missing},
         {"waiting_jobs", seen.use.waiting_jobs},
         {"clustered", seen.use.nodes.size() > 1},
         {"nodes", Value(std::move(nodes))},
         {"used_by_group", std::move(used_by)},
         {"created_at", time_value(seen.pool.created_at)}});
}

std::vector<NodeSeen> see_nodes(Call& call) {
    std::vector<NodeSeen> nodes;
    call.services.deps.runtime.ask([&](const core::Core& core) { nodes = ClusterView(core, call.identity).nodes(); });
    return nodes;
}

}  // namespace pintle::api
