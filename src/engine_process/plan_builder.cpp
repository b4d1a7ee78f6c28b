#include "engine_process/plan_builder.hpp"

#include <algorithm>

#include "engine/shell_script.hpp"

namespace pintle::engine_process {
namespace {

constexpr std::size_t kIdMax = 200;

bool is_one_word(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c != '#' && c != 0x7f; });
}

void hide_server(const engine::ReplicaLaunch& launch, const Options& options, LaunchPlan& plan) {
    plan.hidden = options.hidden;
    if (!options.folder.empty()) plan.hidden.push_back(options.folder);
    if (plan.folder != "/") plan.kept.push_back({plan.folder, false});
    for (const std::string& folder : launch.own_folders) plan.kept.push_back({folder, false});
    if (!launch.python_environment.empty()) plan.kept.push_back({launch.python_environment, true});
}

}  // namespace

Result<LaunchPlan> build_plan(const engine::ReplicaLaunch& launch, const Options& options, const RunFolder& folder,
                              const Cgroups& cgroups, const NamespaceSupport& namespaces,
                              const std::vector<domain::Device>& devices) {
    const std::string id = launch.id.str();
    // It becomes the name of a folder.
    if (!engine::AttemptId::parse(id) || id.find('/') != std::string::npos || id.size() > kIdMax) {
        return fail(ErrorCode::kInvalid, "\"{}\" cannot be the name of an attempt", id);
    }
    if (launch.log_folder.empty()) return fail(ErrorCode::kInvalid, "{} has no folder for its log", id);
    LaunchPlan plan;
    plan.replica = launch.id.replica;
    plan.script = engine::shell_script(launch.work_dir, launch.command);
    plan.environment =
        replica_environment({basic_environment(), launch.environment, launch.python_environment, devices, id});
    plan.folder =
        engine::names_its_place(launch.work_dir) ? "/" : folder.scratch(launch.id.job.str(), launch.id.replica);
    // Without private mounts the replica is given the host's own paths.
    if (namespaces.mounts) plan.mounts = launch.mounts;
    if (namespaces.names && !launch.hosts.empty()) {
        plan.hosts_file = folder.attempt(id) + "/hosts";
        plan.host_name = launch.host_name;
    }
    if (namespaces.mounts) hide_server(launch, options, plan);
    plan.own_users = namespaces.own_users;
    if (!plan.mounts.empty() || !plan.hosts_file.empty() || !plan.hidden.empty()) plan.namespaces = namespaces.mode;
    plan.cgroups = cgroups.plan(id, launch.limits);
    plan.memory_limit_bytes = std::max<std::int64_t>(launch.limits.memory_bytes, 0);
    if (!cgroups.limits_memory()) plan.data_limit_bytes = plan.memory_limit_bytes;
    plan.log_folder = launch.log_folder;
    plan.log_segment_bytes = options.log_segment_bytes;
    plan.log_total_bytes = options.log_total_bytes;
    plan.grace = options.grace;
    plan.leftover_grace = options.leftover_grace;
    return plan;
}

Result<std::string> hosts_text(std::string_view host_content,
                               const std::vector<std::pair<std::string, std::string>>& hosts) {
    std::string text = "# The replicas of this job.\n";
    for (const auto& [address, name] : hosts) {
        if (!is_one_word(address) || !is_one_word(name)) {
            return fail(ErrorCode::kInvalid, "\"{} {}\" cannot be a line of /etc/hosts", address, name);
        }
        text += fmt::format("{}\t{}\n", address, name);
    }
    text += "\n# This machine's own.\n";
    text += host_content;
    return text;
}

}  // namespace pintle::engine_process
