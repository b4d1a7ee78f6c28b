#include "api/bodies.hpp"
#include "api/job_answers.hpp"
#include "api/routes.hpp"
#include "domain/task_override.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using CallPtr = std::shared_ptr<Call>;

struct RunRequest {
    std::vector<std::pair<std::string, std::string>> set;
    std::optional<domain::EngineKind> engine;
};

/// Reads the body, and tries every override on a copy of the task, so that each fault has its place.
Result<RunRequest> read_run(const net::Request& request, const domain::Task* task) {
    RunRequest run;
    TRY(read_body(request, [&](json::Reader& body) {
        std::optional<domain::Task> trial;
        if (task != nullptr) trial = *task;
        for (auto& [key, reader] : body.members("set")) {
            const auto value = reader.as_scalar_text();
            if (!value) continue;
            if (const auto set = trial ? domain::override_task(*trial, key, *value) : Result<void>(); !set)
                reader.error(set.error().message);
            run.set.emplace_back(key, *value);
        }
        const auto engine = body.choice("engine", {"process", "container"});
        if (engine) run.engine = *engine == "process" ? domain::EngineKind::kProcess : domain::EngineKind::kContainer;
    }));
    return run;
}

void submit(const CallPtr& call, core::input::SubmitJob job) {
    auto key = idempotency_key(call->request);
    if (!key) return call->answer(fail(key.error()));
    auto by = call->by();
    if (!by) return call->answer(fail(by.error()));
    job.id = domain::JobId(call->services.deps.runtime.make_id());
    job.owner = call->identity.user;
    job.by = std::move(*by);
    job.key = std::move(key->key);
    job.fingerprint = std::move(key->fingerprint);
    command(call, std::move(job), [](Call& later, const std::string& id) { return stored_job_answer(later, id, 201); });
}

void run_task(const CallPtr& call) {
    core::input::SubmitJob job;
    job.project = call->project->id;
    job.task = call->param("task");
    auto run = read_run(call->request, call->project->spec.find_task(job.task));
    if (!run) return call->answer(fail(run.error()));
    job.overrides = std::move(run->set);
    job.engine = run->engine;
    submit(call, std::move(job));
}

void clone_job(const CallPtr& call) {
    core::input::SubmitJob job;
    job.project = call->job->project_id;
    job.task = call->job->spec.task.name;
    job.clone = call->job->spec;
    job.cloned_from = call->job->id.str();
    auto run = read_run(call->request, &job.clone->task);
    if (!run) return call->answer(fail(run.error()));
    // The core runs a clone as it is given, so what is to differ is put into it here.
    for (const auto& [key, value] : run->set) {
        if (const auto set = domain::override_task(job.clone->task, key, value); !set)
            return call->answer(fail(set.error()));
    }
    job.engine = run->engine;
    submit(call, std::move(job));
}

}  // namespace

std::vector<Route> run_routes() {
    const BodyShape run{BodyShape::Kind::kJson, "RunRequest", false};
    return {
        {.method = "POST",
         .path = "/projects/{project}/tasks/{task}/jobs",
         .operation = "runTask",
         .permission = Permission::kRunTask,
         .handler = run_task,
         .summary = "run a task",
         .body = run,
         .answer = {201, "Job"},
         .idempotency_key = true},
        {.method = "POST",
         .path = "/jobs/{job}/clone",
         .operation = "cloneJob",
         .permission = Permission::kRunTask,
         .handler = clone_job,
         .summary = "run exactly what the job ran, again",
         .body = run,
         .answer = {201, "Job"},
         .idempotency_key = true},
    };
}

}  // namespace pintle::api
