#include <algorithm>

#include "api/access.hpp"
#include "api/bodies.hpp"
#include "api/discretion.hpp"
#include "api/encode.hpp"
#include "api/job_answers.hpp"
#include "api/people.hpp"
#include "api/routes.hpp"
#include "api/run_request.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;
using core::input::ReorderJob;

Result<net::Response> changed_job(Call& call, const std::string& id) { return stored_job_answer(call, id); }

void hold_job(const CallPtr& call) {
    std::string reason;
    const auto read = read_body(call->request, [&](json::Reader& body) { reason = read_hold_reason(body, "reason"); });
    if (!read) return call->answer(fail(read.error()));
    command(call, core::input::HoldJob{call->job->id, std::move(reason)}, changed_job);
}

void release_job(const CallPtr& call) {
    command(call, core::input::ReleaseJob{call->job->id}, changed_job);
}

ReorderJob::Place place_from(const std::string& word) {
    if (word == "first") return ReorderJob::Place::kFirst;
    if (word == "last") return ReorderJob::Place::kLast;
    return word == "before" ? ReorderJob::Place::kBefore : ReorderJob::Place::kAfter;
}

Result<ReorderJob> read_reorder(Call& call) {
    ReorderJob reorder;
    reorder.id = call.job->id;
    std::string other;
    TRY(read_body(call.request, [&](json::Reader& body) {
        if (const auto priority = body.integer("priority", -domain::kPriorityMost, domain::kPriorityMost))
            reorder.priority = static_cast<int>(*priority);
        const auto place = body.choice("place", {"first", "last", "before", "after"});
        if (place) reorder.place = place_from(*place);
        other = body.text("other", std::string());
        const bool relative = place && (*place == "before" || *place == "after");
        if (relative && other.empty()) body.error_at("other", fmt::format("a place {} which job?", *place));
        if (!relative && !other.empty())
            body.error_at("other", "only for a place before or after another job");
        const bool says_something = body.value().has("place") || body.value().has("priority") || !other.empty();
        if (!says_something) body.error("say a place, a priority, or both");
    }));
    if (reorder.place != ReorderJob::Place::kKeep && !call.identity.operates()) {
        return fail(ErrorCode::kDenied,
                    "only operators give a job another place in the queue; you may change your own job's priority, "
                    "up to {}",
                    domain::kPriorityOfUsers);
    }
    if (!other.empty()) reorder.other = TRY(find_job(call, other)).id;
    return reorder;
}

void reorder_job(const CallPtr& call) {
    auto reorder = read_reorder(*call);
    if (!reorder) return call->answer(fail(reorder.error()));
    command(call, std::move(*reorder), changed_job);
}

/// A job that waits, as it is now.
struct Row {
    std::string pool;
    std::size_t position = 0;  ///< In its pool's queue; 1 is first.
    std::shared_ptr<const domain::Job> job;
    std::string owner;
    std::string group;  ///< Where its project is found; empty when the reader may not know of it.
    bool may_know = false;
};

struct Rows {
    std::vector<Row> rows;
    bool more = false;
};

/// Whose queues are read: one's own pool's, and for operators any or all. The first is 0.
struct Wanted {
    std::string pool;  ///< By name; empty: all that the caller may read.
    std::size_t from = 0;
    std::size_t limit = 100;
};

std::vector<const domain::Pool*> pools_for(const core::Core& core, const auth::Identity& identity,
                                           const std::string& name) {
    std::vector<const domain::Pool*> pools;
    const auto group = core.groups().find(identity.group);
    for (const auto& [id, pool] : core.pools()) {
        const bool own = group != core.groups().end() && group->second.pool == id;
        if ((own || identity.operates()) && (name.empty() || pool.name == name)) pools.push_back(&pool);
    }
    std::sort(pools.begin(), pools.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    return pools;
}

std::string group_of_project(const core::Core& core, const auth::Identity& identity, const domain::ProjectId& id) {
    const domain::Project* project = core.find_project(id);
    if (project == nullptr || !may_know_group(identity, project->home)) return "";
    const auto group = core.groups().find(project->home);
    return group == core.groups().end() ? "" : group->second.name;
}

void add_rows(Rows& found, const core::Core& core, const auth::Identity& identity, const domain::Pool& pool,
              std::size_t skip, std::size_t limit) {
    const auto queue = core.snapshot().queue_of(pool.id, skip + limit + 1);
    for (std::size_t i = skip; i < queue.size(); ++i) {
        if (found.rows.size() == limit) return void(found.more = true);
        const auto job = core.find_job(queue[i]);
        const auto owner = core.users().find(job->owner);
        found.rows.push_back({pool.name, i + 1, job, owner == core.users().end() ? "" : owner->second.name,
                              group_of_project(core, identity, job->project_id),
                              may_know_live(core, identity, job->id)});
    }
}

Result<Rows> rows_of(const core::Core& core, const auth::Identity& identity, const Wanted& wanted) {
    const auto pools = pools_for(core, identity, wanted.pool);
    if (pools.empty() && !wanted.pool.empty())
        return fail(ErrorCode::kNotFound, "there is no pool \"{}\"{}", to_valid_utf8(wanted.pool.substr(0, 100)),
                    identity.operates() ? "" : " that your group has");
    Rows found;
    std::size_t skip = wanted.from;
    for (const domain::Pool* pool : pools) {
        const auto waiting = static_cast<std::size_t>(core.snapshot().use_of_pool(pool->id).waiting_jobs);
        if (skip < waiting) add_rows(found, core, identity, *pool, skip, wanted.limit);
        skip -= std::min(skip, waiting);
    }
    return found;
}

// Each explanation costs milliseconds in a long queue; those far behind wait for those before them anyway.
constexpr std::size_t kExplainedMost = 20;

std::string why_behind(const Row& row) {
    return fmt::format("{} {} ahead of it", count_of(static_cast<std::int64_t>(row.position) - 1, "job"),
                       row.position == 2 ? "is" : "are");
}

Value entry_value(const Row& row, const Discretion& discretion, const QueueMoment& moment, Time now) {
    const domain::Job& job = *row.job;
    std::optional<scheduling::Explanation> why;
    if (row.position <= kExplainedMost && moment.snapshot.find_waiting(job.id) != nullptr)
        why = discretion.apply(scheduling::explain(moment.snapshot, job.id, moment.at));
    const bool behind = !why && job.reason.empty() && row.position > 1;
    const std::string reason = why ? why->reason : behind ? why_behind(row) : discretion.apply(job.reason);
    return Value::object({{"pool", row.pool},
                          {"position", row.position},
                          {"job", row.may_know ? Value(job.id.str()) : Value()},
                          {"name", row.may_know ? job.display_name() : std::string(kHiddenJob)},
                          {"group", row.may_know ? text_or_null(row.group) : Value()},
                          {"owner", row.may_know ? text_or_null(row.owner) : Value()},
                          {"state", domain::to_string(job.state)},
                          {"code", why ? Value(scheduling::to_string(why->code)) : behind ? Value("behind") : Value()},
                          {"reason", text_or_null(reason)},
                          {"held", job.hold && row.may_know ? Value(job.hold->reason) : Value()},
                          {"gpus", job.gpus()},
                          {"priority", job.wish.priority},
                          {"submitted_at", time_value(job.submitted_at)},
                          {"waited_ms", std::max<std::int64_t>((now - job.submitted_at).count(), 0)},
                          {"forecast", forecast_value(moment.forecast_of(job.id))}});
}

Result<Wanted> read_wanted(const Call& call) {
    Wanted wanted{call.query("pool"), 0, call.page().limit};
    const std::string cursor = call.query("cursor");
    if (cursor.empty()) return wanted;
    const auto from = parse_int(cursor);
    if (!from || *from < 0)
        return fail(ErrorCode::kInvalid, "the parameter cursor: this is not one that the list of the queue gave");
    wanted.from = static_cast<std::size_t>(*from);
    return wanted;
}

Result<net::Response> show_queue(Call& call) {
    const Wanted wanted = TRY(read_wanted(call));
    std::optional<Result<Rows>> read;
    call.services.deps.runtime.ask(
        [&](const core::Core& core) { read.emplace(rows_of(core, call.identity, wanted)); });
    const Rows found = TRY(std::move(*read));
    const auto moment = call.services.queue.now();
    const Time now = call.services.deps.clock.now();
    const Discretion discretion(call, "");
    json::Array items;
    for (const Row& row : found.rows) items.push_back(entry_value(row, discretion, *moment, now));
    return json_answer(page_value(std::move(items), found.more ? std::to_string(wanted.from + wanted.limit) : ""));
}

std::optional<Time> oldest_of(const QueueMoment& moment, const domain::PoolId& pool) {
    std::optional<Time> oldest;
    for (const domain::JobId& id : moment.snapshot.queue_of(pool, moment.snapshot.waiting())) {
        const Time at = moment.snapshot.find_waiting(id)->submitted_at;
        if (!oldest || at < *oldest) oldest = at;
    }
    return oldest;
}

Value wait_value(const std::optional<Time>& since, Time now) {
    return since ? Value(std::max<std::int64_t>((now - *since).count(), 0)) : Value();
}

Result<net::Response> show_summary(Call& call) {
    const auto moment = call.services.queue.now();
    const Time now = call.services.deps.clock.now();
    std::map<std::string, const domain::Pool*> by_name;
    for (const auto& [id, pool] : moment->pools) by_name.emplace(pool.name, &pool);
    scheduling::PoolUse all;
    std::optional<Time> oldest;
    json::Array pools;
    for (const auto& [name, pool] : by_name) {
        const scheduling::PoolUse use = moment->snapshot.use_of_pool(pool->id);
        const auto since = oldest_of(*moment, pool->id);
        Value value = pool_numbers_value(*pool, use);
        value.add("oldest_wait_ms", wait_value(since, now));
        pools.push_back(std::move(value));
        all.total += use.total;
        all.used += use.used;
        all.free += use.free;
        all.unhealthy += use.unhealthy;
        if (since && (!oldest || *since < *oldest)) oldest = since;
    }
    return json_answer(Value::object({{"waiting_jobs", moment->snapshot.waiting()},
                                      {"oldest_wait_ms", wait_value(oldest, now)},
                                      {"gpus", all.total},
                                      {"used", all.used},
                                      {"free", all.free},
                                      {"unhealthy", all.unhealthy},
                                      {"pools", Value(std::move(pools))}}));
}

}  // namespace

std::vector<Route> queue_routes() {
    using Kind = BodyShape::Kind;
    return {
        {.method = "GET",
         .path = "/queue",
         .operation = "showQueue",
         .permission = Permission::kSeeServer,
         .handler = show_queue,
         .summary = "what waits in your pool, in the order in which its turn comes; for operators in every pool",
         .query = page_params({{"pool", "The name of a pool: your own; for operators any."}}),
         .answer = {200, "[QueueEntry]"}},
        {.method = "GET",
         .path = "/queue/summary",
         .operation = "showQueueSummary",
         .permission = Permission::kOperate,
         .handler = show_summary,
         .summary = "how much waits in every pool, since when, and how many GPUs are in use",
         .answer = {200, "QueueSummary"}},
        {.method = "POST",
         .path = "/jobs/{job}/hold",
         .operation = "holdJob",
         .permission = Permission::kControlJob,
         .handler = hold_job,
         .summary = "keep a waiting job from starting until it is released",
         .body = {Kind::kJson, "HoldRequest", false},
         .answer = {200, "Job"}},
        {.method = "POST",
         .path = "/jobs/{job}/release",
         .operation = "releaseJob",
         .permission = Permission::kControlJob,
         .handler = release_job,
         .summary = "let a held job start when its turn comes",
         .answer = {200, "Job"}},
        {.method = "POST",
         .path = "/jobs/{job}/reorder",
         .operation = "reorderJob",
         .permission = Permission::kControlJob,
         .handler = reorder_job,
         .summary = "give a waiting job another priority, or (operators) another place in its queue",
         .body = {Kind::kJson, "ReorderRequest"},
         .answer = {200, "Job"}},
    };
}

}  // namespace pintle::api
