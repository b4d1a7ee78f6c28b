#include "api/call.hpp"
#include "api/discretion.hpp"
#include "api/encode.hpp"
#include "api/job_events.hpp"
#include "api/project_names.hpp"
#include "api/routes.hpp"
#include "api/wait_history.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;

/// What the core knows of the job's wait.
struct Live {
    std::optional<scheduling::Explanation> waiting;
    domain::Pool pool;
    scheduling::PoolUse use;
};

Live look_at_core(Call& call, const domain::Job& job, Discretion& discretion) {
    Live live;
    const Time now = call.services.deps.clock.now();
    call.services.deps.runtime.ask([&](const core::Core& core) {
        live.waiting = core.explain(job.id, now);
        if (live.waiting) discretion.look(core, *live.waiting);
        // The pool of a job that ended long ago may be gone.
        const auto pool = core.pools().find(job.pool);
        if (pool == core.pools().end()) return;
        live.pool = pool->second;
        live.use = core.snapshot().use_of_pool(job.pool);
    });
    return live;
}

/// Who had resources of the pool, under the names that the caller may know.
class PastUsers {
public:
    PastUsers(store::StoreReader& reader, const auth::Identity& identity)
        : reader_(reader), names_(reader), identity_(identity) {}

    Result<PoolUser> as_seen(const store::PoolUse& use) {
        PoolUser user{{}, std::string(kHiddenJob), use.gpus_held, use.priority, use.rank, use.started_at, use.ended_at};
        if (!TRY(may_know(use))) return user;
        user.job = use.job;
        user.name = domain::job_name(names_.of(use.project_id, use.project_name), use.task, use.build);
        return user;
    }

private:
    Result<bool> may_know(const store::PoolUse& use) {
        auto known = subjects_.find(use.project_id);
        if (known == subjects_.end()) {
            auth::Subject subject;
            if (const auto project = TRY(reader_.find_project(use.project_id))) {
                const auto owner = TRY(reader_.find_user(project->owner));
                subject = {project->id, project->owner, owner ? owner->group : domain::kDefaultGroup, {}, {}};
            }
            known = subjects_.emplace(use.project_id, std::move(subject)).first;
        }
        auth::Subject subject = known->second;
        if (subject.project.empty()) return identity_.operates();
        subject.job = use.job;
        subject.job_owner = use.owner;
        return auth::may_know(identity_, subject);
    }

    store::StoreReader& reader_;
    ProjectNames names_;
    const auth::Identity& identity_;
    std::map<domain::ProjectId, auth::Subject> subjects_;
};

struct Past {
    std::vector<domain::JobEvent> events;
    std::vector<PoolUser> users;
};

Result<Past> past_of(store::StoreReader& reader, const auth::Identity& identity, const domain::Job& job) {
    Past past{TRY(events_of(reader, job.id)), {}};
    const Time to = (job.started_at != Time{} ? job.started_at : job.ended_at) + Duration(1);
    PastUsers seen(reader, identity);
    for (const store::PoolUse& use :
         TRY(reader.jobs_of_pool_between(job.pool, last_wait_began(job, past.events), to, store::kPageMost))) {
        past.users.push_back(TRY(seen.as_seen(use)));
    }
    return past;
}

Result<WaitHistory> history_of(Call& call, const domain::Job& job, const Discretion& discretion) {
    Past past = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return past_of(reader, call.identity, job); }));
    // The reasons that were written down may name others' jobs.
    for (domain::JobEvent& happened : past.events) {
        if (auto* requeued = std::get_if<domain::event::Requeued>(&happened.body))
            requeued->reason = discretion.apply(requeued->reason);
    }
    return wait_history(job, past.events, std::move(past.users));
}

Value answer_value(const domain::Job& job, const std::string& name, const Live& live) {
    return Value::object({{"job", job.id.str()},
                          {"name", name},
                          {"state", domain::to_string(job.state)},
                          {"gpus", job.gpus()},
                          {"pool", live.pool.id.empty() ? Value() : pool_numbers_value(live.pool, live.use)}});
}

Result<net::Response> explain_job(Call& call) {
    domain::Job job = *call.job;
    const std::string name = domain::job_name(call.project_name, job.spec.task.name, job.build);
    Discretion discretion(call, name);
    const Live live = look_at_core(call, job, discretion);
    if (!live.waiting && domain::is_waiting(job.state)) {
        // It has started since its request began.
        auto later =
            TRY(call.services.deps.readers.with([&](store::StoreReader& reader) { return reader.find_job(job.id); }));
        if (!later) return fail(ErrorCode::kNotFound, "the job has been deleted meanwhile");
        job = std::move(*later);
    }
    Value value = answer_value(job, name, live);
    if (live.waiting) {
        const auto requeued = last_requeue_of(call, job);
        const Duration waited = call.services.deps.clock.now() - (requeued ? requeued->at : job.submitted_at);
        value.add("waited_ms", std::max<std::int64_t>(waited.count(), 0));
        value.add("waiting", explanation_value(discretion.apply(*live.waiting)));
        value.add("requeued", requeued_value(requeued));
        value.add("history", Value());
    } else {
        const WaitHistory history = TRY(history_of(call, job, discretion));
        value.add("waited_ms", history.waited.count());
        value.add("waiting", Value());
        value.add("requeued", history.requeues.empty() ? Value() : requeued_value(history.requeues.back()));
        value.add("history", wait_history_value(history));
    }
    return json_answer(value);
}

}  // namespace

std::vector<Route> explanation_routes() {
    return {
        {.method = "GET",
         .path = "/jobs/{job}/explanation",
         .operation = "explainJob",
         .permission = Permission::kSeeJob,
         .handler = explain_job,
         .summary = "why a job waits and what would help; of one that has started, why it waited as long as it did",
         .answer = {200, "JobExplanation"}},
    };
}

}  // namespace pintle::api
