#include "api/trial.hpp"

#include "api/discretion.hpp"
#include "api/encode.hpp"

namespace pintle::api {

using json::Value;

void put_wishes(core::input::SubmitJob& job, RunRequest run) {
    job.engine = run.engine;
    job.gpus = run.gpus;
    job.workers = run.workers;
    job.wish = run.wish;
    job.hold = std::move(run.hold);
    if (run.tags) job.tags = std::move(*run.tags);
}

Result<core::input::SubmitJob> complete_submission(Call& call, core::input::SubmitJob job, RunRequest run) {
    job.project = call.project->id;
    job.overrides = std::move(run.set);
    put_wishes(job, std::move(run));
    job.id = domain::JobId(call.services.deps.runtime.make_id());
    job.owner = call.identity.user;
    job.by = TRY(call.by());
    return job;
}

namespace {

// The core judges the task as the only one of a project.
Error told_of_draft(Error error, std::string_view draft) {
    constexpr std::string_view kAlone = "tasks[0]";
    for (Fault& fault : error.details) {
        if (fault.path.starts_with(kAlone)) fault.path.replace(0, kAlone.size(), draft);
    }
    return error;
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
                          {"nodes", Value::list_of(explanation.nodes)},
                          {"pool", trial.pool},
                          {"gpus", job.gpus()},
                          {"gpus_free_in_pool", trial.gpus_free},
                          {"replicas", job.replicas.size()},
                          {"cpu_millis", all.cpu_millis},
                          {"memory_bytes", all.memory_bytes}});
}

}  // namespace

Result<Value> try_submission(Call& call, const core::input::SubmitJob& job, std::string_view draft) {
    const Time now = call.services.deps.clock.now();
    std::optional<Result<Trial>> trial;
    Discretion discretion(call, "");
    call.services.deps.runtime.ask([&](const core::Core& core) {
        auto run = core.dry_run(job, call.actor(), now);
        if (!run) return void(trial.emplace(fail(job.draft ? told_of_draft(run.error(), draft) : run.error())));
        discretion.look(core, run->explanation);
        const domain::PoolId pool = run->job.pool;
        trial.emplace(Trial{std::move(*run), core.pools().at(pool).name, core.snapshot().use_of_pool(pool).free});
    });
    Trial tried = TRY(std::move(*trial));
    return dry_run_value(tried, discretion.apply(tried.run.explanation));
}

}  // namespace pintle::api
