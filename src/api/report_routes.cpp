#include "api/bodies.hpp"
#include "api/routes.hpp"
#include "api/services.hpp"
#include "base/text.hpp"
#include "metrics/reported_value.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using metrics::ReportedValue;

constexpr std::size_t kPointsMost = 10'000;
constexpr std::int64_t kStepMost = std::int64_t{1} << 53;

std::optional<double> value_of(const Value& given) {
    if (given.is_number()) return given.as_double();
    return given.is_string() ? metrics::parse_value(given.as_string()) : std::nullopt;
}

void read_point(json::Reader& point, std::vector<ReportedValue>& values) {
    const auto step = point.integer("step", -kStepMost, kStepMost);
    std::optional<Time> at;
    if (const auto time = point.text("time")) {
        const auto read = time_from_iso(*time);
        if (read) at = *read;
        else point.error_at("time", read.error().message);
    }
    auto members = point.members("values");
    if (members.empty())
        point.error_at("values", "expected a mapping of at least one name to its number, such as {\"loss\": 0.3}");
    for (auto& [name, reader] : members) {
        if (!metrics::is_value_name(name)) reader.error("a value's name has 1 to 200 bytes and no control characters");
        const auto value = value_of(reader.value());
        if (!value) reader.error("expected a number, or \"NaN\", \"Infinity\" or \"-Infinity\"");
        if (value) values.push_back({name, *value, step, at});
    }
    point.finish();
}

Result<std::vector<ReportedValue>> read_values(const Value& body, std::string& replica) {
    json::Faults faults(json::Faults::Unknown::kRefuse);
    json::Reader reader(body, "", faults);
    replica = reader.text("replica", "");
    std::vector<ReportedValue> values;
    auto points = reader.list("points", json::kRequired);
    for (json::Reader& point : points) read_point(point, values);
    reader.finish();
    TRY(faults.result("the request"));
    if (values.empty()) return fail(ErrorCode::kInvalid, "there are no points in the request");
    if (values.size() > kPointsMost)
        return fail(ErrorCode::kInvalid, "a request reports at most {} values, this one has {}", kPointsMost,
                    values.size());
    return values;
}

Result<net::Response> report_metrics(Call& call) {
    const Value body = TRY(parse_body(call.request));
    std::string replica;
    const std::vector<ReportedValue> values = TRY(read_values(body, replica));
    const domain::Job& job = *call.job;
    if (replica.empty() && !job.replicas.empty()) replica = job.replicas.front().name();
    if (job.find_replica(replica) == nullptr)
        return fail(ErrorCode::kInvalid, "the job has no replica \"{}\"", to_valid_utf8(replica.substr(0, 100)));
    TRY(call.services.deps.runtime.reports().report(job.project_id, job.id, replica, values));
    return json_answer(Value::object({{"accepted", static_cast<std::int64_t>(values.size())}}));
}

}  // namespace

std::vector<Route> report_routes() {
    return {
        {.method = "POST",
         .path = "/jobs/{job}/metrics",
         .operation = "reportMetrics",
         .permission = Permission::kReportProperties,
         .handler = report_metrics,
         .summary = "report values with their steps, which become curves of the job",
         .body = {BodyShape::Kind::kJson, "MetricsReport"},
         .answer = {200, "MetricsAccepted"}},
    };
}

}  // namespace pintle::api
