#include "api/job_answers.hpp"

#include <atomic>

#include "api/discretion.hpp"
#include "api/encode.hpp"
#include "api/job_events.hpp"
#include "api/people.hpp"
#include "api/project_names.hpp"
#include "base/synchronized.hpp"

namespace pintle::api {
namespace {

Result<domain::Job> read_job(Call& call, const domain::JobId& id) {
    auto found = TRY(call.services.deps.readers.with([&](store::StoreReader& reader) { return reader.find_job(id); }));
    if (!found) return fail(ErrorCode::kNotFound, "the job has been deleted meanwhile");
    return std::move(*found);
}

net::Response job_answer(Call& call, const domain::Job& job, const std::optional<scheduling::Explanation>& waiting,
                         int status) {
    std::string owner_name, group, pool;
    domain::GroupId home;
    std::vector<std::string> tags;
    const auto read = call.services.deps.readers.with([&](store::StoreReader& reader) -> Result<void> {
        if (const auto owner = reader.find_user(job.owner); owner && *owner) owner_name = (*owner)->name;
        home = ProjectNames(reader).home_of(job.project_id);
        tags = TRY(reader.tags_of(job.id));
        return {};
    });
    static_cast<void>(read);  // The job is told without what cannot be read.
    call.services.deps.runtime.ask([&](const core::Core& core) {
        // That of a job that ended long ago may be gone.
        if (const auto found = core.pools().find(job.pool); found != core.pools().end()) pool = found->second.name;
        if (!may_know_group(call.identity, home)) return;
        if (const auto found = core.groups().find(home); found != core.groups().end()) group = found->second.name;
    });
    const Time now = call.services.deps.clock.now();
    json::Value value = job_value(job, call.project_name, owner_name, group, pool, std::move(tags), now, waiting);
    value.add("requeued", requeued_value(last_requeue_of(call, job)));
    return json_answer(value, status);
}

net::Response explained_job_answer(Call& call, domain::Job job) {
    if (!domain::is_waiting(job.state)) return job_answer(call, job, std::nullopt, 200);
    std::optional<scheduling::Explanation> waiting;
    Discretion discretion(call, job.display_name());
    const Time now = call.services.deps.clock.now();
    call.services.deps.runtime.ask([&](const core::Core& core) {
        waiting = core.explain(job.id, now);
        if (waiting) discretion.look(core, *waiting);
    });
    if (waiting) waiting = discretion.apply(std::move(*waiting));
    job.reason = discretion.apply(job.reason);
    return job_answer(call, job, waiting, 200);
}

/// A long poll under way. The feed's watcher holds it until it is answered.
struct Wait {
    struct State {
        std::shared_ptr<Call> call;  ///< Null once answered.
        ChangeFeed::Watch watch;
    };
    Synchronized<State> state;
    std::atomic<bool> due{false};  // Outside the lock: the feed sets it, and must never wait for a reader of the store.
    std::int64_t after = 0;
};

void look(const std::shared_ptr<Wait>& wait) {
    const std::shared_ptr<Call> asking = wait->state.with([](Wait::State& state) { return state.call; });
    if (!asking) return;
    const bool due = wait->due;
    const auto job = read_job(*asking, asking->job->id);
    if (job && job->event_count <= wait->after && !due) return;
    std::shared_ptr<Call> call;
    ChangeFeed::Watch watch;
    wait->state.with([&](Wait::State& state) {
        call.swap(state.call);
        watch = std::move(state.watch);
    });
    // Another thread may have been first.
    if (call)
        call->answer(job ? Result<net::Response>(explained_job_answer(*call, *job))
                         : Result<net::Response>(fail(job.error())));
}

}  // namespace

Result<net::Response> stored_job_answer(Call& call, const std::string& id, int status) {
    return job_answer(call, TRY(read_job(call, domain::JobId(id))), std::nullopt, status);
}

void answer_when_changed(const std::shared_ptr<Call>& call, std::int64_t after, Duration patience) {
    if (call->job->event_count > after || patience <= Duration(0))
        return call->answer(explained_job_answer(*call, *call->job));
    const auto wait = std::make_shared<Wait>();
    wait->after = after;
    wait->state.with([&](Wait::State& state) { state.call = call; });
    const std::weak_ptr<Executor> executor = call->services.executor;
    const auto told = [wait, executor](ChangeFeed::Why why) {
        if (why == ChangeFeed::Why::kDue) wait->due = true;
        if (const auto threads = executor.lock()) threads->post([wait] { look(wait); });
    };
    ChangeFeed::Watch watch =
        call->services.feed.watch(call->job->id.str(), told, std::chrono::steady_clock::now() + patience);
    // It may have been answered before the watch is put where the answer lets go of it.
    wait->state.with([&](Wait::State& state) {
        if (state.call) state.watch = std::move(watch);
    });
    look(wait);
}

}  // namespace pintle::api
