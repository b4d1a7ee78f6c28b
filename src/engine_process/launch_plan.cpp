#include "engine_process/launch_plan.hpp"

#include "engine_process/fields.hpp"

namespace pintle::engine_process {

Result<std::string> encode(const LaunchPlan& plan) {
    Fields fields;
    fields.add("replica", plan.replica);
    fields.add("command", plan.script);
    for (const auto& [name, value] : plan.environment) {
        if (name.empty() || name.find('=') != std::string::npos) {
            return fail(ErrorCode::kInvalid, "\"{}\" cannot be the name of an environment variable", name);
        }
        fields.add("environment variable", name + "=" + value);
    }
    fields.add("folder", plan.folder);
    fields.add("namespaces", static_cast<std::int64_t>(plan.namespaces));
    for (const engine::Mount& mount : plan.mounts) {
        fields.add("mounted folder", mount.host_path);
        fields.add("mount path", mount.mount_path);
        fields.add("read only", mount.read_only ? 1 : 0);
    }
    for (const std::string& path : plan.hidden) fields.add("hidden", path);
    for (const KeptFolder& folder : plan.kept) {
        fields.add("kept folder", folder.path);
        fields.add("kept read only", folder.read_only ? 1 : 0);
    }
    fields.add("own users", plan.own_users ? 1 : 0);
    fields.add("hosts file", plan.hosts_file);
    fields.add("host name", plan.host_name);
    for (const CgroupFolder& group : plan.cgroups) {
        fields.add("cgroup", group.path);
        for (const CgroupSetting& setting : group.settings) {
            fields.add("cgroup file", setting.file);
            fields.add("cgroup value", setting.value);
            fields.add("cgroup required", setting.required ? 1 : 0);
        }
    }
    fields.add("memory limit", plan.memory_limit_bytes);
    fields.add("data limit", plan.data_limit_bytes);
    fields.add("log folder", plan.log_folder);
    fields.add("log segment", static_cast<std::int64_t>(plan.log_segment_bytes));
    fields.add("log total", static_cast<std::int64_t>(plan.log_total_bytes));
    fields.add("grace", plan.grace.count());
    fields.add("leftover grace", plan.leftover_grace.count());
    return fields.encode();
}

namespace {

// Lists: each field belongs to the last group, setting or mount that was begun.
void decode_listed(const std::string& name, const std::string& value, LaunchPlan& plan) {
    if (name == "environment variable") {
        const std::size_t equals = value.find('=');
        plan.environment.emplace_back(value.substr(0, equals),
                                      equals == std::string::npos ? "" : value.substr(equals + 1));
    }
    if (name == "mounted folder") plan.mounts.push_back({value, {}, false});
    if (name == "mount path" && !plan.mounts.empty()) plan.mounts.back().mount_path = value;
    if (name == "read only" && !plan.mounts.empty()) plan.mounts.back().read_only = value == "1";
    if (name == "hidden") plan.hidden.push_back(value);
    if (name == "kept folder") plan.kept.push_back({value, false});
    if (name == "kept read only" && !plan.kept.empty()) plan.kept.back().read_only = value == "1";
    if (name == "cgroup") plan.cgroups.push_back({value, {}});
    if (plan.cgroups.empty()) return;
    auto& settings = plan.cgroups.back().settings;
    if (name == "cgroup file") settings.push_back({value, {}, true});
    if (name == "cgroup value" && !settings.empty()) settings.back().value = value;
    if (name == "cgroup required" && !settings.empty()) settings.back().required = value == "1";
}

}  // namespace

Result<LaunchPlan> decode_plan(std::string_view bytes) {
    const Fields fields = TRY(Fields::decode(bytes));
    LaunchPlan plan;
    for (const auto& [name, value] : fields.all()) decode_listed(name, value, plan);
    plan.replica = fields.text("replica");
    plan.script = fields.text("command");
    plan.folder = fields.text("folder");
    const std::int64_t mode = fields.number("namespaces");
    if (mode < 0 || mode > static_cast<std::int64_t>(NamespaceMode::kUser)) {
        return fail(ErrorCode::kCorrupt, "{} is not a kind of namespace", mode);
    }
    plan.namespaces = static_cast<NamespaceMode>(mode);
    plan.own_users = fields.number("own users") == 1;
    plan.hosts_file = fields.text("hosts file");
    plan.host_name = fields.text("host name");
    plan.memory_limit_bytes = fields.number("memory limit");
    plan.data_limit_bytes = fields.number("data limit");
    plan.log_folder = fields.text("log folder");
    plan.log_segment_bytes = static_cast<std::uint64_t>(fields.number("log segment"));
    plan.log_total_bytes = static_cast<std::uint64_t>(fields.number("log total"));
    plan.grace = Duration(fields.number("grace"));
    plan.leftover_grace = Duration(fields.number("leftover grace"));
    return plan;
}

}  // namespace pintle::engine_process
