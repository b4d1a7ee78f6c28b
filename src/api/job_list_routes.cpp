#include <algorithm>

#include "api/access.hpp"
#include "api/discretion.hpp"
#include "api/encode.hpp"
#include "api/moment.hpp"
#include "api/people.hpp"
#include "api/project_names.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"
#include "domain/job_tags.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;

Result<std::vector<domain::JobState>> read_states(const std::string& text) {
    std::vector<domain::JobState> states;
    if (text.empty()) return states;
    for (const std::string& word : split(text, ',')) {
        std::optional<domain::JobState> found;
        std::vector<std::string> names;
        for (int i = 0; i < domain::kJobStateCount; ++i) {
            const auto state = static_cast<domain::JobState>(i);
            names.emplace_back(domain::to_string(state));
            if (to_lower(names.back()) == to_lower(trim(word))) found = state;
        }
        if (!found)
            return fail(ErrorCode::kInvalid, "the parameter state: there is no state \"{}\"; there are: {}",
                        to_valid_utf8(word.substr(0, 100)), join(names, ", "));
        states.push_back(*found);
    }
    return states;
}

// A backslash goes before a comma within a tag, and before a backslash.
Result<std::vector<std::string>> read_tag_filter(const std::string& text) {
    std::vector<std::string> tags;
    if (text.empty()) return tags;
    tags.emplace_back();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ',') {
            tags.emplace_back();
        } else {
            if (text[i] == '\\' && i + 1 < text.size()) ++i;
            tags.back() += text[i];
        }
    }
    if (tags.size() > domain::kTagsOfJobMost)
        return fail(ErrorCode::kInvalid, "the parameter tag: a job has at most {} tags, these are {}",
                    domain::kTagsOfJobMost, tags.size());
    for (std::string& tag : tags) {
        tag = std::string(trim(tag));
        if (const std::string fault = domain::job_tag_fault(tag); !fault.empty())
            return fail(ErrorCode::kInvalid, "the parameter tag: {}", fault);
    }
    return tags;
}

// Of a name that nobody has there are no jobs, as there are none of somebody whom one may not know of.
Result<domain::UserId> find_owner(Call& call, const std::string& name) {
    const auto user = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) -> Result<std::optional<domain::User>> {
            auto named = TRY(reader.find_user_named(name));
            return named ? std::move(named) : TRY(reader.find_user(domain::UserId(name)));
        }));
    return user ? user->id : domain::UserId("-");
}

Result<store::JobFilter> read_filter(Call& call) {
    store::JobFilter filter;
    if (call.has_query("project")) {
        filter.projects = {TRY(find_project(call, call.query("project"))).id};
    } else if (call.identity.kind == auth::Identity::Kind::kJob) {
        filter.projects = {call.identity.project};
    }
    filter.viewer = TRY(call.viewer());
    filter.task = call.query("task");
    filter.states = TRY(read_states(call.query("state")));
    filter.tags = TRY(read_tag_filter(call.query("tag")));
    filter.live_only = call.query_flag("live");
    filter.text = call.query("text");
    filter.since = TRY(read_moment(call, "since"));
    filter.until = TRY(read_moment(call, "until"));
    filter.ended_since = TRY(read_moment(call, "ended_since"));
    if (call.has_query("owner")) filter.owner = TRY(find_owner(call, call.query("owner")));
    return filter;
}

store::JobOrder order_from(std::string_view word) {
    using store::JobOrder;
    if (word == "oldest") return JobOrder::kOldestFirst;
    if (word == "longest") return JobOrder::kLongestFirst;
    if (word == "shortest") return JobOrder::kShortestFirst;
    if (word == "name") return JobOrder::kByName;
    if (word == "state") return JobOrder::kByState;
    if (word == "owner") return JobOrder::kByOwner;
    if (word == "ended") return JobOrder::kLastEndedFirst;
    return JobOrder::kNewestFirst;
}

Result<net::Response> list_jobs(Call& call) {
    const store::JobFilter filter = TRY(read_filter(call));
    const store::JobOrder order = order_from(call.query("order"));
    const bool counts = call.query_flag("count");
    store::JobTotal total;
    std::map<domain::ProjectId, domain::GroupId> homes;
    auto page =
        TRY(call.services.deps.readers.with([&](store::StoreReader& reader) -> Result<store::Page<store::JobSummary>> {
            auto found = TRY(reader.list_jobs(filter, call.page(), order));
            if (counts) total = TRY(reader.count_jobs(filter));
            ProjectNames names(reader);
            for (store::JobSummary& job : found.items) {
                job.project_name = names.of(job.project_id, job.project_name);
                homes.emplace(job.project_id, names.home_of(job.project_id));
            }
            return found;
        }));
    const Time now = call.services.deps.clock.now();
    const bool any_waits = std::any_of(page.items.begin(), page.items.end(),
                                       [](const store::JobSummary& job) { return domain::is_waiting(job.state); });
    const auto moment = any_waits ? call.services.queue.now() : std::make_shared<const QueueMoment>();
    const Discretion discretion(call, "");
    const GroupNames groups = known_group_names(call);
    json::Array items;
    for (store::JobSummary& job : page.items) {
        const bool waits = domain::is_waiting(job.state);
        if (waits) job.reason = discretion.apply(job.reason);
        items.push_back(job_short_value(job, name_in(groups, homes.at(job.project_id)), now,
                                        waits ? moment->forecast_of(job.id) : std::nullopt));
    }
    Value answer = page_value(std::move(items), page.next);
    if (counts) answer.add(total.is_exact ? "total" : "total_at_least", total.count);
    return json_answer(std::move(answer));
}

Result<net::Response> show_numbers(Call& call) {
    std::vector<domain::ProjectId> projects;
    if (call.has_query("project")) {
        projects = {TRY(find_project(call, call.query("project"))).id};
    } else if (call.identity.kind == auth::Identity::Kind::kJob) {
        projects = {call.identity.project};
    }
    const store::Viewer viewer = TRY(call.viewer());
    const Time since =
        TRY(read_moment(call, "since")).value_or(call.services.deps.clock.now() - std::chrono::hours(24));
    const store::JobNumbers numbers = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return reader.job_numbers(viewer, projects, since); }));
    Value by_state = Value::object();
    std::int64_t live = 0;
    std::int64_t waiting = 0;
    for (const auto& [state, count] : numbers.by_state) {
        if (count == 0) continue;
        by_state.add(std::string(domain::to_string(state)), count);
        if (!domain::is_final(state)) live += count;
        if (domain::is_waiting(state)) waiting += count;
    }
    return json_answer(Value::object({{"by_state", std::move(by_state)},
                                      {"live", live},
                                      {"waiting", waiting},
                                      {"since", time_value(numbers.since)},
                                      {"failed_since", numbers.failed},
                                      {"complete_since", numbers.complete}}));
}

}  // namespace

std::vector<Route> job_list_routes() {
    using Type = QueryParam::Type;
    return {
        {.method = "GET",
         .path = "/jobs",
         .operation = "listJobs",
         .permission = Permission::kSeeProjects,
         .handler = list_jobs,
         .summary = "jobs, the newest first; a page may be short, even empty, and still have a next one",
         .query = page_params(
             {show_param(),
              {"project", "A name or an id."},
              {"task", "The name of a task."},
              {"state", "One state or several, separated by commas."},
              {"tag",
               "One tag or several, separated by commas: only jobs with all of them. A backslash goes before a "
               "comma within a tag."},
              {"owner", "A user's name or id."},
              {"since", "Submitted then or later: a time, or how long ago such as 1h or 7d."},
              {"until", "Submitted before: a time, or how long ago such as 1h or 7d."},
              {"ended_since", "Ended then or later: a time, or how long ago such as 1h or 7d."},
              {"live", "Only jobs that have not ended.", Type::kFlag},
              {"text", "Looked for in name, reason, id and submitter."},
              {"order",
               "newest, oldest: by the time of submission. longest, shortest: by the time from start to end, then "
               "those "
               "that live. ended: the last to end first, then those that live. name: by project, then build. state: in "
               "the order in which a job has them. owner: by name; of each first those that live.",
               Type::kWords, 0, 0, "newest|oldest|longest|shortest|name|state|owner|ended"},
              {"count", "Also tell how many match: `total`, or `total_at_least` when that takes too long to tell.",
               Type::kFlag}}),
         .answer = {200, "JobPage"}},
        {.method = "GET",
         .path = "/jobs/summary",
         .operation = "showJobNumbers",
         .permission = Permission::kSeeProjects,
         .handler = show_numbers,
         .summary = "how many jobs are in which state, and how many ended how since a time",
         .query =
             {show_param(),
              {"project", "A name or an id."},
              {"since",
               "From when on ended jobs are counted: a time, or how long ago such as 1h or 7d; a day unless given. "
               "The answer says a later time when too many have ended since."}},
         .answer = {200, "JobNumbers"}},
    };
}

}  // namespace pintle::api
