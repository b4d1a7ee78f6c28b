#include <limits>

#include "api/access.hpp"
#include "api/bodies.hpp"
#include "api/encode.hpp"
#include "api/job_answers.hpp"
#include "api/routes.hpp"
#include "api/run_request.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

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
