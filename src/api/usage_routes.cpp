#include <algorithm>

#include "api/cluster.hpp"
#include "api/discretion.hpp"
#include "api/people.hpp"
#include "api/routes.hpp"
#include "chart/chart.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;

// What was not measured for so long is not told as what is.
constexpr Duration kFresh = std::chrono::seconds(60);

using Latest = std::map<series::SeriesKey, double>;

Latest latest_in(const std::string& folder, Time now) {
    Latest values;
    const auto found = series::SampleReader(folder).latest(1, now - kFresh);
    if (!found) return values;  // As good as not measured: the others are still worth showing.
    for (const auto& [key, samples] : *found) {
        if (!key.reported && !samples.empty()) values[key] = samples.back().value;
    }
    return values;
}

// Over all replicas and GPUs, or those of one device.
Value joined(const Latest& values, std::string_view name, const std::string* device = nullptr) {
    const chart::Metric* metric = chart::find_metric(name);
    double sum = 0;
    int count = 0;
    for (const auto& [key, value] : values) {
        if (key.metric != name || (device != nullptr && key.device != *device)) continue;
        sum += value;
        ++count;
    }
    if (count == 0) return {};
    return Value(metric != nullptr && metric->joined_by == chart::JoinedBy::kMean ? sum / count : sum);
}

void add_values(Value& row, const Latest& values) {
    for (const chart::Metric& metric : chart::known_metrics())
        row.add(std::string(metric.name), joined(values, metric.name));
}

Value device_value(const domain::Device& device, const Latest& values) {
    Value row = Value::object({{"uuid", device.uuid},
                               {"index", device.index},
                               {"model", device.model},
                               {"memory_bytes", device.memory_bytes}});
    for (const char* name : {"gpu_percent", "gpu_memory_mb", "gpu_power_w", "gpu_temperature_c"})
        row.add(name, joined(values, name, &device.uuid));
    return row;
}

Value node_usage(Call& call, const domain::Node& node, Time now) {
    const Latest values = latest_in(call.services.deps.data.node_sample_folder(node.name), now);
    json::Array devices;
    for (const domain::Device& device : node.devices) devices.push_back(device_value(device, values));
    Value row = Value::object({{"name", node.name},
                               {"cpu_millis", node.cpu_millis},
                               {"total_memory_bytes", node.memory_bytes},
                               {"devices", Value(std::move(devices))}});
    add_values(row, values);
    return row;
}

struct Running {
    std::shared_ptr<const domain::Job> job;
    std::string project;
    std::string owner;
};

Value job_usage(Call& call, const Running& running, Time now) {
    const domain::Job& job = *running.job;
    const Latest values = latest_in(call.services.deps.data.sample_folder(job.project_id, job.id), now);
    Value row = Value::object({{"job", job.id.str()},
                               {"name", domain::job_name(running.project, job.spec.task.name, job.build)},
                               {"owner", text_or_null(running.owner)},
                               {"state", domain::to_string(job.state)},
                               {"replicas", job.replicas.size()},
                               {"gpus", job.gpus_held()},
                               {"started_at", time_value(job.started_at)}});
    add_values(row, values);
    return row;
}

Result<net::Response> show_usage(Call& call) {
    const Time now = call.services.deps.clock.now();
    const bool operates = call.identity.operates();
    std::vector<domain::Node> nodes;
    std::vector<Running> jobs;
    call.services.deps.runtime.ask([&](const core::Core& core) {
        if (operates) nodes = core.snapshot().nodes();
        for (const domain::JobId& id : core.live_job_ids()) {
            auto job = core.find_job(id);
            if (job == nullptr || domain::is_waiting(job->state) || !may_know_live(core, call.identity, id)) continue;
            const domain::Project* project = core.find_project(job->project_id);
            const auto owner = core.users().find(job->owner);
            jobs.push_back({job, project == nullptr ? job->spec.project_name : project->spec.name,
                            owner == core.users().end() ? std::string() : owner->second.name});
        }
    });
    // The newest; ids are in the order of their making.
    std::reverse(jobs.begin(), jobs.end());
    const auto most = static_cast<std::size_t>(call.query_whole("limit").value_or(200));
    const std::size_t all = jobs.size();
    if (jobs.size() > most) jobs.resize(most);
    json::Array node_rows, job_rows;
    for (const domain::Node& node : nodes) node_rows.push_back(node_usage(call, node, now));
    for (const Running& running : jobs) job_rows.push_back(job_usage(call, running, now));
    return json_answer(Value::object({{"at", time_value(now)},
                                      {"nodes", Value(std::move(node_rows))},
                                      {"jobs", Value(std::move(job_rows))},
                                      {"running_jobs", all}}));
}

}  // namespace

std::vector<Route> usage_routes() {
    return {
        {.method = "GET",
         .path = "/usage",
         .operation = "showUsage",
         .permission = Permission::kSeeProjects,
         .handler = show_usage,
         .summary = "what running jobs, and for operators machines, use now: what was measured in the last minute",
         .query = {{"limit", "How many jobs at most, the newest first (200).", QueryParam::Type::kWhole, 1, 1000, {}}},
         .answer = {200, "Usage"}},
    };
}

}  // namespace pintle::api
