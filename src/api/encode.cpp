#include "api/encode.hpp"

#include <algorithm>
#include <limits>
#include <cmath>

#include "api/answer.hpp"
#include "base/check.hpp"
#include "base/text.hpp"
#include "document/project_document.hpp"
#include "json/json_text.hpp"

namespace pintle::api {

using json::Value;

namespace {

Value duration_value(Time from, Time to, Time now) {
    if (from == Time{}) return nullptr;
    return std::max<std::int64_t>(((to == Time{} ? now : to) - from).count(), 0);
}

Value properties_value(const std::map<std::string, domain::PropertyValue>& properties) {
    Value value = Value::object();
    for (const auto& [name, property] : properties) value.add(name, property_value(property));
    return value;
}

Value quantities_value(const domain::Quantities& quantities, int gpus) {
    return Value::object(
        {{"cpu_millis", quantities.cpu_millis}, {"memory_bytes", quantities.memory_bytes}, {"gpus", gpus}});
}

Value replica_value(const domain::Replica& replica) {
    Value exit_code;
    Value message;
    if (replica.exit) {
        exit_code = replica.exit->exit_code;
        message = text_or_null(replica.exit->message);
    }
    return Value::object({{"name", replica.name()},
                          {"resource", replica.resource},
                          {"index", replica.index},
                          {"state", domain::to_string(replica.state)},
                          {"attempt", replica.attempt},
                          {"node", text_or_null(replica.placement.node)},
                          {"address", text_or_null(replica.placement.address)},
                          {"devices", Value::list_of(replica.placement.devices)},
                          {"exit_code", exit_code},
                          {"message", message},
                          {"started_at", time_value(replica.started_at)},
                          {"ended_at", time_value(replica.ended_at)}});
}

// The first line with something on it, without the marks of a heading.
std::string summary_line(const std::string& summary) {
    constexpr std::size_t kLongest = 200;
    for (const std::string& line : split(summary, '\n')) {
        std::string_view text = trim(line);
        while (!text.empty() && text.front() == '#') text.remove_prefix(1);
        text = trim(text);
        if (!text.empty()) return to_valid_utf8(text.substr(0, kLongest));
    }
    return "";
}

}  // namespace

Value property_value(const domain::PropertyValue& value) {
    if (const auto* number = std::get_if<double>(&value)) {
        const bool whole = std::abs(*number) < 9.0e15 && std::trunc(*number) == *number;
        return whole ? Value(static_cast<std::int64_t>(*number)) : Value(*number);
    }
    if (const auto* flag = std::get_if<bool>(&value)) return *flag;
    return std::get<std::string>(value);
}

store::JobSummary summary_of(const domain::Job& job) {
    store::JobSummary summary;
    summary.id = job.id;
    summary.project_id = job.project_id;
    summary.project_name = job.spec.project_name;
    summary.task = job.spec.task.name;
    summary.kind = job.spec.task.kind;
    summary.build = job.build;
    summary.state = job.state;
    summary.reason = job.reason;
    summary.submitted_by = job.submitted_by;
    summary.cloned_from = job.cloned_from;
    summary.replicas = static_cast<int>(job.replicas.size());
    summary.gpus = job.gpus();
    summary.gpus_held = job.gpus_held();
    summary.owner = job.owner;
    summary.group = job.group;
    summary.pool = job.pool;
    summary.priority = job.wish.priority;
    if (job.hold) summary.held = job.hold->reason;
    summary.properties = job.properties;
    summary.revision = job.event_count;
    summary.submitted_at = job.submitted_at;
    summary.started_at = job.started_at;
    summary.running_at = job.running_at;
    summary.ended_at = job.ended_at;
    return summary;
}

Value job_short_value(const store::JobSummary& job, const std::string& group_name, Time now,
                      const std::optional<scheduling::Forecast>& forecast) {
    return Value::object({{"id", job.id.str()},
                          {"name", job.display_name()},
                          {"group", text_or_null(group_name)},
                          {"project", job.project_name},
                          {"project_id", job.project_id.str()},
                          {"task", job.task},
                          {"kind", to_string(job.build < 0 ? domain::JobKind::kComponent : domain::JobKind::kTask)},
                          {"build", job.build},
                          {"state", domain::to_string(job.state)},
                          {"reason", text_or_null(job.reason)},
                          {"properties", properties_value(job.properties)},
                          {"tags", Value::list_of(job.tags)},
                          {"submitted_by", job.submitted_by},
                          {"owner", job.owner_name},
                          {"priority", job.priority},
                          {"held", job.held ? Value(*job.held) : Value()},
                          {"gpus", job.gpus},
                          {"gpus_held", job.gpus_held},
                          {"forecast", forecast_value(forecast)},
                          {"submitted_at", time_value(job.submitted_at)},
                          {"started_at", time_value(job.started_at)},
                          {"running_at", time_value(job.running_at)},
                          {"ended_at", time_value(job.ended_at)},
                          {"duration_ms", duration_value(job.started_at, job.ended_at, now)},
                          {"revision", job.revision}});
}

namespace {

Value form_values_of(const domain::Job& job) {
    if (job.spec.form_values.empty()) return {};
    return json::parse_json(job.spec.form_values).value_or(Value());
}

}  // namespace

Value job_value(const domain::Job& job, const std::string& project_name, const std::string& owner_name,
                const std::string& group_name, const std::string& pool_name, std::vector<std::string> tags, Time now,
                const std::optional<scheduling::Explanation>& waiting) {
    store::JobSummary summary = summary_of(job);
    summary.project_name = project_name;
    summary.owner_name = owner_name;
    summary.tags = std::move(tags);
    Value value = job_short_value(summary, group_name, now, waiting ? waiting->forecast : std::nullopt);
    Value revisions = Value::object();
    if (job.preparation) {
        for (const auto& [source, revision] : job.preparation->revisions) revisions.add(source, revision);
    }
    json::Array replicas;
    for (const domain::Replica& replica : job.replicas) replicas.push_back(replica_value(replica));
    value.add("engine", domain::to_string(job.spec.engine));
    value.add("image_ignored", job.spec.image_ignored);
    value.add("cloned_from", text_or_null(job.cloned_from));
    value.add("form_values", form_values_of(job));
    value.add("revisions", std::move(revisions));
    value.add("replicas", Value(std::move(replicas)));
    value.add("home", job.spec.home.str());
    value.add("requeues", job.requeues);
    value.add("pool", text_or_null(pool_name));
    value.add("waiting_reason", waiting ? Value(waiting->reason) : Value());
    value.add("waiting", waiting ? explanation_value(*waiting) : Value());
    return value;
}

Value forecast_value(const std::optional<scheduling::Forecast>& forecast) {
    if (!forecast) return {};
    return Value::object({{"median", time_value(forecast->median)}, {"high", time_value(forecast->high)}});
}

namespace {

std::string_view remedy_kind(scheduling::Remedy::Kind kind) {
    switch (kind) {
        case scheduling::Remedy::Kind::kFewerGpus: return "fewer_gpus";
        case scheduling::Remedy::Kind::kPriority: return "priority";
        case scheduling::Remedy::Kind::kOtherModel: return "other_model";
        case scheduling::Remedy::Kind::kImmediate: return "immediate";
        case scheduling::Remedy::Kind::kRelease: return "release";
    }
    unreachable();
}

}  // namespace

Value explanation_value(const scheduling::Explanation& explanation) {
    json::Array blockers;
    for (const scheduling::Blocker& blocker : explanation.waits_for) {
        blockers.push_back(Value::object({{"job", text_or_null(blocker.id.str())},
                                          {"name", blocker.name},
                                          {"gpus", blocker.gpus},
                                          {"waiting", blocker.waiting},
                                          {"ends", forecast_value(blocker.ends)}}));
    }
    json::Array remedies;
    for (const scheduling::Remedy& remedy : explanation.remedies) {
        remedies.push_back(Value::object({{"kind", remedy_kind(remedy.kind)},
                                          {"gpus", remedy.gpus},
                                          {"priority", remedy.priority},
                                          {"model", text_or_null(remedy.model)},
                                          {"text", remedy.text}}));
    }
    return Value::object({{"code", scheduling::to_string(explanation.code)},
                          {"reason", explanation.reason},
                          {"gpus_missing", explanation.gpus_missing},
                          {"position", explanation.position},
                          {"queue_length", explanation.queue_length},
                          {"waits_for", Value(std::move(blockers))},
                          {"blockers_in_all", explanation.blockers_in_all},
                          {"remedies", Value(std::move(remedies))},
                          {"forecast", forecast_value(explanation.forecast)}});
}

Value pool_numbers_value(const domain::Pool& pool, const scheduling::PoolUse& use) {
    return Value::object({{"name", pool.name},
                          {"model", text_or_null(pool.model)},
                          {"gpus", use.total},
                          {"used", use.used},
                          {"free", use.free},
                          {"unhealthy", use.unhealthy},
                          {"waiting_jobs", use.waiting_jobs}});
}

Value requeued_value(const std::optional<RequeuedAt>& requeued) {
    if (!requeued) return {};
    return Value::object({{"at", time_value(requeued->at)}, {"reason", text_or_null(requeued->reason)}});
}

Value wait_history_value(const WaitHistory& history) {
    json::Array blockers;
    for (const PoolUser& blocker : history.blockers) {
        blockers.push_back(Value::object({{"job", text_or_null(blocker.job.str())},
                                          {"name", blocker.name},
                                          {"gpus", blocker.gpus},
                                          {"until", time_value(blocker.ended_at)}}));
    }
    json::Array held;
    for (const HeldSpan& span : history.held) {
        held.push_back(Value::object({{"from", time_value(span.from)},
                                      {"to", time_value(span.to)},
                                      {"by", span.by},
                                      {"reason", text_or_null(span.reason)}}));
    }
    json::Array requeues;
    for (const RequeuedAt& requeue : history.requeues)
        requeues.push_back(requeued_value(requeue));
    return Value::object({{"waited_ms", history.waited.count()},
                          {"sentences", Value::list_of(history.sentences)},
                          {"jobs_ahead", history.jobs_ahead},
                          {"blockers", Value(std::move(blockers))},
                          {"blockers_in_all", history.blockers_in_all},
                          {"held", Value(std::move(held))},
                          {"requeues", Value(std::move(requeues))}});
}

Value job_spec_value(const domain::Job& job) {
    json::Array sources;
    for (const domain::Source& source : job.spec.sources) sources.push_back(document::write_source(source));
    return Value::object({{"project", job.spec.project_name},
                          {"task", document::write_task(job.spec.task)},
                          {"sources", Value(std::move(sources))},
                          {"default_mount_path", job.spec.default_mount_path},
                          {"engine", domain::to_string(job.spec.engine)},
                          {"image_ignored", job.spec.image_ignored}});
}

Value attempt_value(const store::AttemptRecord& attempt, Time now) {
    return Value::object({{"job", attempt.job.str()},
                          {"job_name", fmt::format("{}/{}:{}", attempt.project_name, attempt.task, attempt.build)},
                          {"task", attempt.task},
                          {"build", attempt.build},
                          {"resource", attempt.resource},
                          {"index", attempt.index},
                          {"attempt", attempt.attempt},
                          {"state", domain::to_string(attempt.state)},
                          {"node", text_or_null(attempt.node)},
                          {"address", text_or_null(attempt.address)},
                          {"devices", Value::list_of(attempt.devices)},
                          {"image", text_or_null(attempt.image)},
                          {"requests", quantities_value(attempt.requests, attempt.gpus)},
                          {"limits", quantities_value(attempt.limits, attempt.gpus)},
                          {"started_at", time_value(attempt.started_at)},
                          {"ended_at", time_value(attempt.ended_at)},
                          {"duration_ms", duration_value(attempt.started_at, attempt.ended_at, now)},
                          {"exit_code", Value(attempt.exit_code)},
                          {"message", text_or_null(attempt.message)},
                          {"out_of_memory", attempt.out_of_memory}});
}

Value notice_value(const store::NoticeRecord& record, const std::string& job_name) {
    const domain::Notice& notice = record.notice;
    return Value::object({{"job", text_or_null(notice.job.str())},
                          {"job_name", text_or_null(job_name)},
                          {"warning", notice.warning},
                          {"reason", notice.reason},
                          {"source", notice.source},
                          {"message", notice.message},
                          {"count", record.count},
                          {"first_seen", time_value(record.first_seen)},
                          {"last_seen", time_value(notice.at)}});
}

JobTotals totals_of(const store::StateCounts& counts) {
    JobTotals totals;
    for (const auto& [state, count] : counts) {
        totals.total += count;
        if (!domain::is_final(state)) totals.live += count;
    }
    return totals;
}

Value project_short_value(const store::ProjectSummary& project, const std::string& group_name, std::size_t sources,
                          const store::StateCounts& counts) {
    const JobTotals totals = totals_of(counts);
    return Value::object({{"id", project.id.str()},
                          {"name", project.name},
                          {"group", text_or_null(group_name)},
                          {"owner", text_or_null(project.owner_name)},
                          {"summary_line", summary_line(project.summary)},
                          {"tasks", Value::list_of(project.tasks)},
                          {"sources", sources},
                          {"jobs", Value::object({{"live", totals.live}, {"total", totals.total}})},
                          {"revision", project.revision},
                          {"created_at", time_value(project.created_at)},
                          {"updated_at", time_value(project.updated_at)},
                          {"disabled", project.disabled_at != Time{}},
                          {"disabled_at", time_value(project.disabled_at)},
                          {"deleting_at", time_value(project.deleting_at)}});
}

Value project_value(const domain::Project& project) {
    return Value::object({{"id", project.id.str()},
                          {"name", project.spec.name},
                          {"revision", project.revision},
                          {"created_at", time_value(project.created_at)},
                          {"updated_at", time_value(project.updated_at)},
                          {"disabled", project.disabled_at != Time{}},
                          {"disabled_at", time_value(project.disabled_at)},
                          {"deleting_at", time_value(project.deleting_at)},
                          {"document", document::write_project(project.spec)},
                          {"text", text_or_null(project.text)}});
}

Value warnings_value(const std::vector<Fault>& warnings) {
    json::Array items;
    for (const Fault& warning : warnings) items.push_back(fault_value(warning));
    return Value(std::move(items));
}

}  // namespace pintle::api
