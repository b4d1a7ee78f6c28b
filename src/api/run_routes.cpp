#include "api/bodies.hpp"
#include "api/discretion.hpp"
#include "api/encode.hpp"
#include "api/job_answers.hpp"
#include "api/routes.hpp"
#include "api/run_request.hpp"
#include "document/project_document.hpp"
#include "domain/task_override.hpp"

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

void put_wishes(core::input::SubmitJob& job, RunRequest run) {
    job.engine = run.engine;
    job.gpus = run.gpus;
    job.workers = run.workers;
    job.wish = run.wish;
    job.hold = std::move(run.hold);
    if (run.tags) job.tags = std::move(*run.tags);
}

// The rest of a job that is to run a task.
Result<core::input::SubmitJob> complete(Call& call, core::input::SubmitJob job, RunRequest run) {
    job.project = call.project->id;
    job.overrides = std::move(run.set);
    put_wishes(job, std::move(run));
    job.id = domain::JobId(call.services.deps.runtime.make_id());
    job.owner = call.identity.user;
    job.by = TRY(call.by());
    return job;
}

Result<core::input::SubmitJob> read_task_run(Call& call) {
    core::input::SubmitJob job;
    job.task = call.param("task");
    RunRequest run = TRY(read_run_request(call.request, call.project->spec.find_task(job.task)));
    return complete(call, std::move(job), std::move(run));
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
    return complete(call, std::move(job), std::move(run));
}

// The core judges the task as the only one of a project.
Error told_of_draft(Error error) {
    constexpr std::string_view kAlone = "tasks[0]";
    for (Fault& fault : error.details) {
        if (fault.path.starts_with(kAlone)) fault.path.replace(0, kAlone.size(), kDocument);
    }
    return error;
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
    core::input::SubmitJob job;
    job.project = call.job->project_id;
    job.task = call.job->spec.task.name;
    job.clone = call.job->spec;
    job.cloned_from = call.job->id.str();
    job.tags = TRY(
        call.services.deps.readers.with([&](store::StoreReader& reader) { return reader.tags_of(call.job->id); }));
    RunRequest run = TRY(read_run_request(call.request, &job.clone->task));
    TRY(put_into_clone(job, run));
    put_wishes(job, std::move(run));
    job.id = domain::JobId(call.services.deps.runtime.make_id());
    job.owner = call.identity.user;
    job.by = TRY(call.by());
    return job;
}

void clone_job(const CallPtr& call) {
    auto job = read_clone(*call);
    if (!job) return call->answer(fail(job.error()));
    submit(call, std::move(*job));
}

/// What would become of it, and the pool in which it would queue.
struct Trial {
    core::Core::DryRun run;
    std::string pool;
    int gpus_free = 0;
};

Value dry_run_value(const Trial& trial, const scheduling::Explanation& explanation) {
    const domain::Job& job = trial.run.job;
    domain::Quantities all;
    for (const domain::Resource& resource : job.spec.task.resources) {
        const domain::Quantities each = domain::effective_requests(resource);
        all.cpu_millis += each.cpu_millis * resource.replicas;
        all.memory_bytes += each.memory_bytes * resource.replicas;
    }
    return Value::object({{"starts_now", explanation.code == scheduling::WaitCode::kStarting},
                          {"explanation", explanation_value(explanation)},
                          {"position", explanation.position},
                          {"pool", trial.pool},
                          {"gpus", job.gpus()},
                          {"gpus_free_in_pool", trial.gpus_free},
                          {"replicas", job.replicas.size()},
                          {"cpu_millis", all.cpu_millis},
                          {"memory_bytes", all.memory_bytes}});
}

Result<net::Response> dry_run(Call& call) {
    const core::input::SubmitJob job = TRY(read_dry_run(call));
    const Time now = call.services.deps.clock.now();
    std::optional<Result<Trial>> trial;
    Discretion discretion(call, "");
    call.services.deps.runtime.ask([&](const core::Core& core) {
        auto run = core.dry_run(job, call.actor(), now);
        if (!run) return void(trial.emplace(fail(job.draft ? told_of_draft(run.error()) : run.error())));
        discretion.look(core, run->explanation);
        const domain::PoolId pool = run->job.pool;
        trial.emplace(Trial{std::move(*run), core.pools().at(pool).name, core.snapshot().use_of_pool(pool).free});
    });
    Trial tried = TRY(std::move(*trial));
    return json_answer(dry_run_value(tried, discretion.apply(tried.run.explanation)));
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
