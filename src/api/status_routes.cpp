#include <algorithm>

#include "api/component_answers.hpp"
#include "api/discretion.hpp"
#include "api/encode.hpp"
#include "api/project_names.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"
#include "domain/project_status.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using domain::PodStatus;
using json::Value;

/// A component, or a job of a task, and what runs of it.
struct Row {
    std::string name;
    bool is_component = false;
    domain::JobId job;  ///< Whose events are told.
    std::vector<std::pair<domain::Replica, PodStatus>> pods;
    PodStatus status = PodStatus::kPending;
    std::string reason;
};

void add_pods(Row& row, const domain::Job& job) {
    std::vector<PodStatus> all;
    for (const domain::Replica& replica : job.replicas) {
        row.pods.emplace_back(replica, domain::pod_status(job, replica));
        all.push_back(row.pods.back().second);
    }
    row.status = domain::combined_status(all);
}

Row row_of(const ComponentSeen& seen) {
    Row row;
    row.name = seen.view.component.name;
    row.is_component = true;
    row.reason = seen.reason;
    if (seen.view.job != nullptr) {
        row.job = seen.view.job->id;
        add_pods(row, *seen.view.job);
        return row;
    }
    if (!seen.view.record.ended.empty()) row.job = seen.view.record.ended.back();
    row.status = core::state_of(seen.view) == core::ComponentState::kCrashLoopBackOff ? PodStatus::kCrashLoopBackOff
                                                                                      : PodStatus::kPending;
    return row;
}

bool is_wanted(const ComponentSeen& seen) {
    const core::ComponentState state = core::state_of(seen.view);
    return state != core::ComponentState::kDisabled && state != core::ComponentState::kPaused;
}

constexpr std::size_t kRowsMost = 200;
constexpr std::size_t kEventsMost = 50;

struct LiveJobs {
    std::vector<std::shared_ptr<const domain::Job>> jobs;
    std::vector<std::string> reasons;
    std::size_t left_out = 0;
};

LiveJobs live_jobs(Call& call) {
    LiveJobs live;
    Discretion discretion(call, "");
    const Time now = call.services.deps.clock.now();
    std::vector<std::optional<scheduling::Explanation>> waiting;
    call.services.deps.runtime.ask([&](const core::Core& core) {
        for (const auto& job : core.live_jobs_of(call.project->id)) {
            if (job->kind != domain::JobKind::kTask) continue;
            if (live.jobs.size() == kRowsMost) {
                ++live.left_out;
                continue;
            }
            live.jobs.push_back(job);
            waiting.push_back(core.explain(job->id, now));
            if (waiting.back()) discretion.look(core, *waiting.back());
        }
    });
    for (std::size_t i = 0; i < live.jobs.size(); ++i) {
        live.reasons.push_back(waiting[i] ? discretion.apply(std::move(*waiting[i])).reason
                                          : discretion.apply(live.jobs[i]->reason));
    }
    return live;
}

// Whether what is missing are resources, or something has gone wrong.
std::string_view code_of(const Row& row) {
    if (domain::is_healthy(row.status)) return "ok";
    return row.status == PodStatus::kPending                                               ? "insufficient"
           : row.status == PodStatus::kCrashLoopBackOff || row.status == PodStatus::kError ? "error"
                                                                                           : "progressing";
}

Value pod_value(const std::pair<domain::Replica, PodStatus>& pod) {
    const auto& [replica, status] = pod;
    return Value::object({{"name", replica.name()},
                          {"status", to_string(status)},
                          {"node", text_or_null(replica.placement.node)},
                          {"attempt", replica.attempt},
                          {"message", replica.exit ? text_or_null(replica.exit->message) : Value()},
                          {"started_at", time_value(replica.started_at)}});
}

Value event_value(const store::NoticeRecord& record, Discretion& discretion) {
    const domain::Notice& notice = record.notice;
    return Value::object({{"type", notice.warning ? "Warning" : "Normal"},
                          {"reason", notice.reason},
                          {"message", discretion.apply(notice.message)},
                          {"source", notice.source},
                          {"count", record.count},
                          {"first_seen", time_value(record.first_seen)},
                          {"last_seen", time_value(notice.at)}});
}

Value row_value(Call& call, const Row& row) {
    Value events = Value::array();
    std::string reason = row.reason;
    if (!domain::is_healthy(row.status) && !row.job.empty()) {
        Discretion discretion(call, "");
        const auto notices = call.services.deps.readers.with(
            [&](store::StoreReader& reader) { return reader.notices(row.job, kEventsMost); });
        if (notices) {
            for (const store::NoticeRecord& record : *notices) {
                events.push(event_value(record, discretion));
                if (reason.empty() && record.notice.warning) reason = discretion.apply(record.notice.message);
            }
            // What keeps it from starting is what was last said of its sources.
            if (row.status == PodStatus::kContainerCreating && !notices->empty())
                reason = discretion.apply(notices->front().notice.message);
        }
    }
    Value pods = Value::array();
    for (const auto& pod : row.pods) pods.push(pod_value(pod));
    return Value::object({{"name", row.name},
                          {"type", row.is_component ? "Ui" : "Task"},
                          {"status", to_string(row.status)},
                          {"code", code_of(row)},
                          {"reason", domain::is_healthy(row.status) ? Value() : text_or_null(reason)},
                          {"job", text_or_null(row.job.str())},
                          {"pods", std::move(pods)},
                          {"events", std::move(events)}});
}

Result<net::Response> project_status(Call& call) {
    Value rows = Value::array();
    std::int64_t running = 0;
    bool trouble = false;
    const auto add = [&](const Row& row) {
        trouble = trouble || row.status == PodStatus::kCrashLoopBackOff || row.status == PodStatus::kError;
        rows.push(row_value(call, row));
    };
    for (const ComponentSeen& seen : see_components(call)) {
        if (core::state_of(seen.view) == core::ComponentState::kRunning) ++running;
        if (is_wanted(seen)) add(row_of(seen));
    }
    const LiveJobs live = live_jobs(call);
    for (std::size_t i = 0; i < live.jobs.size(); ++i) {
        Row row;
        row.name = fmt::format("{}:{}", live.jobs[i]->spec.task.name, live.jobs[i]->build);
        row.job = live.jobs[i]->id;
        row.reason = live.reasons[i];
        add_pods(row, *live.jobs[i]);
        add(row);
    }
    return json_answer(Value::object({{"project", call.project->id.str()},
                                      {"name", call.project->spec.name},
                                      {"running_components", running},
                                      {"trouble", trouble},
                                      {"rows", std::move(rows)},
                                      {"left_out", static_cast<std::int64_t>(live.left_out)},
                                      {"at", time_value(call.services.deps.clock.now())}}));
}

}  // namespace

std::vector<Route> status_routes() {
    return {
        {.method = "GET",
         .path = "/projects/{project}/status",
         .operation = "projectStatus",
         .permission = Permission::kSeeProject,
         .handler = project_status,
         .summary = "the actual states of the processes of a project's components and jobs, with the events of those "
                    "in trouble",
         .answer = {200, "ProjectStatus"}},
    };
}

}  // namespace pintle::api
