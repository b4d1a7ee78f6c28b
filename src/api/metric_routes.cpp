#include <algorithm>

#include "api/cluster.hpp"
#include "api/metric_answers.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;

// What a program reported in its last moment may have been read a little later.
constexpr Duration kAfterEnd = std::chrono::seconds(30);

Result<net::Response> list_measured(Call& call) {
    store::JobFilter filter;
    filter.projects = {call.project->id};
    const auto page = TRY(call.services.deps.readers.with([&](store::StoreReader& reader) {
        return reader.list_jobs(filter, call.page(), store::JobOrder::kNewestFirst);
    }));
    json::Array tasks, components;
    for (const store::JobSummary& job : page.items) {
        tasks.push_back(Value::object({{"job", job.id.str()},
                                       {"name", fmt::format("{}:{}", job.task, job.build)},
                                       {"task", job.task},
                                       {"build", job.build},
                                       {"state", domain::to_string(job.state)},
                                       {"live", !domain::is_final(job.state)},
                                       {"started_at", time_value(job.started_at)},
                                       {"ended_at", time_value(job.ended_at)}}));
    }
    std::vector<core::ComponentView> views;
    call.services.deps.runtime.ask([&](const core::Core& core) { views = core.components(call.project->id); });
    for (const core::ComponentView& view : views) {
        components.push_back(Value::object({{"name", view.component.name},
                                            {"display_name", view.component.display_name},
                                            {"kind", to_string(view.component.kind)},
                                            {"state", core::to_string(core::state_of(view))}}));
    }
    return json_answer(Value::object({{"tasks", Value(std::move(tasks))},
                                      {"next_cursor", text_or_null(page.next)},
                                      {"components", Value(std::move(components))},
                                      {"servings", Value::array()}}));
}

// Unless said otherwise as fine as the job is sampled, where that is finer than usual.
Result<Duration> interval_of(const Call& call) {
    constexpr Duration kUsual = std::chrono::seconds(10);
    if (call.has_query("interval")) return chart::parse_interval(call.query("interval"));
    const Duration sampled = call.job->spec.task.sample_interval;
    return sampled > Duration(0) ? std::min(sampled, kUsual) : kUsual;
}

Result<net::Response> job_metrics(Call& call) {
    const domain::Job& job = *call.job;
    const Duration interval = TRY(interval_of(call));
    const Time now = call.services.deps.clock.now();
    const bool has_started = job.started_at != Time{};
    MetricsOf of;
    of.name = job.kind == domain::JobKind::kComponent ? job.spec.task.name
                                                      : fmt::format("{}:{}", job.spec.task.name, job.build);
    of.type = to_string(job.kind);
    of.job = job.id.str();
    of.ended_at = job.ended_at;
    of.wish = wish_of(call);
    of.folders.emplace_back(call.services.deps.data.sample_folder(job.project_id, job.id));
    const Time start = has_started ? job.started_at : job.submitted_at;
    of.frame = chart::frame_of_run(start, job.ended_at == Time{} ? now : job.ended_at + kAfterEnd, interval,
                                   of.wish.most_points);
    if (!has_started) of.note = "the job has not started";
    if (of.frame.is_cut) of.note = "the job ran for more than a week; this is the last week";
    return metrics_answer(call, of);
}

Result<chart::Frame> period_of(Call& call, std::size_t most_points) {
    const Duration period = TRY(chart::parse_period(call.has_query("period") ? call.query("period") : "1h"));
    return chart::frame_of_period(call.services.deps.clock.now(), period, most_points);
}

Result<net::Response> component_metrics(Call& call) {
    const std::string& name = call.param("component");
    MetricsOf of;
    of.name = name;
    of.type = "component";
    of.wish = wish_of(call);
    of.frame = TRY(period_of(call, of.wish.most_points));
    std::vector<core::ComponentView> views;
    call.services.deps.runtime.ask([&](const core::Core& core) { views = core.components(call.project->id); });
    std::vector<std::string> names;
    for (const core::ComponentView& view : views) {
        names.push_back(view.component.name);
        if (view.component.name != name) continue;
        const auto add = [&](const domain::JobId& job) {
            of.folders.emplace_back(call.services.deps.data.sample_folder(call.project->id, job));
        };
        for (const domain::JobId& job : view.record.ended) add(job);
        if (view.job != nullptr) add(view.job->id);
        return metrics_answer(call, of);
    }
    return fail(ErrorCode::kNotFound, "the project {} has no component \"{}\"; it has: {}", call.project->spec.name,
                to_valid_utf8(name.substr(0, 100)), join(names, ", "));
}

Result<net::Response> node_metrics(Call& call) {
    const std::string& name = call.param("node");
    std::optional<NodeSeen> node;
    call.services.deps.runtime.ask([&](const core::Core& core) { node = ClusterView(core, call.identity).node(name); });
    if (!node) return fail(ErrorCode::kNotFound, "there is no node \"{}\"", to_valid_utf8(name.substr(0, 100)));
    MetricsOf of;
    of.name = name;
    of.type = "node";
    of.wish = wish_of(call, chart::Detail::kDevice);
    of.frame = TRY(period_of(call, of.wish.most_points));
    of.folders.emplace_back(call.services.deps.data.node_sample_folder(name));
    for (const DeviceSeen& device : node->devices)
        of.device_names[device.device.uuid] = fmt::format("GPU {}", device.device.index);
    return metrics_answer(call, of);
}

}  // namespace

std::vector<Route> metric_routes() {
    const QueryParam interval{"interval",
                              "How wide a step is at least: 10s, 30s, 1m, 5m, 10m, 30m or 1h. Unless said otherwise "
                              "10s, or how often the job is sampled where that is more often."};
    const QueryParam period{"period",
                            "How long ago it begins: 5m, 15m, 30m, 1h (unless said otherwise), 3h, 6h, 12h or 1d."};
    return {
        {.method = "GET",
         .path = "/projects/{project}/metrics",
         .operation = "listMeasured",
         .permission = Permission::kSeeProject,
         .handler = list_measured,
         .summary = "what a project has metrics of: its tasks' jobs, the newest first, its components and servings",
         .query = page_params(),
         .answer = {200, "Measured"}},
        {.method = "GET",
         .path = "/jobs/{job}/metrics",
         .operation = "jobMetrics",
         .permission = Permission::kSeeProject,
         .handler = job_metrics,
         .summary =
             "what was measured of a job's replicas and what they reported, over its whole run or the last week of it",
         .query = metric_params({interval}),
         .answer = {200, "Metrics", AnswerShape::Media::kJsonOrCsv}},
        {.method = "GET",
         .path = "/projects/{project}/components/{component}/metrics",
         .operation = "componentMetrics",
         .permission = Permission::kSeeProject,
         .handler = component_metrics,
         .summary = "what was measured of a component, through its restarts",
         .query = metric_params({period}),
         .answer = {200, "Metrics", AnswerShape::Media::kJsonOrCsv}},
        {.method = "GET",
         .path = "/nodes/{node}/metrics",
         .operation = "nodeMetrics",
         .permission = Permission::kOperate,
         .handler = node_metrics,
         .summary = "what was measured of a machine and its GPUs",
         .query = metric_params({period}),
         .answer = {200, "Metrics", AnswerShape::Media::kJsonOrCsv}},
    };
}

}  // namespace pintle::api
