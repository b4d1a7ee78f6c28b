#include <algorithm>
#include <limits>

#include "api/access.hpp"
#include "api/bodies.hpp"
#include "api/discretion.hpp"
#include "api/encode.hpp"
#include "api/job_answers.hpp"
#include "api/people.hpp"
#include "api/project_names.hpp"
#include "api/routes.hpp"
#include "api/run_request.hpp"
#include "base/text.hpp"
#include "domain/job_tags.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

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
    return filter;
}

Result<net::Response> list_jobs(Call& call) {
    const store::JobFilter filter = TRY(read_filter(call));
    const auto order = call.query("order") == "oldest" ? store::JobOrder::kOldestFirst : store::JobOrder::kNewestFirst;
    std::map<domain::ProjectId, domain::GroupId> homes;
    auto page =
        TRY(call.services.deps.readers.with([&](store::StoreReader& reader) -> Result<store::Page<store::JobSummary>> {
            auto found = TRY(reader.list_jobs(filter, call.page(), order));
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
    return json_answer(page_value(std::move(items), page.next));
}

void show_job(const CallPtr& call) {
    const auto wait = call->has_query("wait") ? parse_wait(call->query("wait")) : Result<Duration>(Duration(0));
    if (!wait) return call->answer(fail(wait.error()));
    // Without a revision to compare with, waiting is for the next change.
    answer_when_changed(call, call->query_whole("after").value_or(call->job->event_count), *wait);
}

Result<net::Response> show_spec(Call& call) { return json_answer(job_spec_value(*call.job)); }

void stop_job(const CallPtr& call) {
    auto by = call->by();
    if (!by) return call->answer(fail(by.error()));
    command(call, core::input::StopJob{call->job->id, std::move(*by)},
            [](Call& later, const std::string& id) { return stored_job_answer(later, id); });
}

Result<std::vector<std::string>> read_edit(const net::Request& request) {
    std::optional<std::vector<std::string>> tags;
    TRY(read_body(request, [&](json::Reader& body) {
        tags = read_tags(body);
        if (!tags) body.error_at("tags", "is missing; an empty list takes the job's tags away");
    }));
    return std::move(*tags);
}

void edit_job(const CallPtr& call) {
    auto tags = read_edit(call->request);
    if (!tags) return call->answer(fail(tags.error()));
    command(call, core::input::TagJob{call->job->id, std::move(*tags), call->job->display_name()},
            [](Call& later, const std::string& id) { return stored_job_answer(later, id); });
}

void delete_job(const CallPtr& call) {
    command(call, core::input::DeleteJob{call->job->id, call->job->project_id, call->job->display_name()},
            [](Call&, const std::string& id) -> Result<net::Response> {
                return json_answer(Value::object({{"deleted", id}}));
            });
}

Result<std::map<std::string, domain::PropertyValue>> read_properties(const net::Request& request) {
    constexpr std::size_t kMost = 100;
    constexpr std::size_t kLongestName = 100;
    constexpr std::size_t kLongestText = 4096;
    const Value body = TRY(parse_body(request));
    if (!body.is_object() || body.size() == 0) {
        return fail(ErrorCode::kInvalid,
                    "there are no properties in the request; send a mapping such as {{\"accuracy\": 0.97}}");
    }
    json::Faults faults(json::Faults::Unknown::kRefuse);
    std::map<std::string, domain::PropertyValue> properties;
    for (const json::Member& member : body.as_object()) {
        const std::string& name = member.key;
        const json::Reader value(member.value, name, faults);
        const Value& given = value.value();
        if (name.empty() || name.size() > kLongestName)
            value.error(fmt::format("a property's name has 1 to {} characters", kLongestName));
        if (given.is_bool()) {
            properties.insert_or_assign(name, given.as_bool());
        } else if (given.is_number()) {
            properties.insert_or_assign(name, given.as_double());
        } else if (given.is_string() && given.as_string().size() <= kLongestText) {
            properties.insert_or_assign(name, given.as_string());
        } else {
            value.error(given.is_string()
                            ? fmt::format("a property's text has at most {} bytes", kLongestText)
                            : fmt::format("expected a number, text, true or false, got {}", given.type_name()));
        }
    }
    TRY(faults.result("the request"));
    if (properties.size() > kMost)
        return fail(ErrorCode::kInvalid, "a request sets at most {} properties, this one has {}", kMost,
                    properties.size());
    return properties;
}

void set_properties(const CallPtr& call) {
    auto properties = read_properties(call->request);
    if (!properties) return call->answer(fail(properties.error()));
    command(call, core::input::SetProperties{call->job->id, std::move(*properties)},
            [](Call& later, const std::string& id) { return stored_job_answer(later, id); });
}

}  // namespace

std::vector<Route> job_routes() {
    return {
        {.method = "GET",
         .path = "/jobs",
         .operation = "listJobs",
         .permission = Permission::kSeeProjects,
         .handler = list_jobs,
         .summary = "jobs, the newest first",
         .query =
             page_params({show_param(),
                          {"project", "A name or an id."},
                          {"task", "The name of a task."},
                          {"state", "One state or several, separated by commas."},
                          {"tag", "One tag or several, separated by commas: only jobs with all of them. A backslash goes "
                                  "before a comma within a tag."},
                          {"live", "Only jobs that have not ended.", QueryParam::Type::kFlag},
                          {"text", "Looked for in name, reason, id and submitter."},
                          {"order", "By the time of submission.", QueryParam::Type::kWords, 0, 0, "newest|oldest"}}),
         .answer = {200, "[JobShort]"}},
        {.method = "GET",
         .path = "/jobs/{job}",
         .operation = "showJob",
         .permission = Permission::kSeeJob,
         .handler = show_job,
         .summary = "one job",
         .query = {{"wait",
                    "Answer as soon as the job's revision is greater than `after`, or after this time: at most 60s.",
                    QueryParam::Type::kWait},
                   {"after", "A revision; the present one unless given.", QueryParam::Type::kWhole, 0,
                    std::numeric_limits<std::int64_t>::max()}},
         .answer = {200, "Job"}},
        {.method = "GET",
         .path = "/jobs/{job}/spec",
         .operation = "showJobSpec",
         .permission = Permission::kSeeJob,
         .handler = show_spec,
         .summary = "exactly what the job runs, frozen when it was submitted",
         .answer = {200, "JobSpec"}},
        {.method = "POST",
         .path = "/jobs/{job}/stop",
         .operation = "stopJob",
         .permission = Permission::kControlJob,
         .handler = stop_job,
         .summary = "stop a job",
         .answer = {200, "Job"}},
        {.method = "PATCH",
         .path = "/jobs/{job}",
         .operation = "editJob",
         .permission = Permission::kControlJob,
         .handler = edit_job,
         .summary = "change a job's tags, also after it has ended; its revision stays",
         .body = {BodyShape::Kind::kJson, "JobEdit"},
         .answer = {200, "Job"}},
        {.method = "DELETE",
         .path = "/jobs/{job}",
         .operation = "deleteJob",
         .permission = Permission::kDeleteJob,
         .handler = delete_job,
         .summary = "delete a job that has ended, with its logs",
         .answer = {200, "JobDeleted"}},
        {.method = "POST",
         .path = "/jobs/{job}/properties",
         .operation = "setJobProperties",
         .permission = Permission::kReportProperties,
         .handler = set_properties,
         .summary = "report values such as an accuracy",
         .body = {BodyShape::Kind::kJson, "Properties"},
         .answer = {200, "Job"}},
    };
}

}  // namespace pintle::api
