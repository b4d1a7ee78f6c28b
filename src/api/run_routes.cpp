#include "api/bodies.hpp"
#include "api/job_answers.hpp"
#include "api/routes.hpp"
#include "api/run_request.hpp"
#include "api/source_addresses.hpp"
#include "api/trial.hpp"
#include "document/project_document.hpp"
#include "domain/task_override.hpp"
#include "runtime/form_files.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

// The core runs a clone as it is given, so what is to differ is put into it here.
Result<void> put_into_clone(core::input::SubmitJob& job, const RunRequest& run) {
    for (const auto& [key, value] : run.set) TRY(domain::override_task(job.clone->task, key, value));
    return {};
}

Result<core::input::SubmitJob> read_task_run(Call& call) {
    core::input::SubmitJob job;
    job.task = call.param("task");
    const domain::Task* task = call.project->spec.find_task(job.task);
    RunRequest run = TRY(read_run_request(call.request, task));
    if (task != nullptr) TRY(check_task_addresses(call, call.project->spec, *task));
    return complete_submission(call, std::move(job), std::move(run));
}

constexpr const char* kDocument = "document";

// The task as its editor has it now, or nothing when the body brings none that reads.
std::optional<domain::Task> read_draft(json::Reader& body, const domain::ProjectSpec& project) {
    const Value* given = body.raw(kDocument);
    if (given == nullptr || given->is_null()) return std::nullopt;
    auto task = document::read_task(*given, kDocument, project);
    if (task) return std::move(*task);
    for (const Fault& fault : task.error().details) body.faults().error(fault);
    return std::nullopt;
}

Result<core::input::SubmitJob> read_dry_run(Call& call) {
    const domain::ProjectSpec& project = call.project->spec;
    core::input::SubmitJob job;
    job.task = call.param("task");
    RunRequest run;
    TRY(read_body(call.request, [&](json::Reader& body) {
        job.draft = read_draft(body, project);
        run = read_run_fields(body, job.draft ? &*job.draft : project.find_task(job.task));
    }));
    if (job.draft) job.task = job.draft->name;
    return complete_submission(call, std::move(job), std::move(run));
}

void submit(const CallPtr& call, core::input::SubmitJob job) {
    auto key = idempotency_key(call->request);
    if (!key) return call->answer(fail(key.error()));
    job.key = std::move(key->key);
    job.fingerprint = std::move(key->fingerprint);
    command(call, std::move(job), [](Call& later, const std::string& id) { return stored_job_answer(later, id, 201); });
}

void run_task(const CallPtr& call) {
    auto job = read_task_run(*call);
    if (!job) return call->answer(fail(job.error()));
    submit(call, std::move(*job));
}

Result<core::input::SubmitJob> read_clone(Call& call) {
    if (call.job->kind == domain::JobKind::kComponent) {
        return fail(ErrorCode::kConflict, "{} is a component, which is not run again as a job; enable it instead",
                    call.job->spec.task.name);
    }
    core::input::SubmitJob job;
    job.project = call.job->project_id;
    job.task = call.job->spec.task.name;
    job.clone = call.job->spec;
    job.cloned_from = call.job->id.str();
    job.tags = TRY(
        call.services.deps.readers.with([&](store::StoreReader& reader) { return reader.tags_of(call.job->id); }));
    RunRequest run = TRY(read_run_request(call.request, &job.clone->task));
    TRY(put_into_clone(job, run));
    domain::ProjectSpec then;
    then.name = job.clone->project_name;
    then.sources = job.clone->sources;
    then.default_mount_path = job.clone->default_mount_path;
    TRY(check_task_addresses(call, then, job.clone->task));
    put_wishes(job, std::move(run));
    job.id = domain::JobId(call.services.deps.runtime.make_id());
    job.owner = call.identity.user;
    job.by = TRY(call.by());
    return job;
}

void clone_job(const CallPtr& call) {
    auto job = read_clone(*call);
    if (!job) return call->answer(fail(job.error()));
    const runtime::FormFiles files(call->services.deps.data);
    const auto given = files.give(job->project, job->clone->form_files, call->job->id, job->id);
    if (!given) return call->answer(fail(given.error()));
    submit(call, std::move(*job));
}

Result<net::Response> dry_run(Call& call) {
    const core::input::SubmitJob job = TRY(read_dry_run(call));
    return json_answer(TRY(try_submission(call, job, kDocument)));
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
         .path = "/projects/{project}/tasks/{task}/dry-run",
         .operation = "dryRunTask",
         .permission = Permission::kRunTask,
         .handler = dry_run,
         .summary = "what would become of a job if it were submitted now, also of a task that is not saved; nothing is "
                    "made",
         .body = {BodyShape::Kind::kJson, "DryRunRequest", false},
         .answer = {200, "DryRun"}},
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
