#include <string_view>
#include <vector>

#include "api/openapi.hpp"
#include "api/run_request.hpp"
#include "domain/job.hpp"
#include "domain/job_tags.hpp"

namespace pintle::api {
namespace {

using json::Value;

struct Field {
    std::string_view name;  ///< With a "?" at its end a request may leave it out.
    std::string_view type;
};
struct Schema {
    std::string_view name;
    std::vector<Field> fields;
    std::string_view base{};  ///< Its fields come first.
};

// Types: text, int, number, bool, time, state, level, map, any; "?" means "or null"; [X] is a list of X within a record
// and a page of X as an answer; a capital names another schema.
const std::vector<Schema>& schemas() {
    static const std::vector<Schema> kSchemas{
        {"Fault", {{"path", "text"}, {"message", "text"}, {"line", "int?"}, {"column", "int?"}}},
        {"Error", {{"code", "text"}, {"message", "text"}, {"details", "[Fault]"}, {"request_id", "text"}}},
        {"Named", {{"id", "text"}, {"name", "text"}}},
        {"Deleted", {{"deleted", "text"}}},
        {"Device",
         {{"name", "text"},
          {"node", "text"},
          {"uuid", "text"},
          {"index", "int"},
          {"model", "text"},
          {"vendor", "text?"},
          {"memory_bytes", "int?"},
          {"healthy", "bool"},
          {"fault", "text?"},
          {"pool", "text"},
          {"in_use", "bool"},
          {"job", "text?"},
          {"job_name", "text?"}}},
        {"Node",
         {{"name", "text"},
          {"os", "text?"},
          {"kernel", "text?"},
          {"cpu_model", "text?"},
          {"cpus", "int?"},
          {"booted_at", "time?"},
          {"cpu_millis", "int"},
          {"cpu_millis_used", "int"},
          {"memory_bytes", "int"},
          {"memory_bytes_used", "int"},
          {"devices", "[Device]"},
          {"labels", "map"},
          {"replicas", "int"}}},
        {"Server",
         {{"version", "text"},
          {"api", "text"},
          {"started_at", "time"},
          {"address", "text"},
          {"data_folder", "text?"},
          {"live_jobs", "int"},
          {"jobs_by_state", "map"},
          {"projects", "int"},
          {"nodes", "[Node]"}}},
        {"Finding", {{"subject", "text"}, {"level", "level"}, {"message", "text"}}},
        {"Findings", {{"findings", "[Finding]"}}},
        {"PoolNode", {{"node", "text"}, {"gpus", "int"}}},
        {"GroupUse", {{"group", "Named"}, {"gpus", "int"}}},
        {"Pool",
         {{"id", "text"},
          {"name", "text"},
          {"model", "text?"},
          {"group", "Named?"},
          {"total", "int"},
          {"used", "int"},
          {"free", "int"},
          {"unhealthy", "int"},
          {"missing", "int"},
          {"waiting_jobs", "int"},
          {"clustered", "bool"},
          {"nodes", "[PoolNode]"},
          {"used_by_group", "[GroupUse]?"},
          {"created_at", "time?"}}},
        {"DeviceKey", {{"node", "text"}, {"uuid", "text"}}},
        {"PoolFull", {{"devices", "[Device]"}, {"missing_devices", "[DeviceKey]"}}, "Pool"},
        {"NewPool", {{"name", "text"}, {"model?", "text"}, {"gpus?", "int"}, {"devices?", "[DeviceKey]"}}},
        {"PoolEdit", {{"name?", "text"}, {"model?", "text"}, {"gpus?", "int"}, {"devices?", "[DeviceKey]"}}},
        {"ModelCount", {{"model", "text"}, {"total", "int"}, {"free", "int"}}},
        {"Capability",
         {{"pool", "Named"}, {"total", "int"}, {"free", "int"}, {"models", "[ModelCount]"}, {"text", "text"}}},
        {"LiveJobs", {{"live", "int"}}},
        {"User",
         {{"id", "text"},
          {"name", "text"},
          {"role", "text"},
          {"status", "text"},
          {"group", "Named"},
          {"created_at", "time"},
          {"jobs", "LiveJobs"},
          {"gpus", "int"},
          {"has_password", "bool?"},
          {"provider", "text?"}}},
        {"NewUser", {{"name", "text"}, {"role?", "text"}, {"group?", "text"}}},
        {"UserChange", {{"role?", "text"}, {"group?", "text"}}},
        {"Offboarding", {{"force?", "bool"}}},
        {"Invitation", {{"user", "User"}, {"link", "text"}, {"code", "text"}, {"expires_at", "time"}}},
        {"Borrowing", {{"cohort", "text"}, {"nominal", "int?"}, {"limit", "int"}, {"reclaim", "bool"}}},
        {"BorrowingWish", {{"cohort", "text"}, {"nominal?", "int?"}, {"limit?", "int"}, {"reclaim?", "bool"}}},
        {"Group",
         {{"id", "text"},
          {"name", "text"},
          {"pool", "Pool"},
          {"fair_share", "bool"},
          {"borrowing", "Borrowing?"},
          {"users", "int"},
          {"gpus", "int"},
          {"created_at", "time?"}}},
        {"GroupFull", {{"members", "[User]"}}, "Group"},
        {"NewGroup", {{"name", "text"}, {"pool", "text"}, {"fair_share?", "bool"}, {"borrowing?", "BorrowingWish?"}}},
        {"GroupEdit",
         {{"name?", "text"}, {"pool?", "text"}, {"fair_share?", "bool"}, {"borrowing?", "BorrowingWish?"}}},
        {"AuditEntry",
         {{"at", "time"},
          {"actor", "text"},
          {"via", "text"},
          {"address", "text?"},
          {"action", "text"},
          {"subject", "text"},
          {"detail", "text?"}}},
        {"Storage", {{"name", "text"}, {"folder", "text"}, {"free_bytes", "int?"}}},
        {"MeasuredTask",
         {{"job", "text"},
          {"name", "text"},
          {"task", "text"},
          {"build", "int"},
          {"state", "state"},
          {"live", "bool"},
          {"started_at", "time?"},
          {"ended_at", "time?"}}},
        {"MeasuredComponent", {{"name", "text"}, {"display_name", "text"}, {"kind", "text"}, {"state", "text"}}},
        {"Measured",
         {{"tasks", "[MeasuredTask]"},
          {"next_cursor", "text?"},
          {"components", "[MeasuredComponent]"},
          {"servings", "[MeasuredComponent]"}}},
        {"Curve",
         {{"label", "text"},
          {"replica", "text?"},
          {"device", "text?"},
          {"x", "[number]"},
          {"min", "[number]"},
          {"mean", "[number]"},
          {"max", "[number]"},
          {"count", "[int]"},
          {"step", "[int?]?"}}},
        {"Metric",
         {{"name", "text"},
          {"title", "text"},
          {"unit", "text?"},
          {"reported", "bool"},
          {"joined_by", "text?"},
          {"width_ms", "int"},
          {"curves", "[Curve]"}}},
        {"Metrics",
         {{"name", "text"},
          {"type", "text"},
          {"job", "text?"},
          {"start", "time?"},
          {"end", "time?"},
          {"from", "time?"},
          {"to", "time?"},
          {"width_ms", "int"},
          {"note", "text?"},
          {"names", "[text]"},
          {"has_more", "bool"},
          {"metrics", "[Metric]"}}},
        {"DeviceUsage",
         {{"uuid", "text"},
          {"index", "int"},
          {"model", "text"},
          {"memory_bytes", "int"},
          {"gpu_percent", "number?"},
          {"gpu_memory_mb", "number?"},
          {"gpu_power_w", "number?"},
          {"gpu_temperature_c", "number?"}}},
        {"Measurements",
         {{"cpu_percent", "number?"},
          {"memory_mb", "number?"},
          {"gpu_percent", "number?"},
          {"gpu_memory_mb", "number?"},
          {"gpu_power_w", "number?"},
          {"gpu_temperature_c", "number?"},
          {"network_receive_bytes_per_s", "number?"},
          {"network_send_bytes_per_s", "number?"},
          {"disk_read_bytes_per_s", "number?"},
          {"disk_write_bytes_per_s", "number?"}}},
        {"NodeUsage",
         {{"name", "text"}, {"cpu_millis", "int"}, {"total_memory_bytes", "int"}, {"devices", "[DeviceUsage]"}},
         "Measurements"},
        {"JobUsage",
         {{"job", "text"},
          {"name", "text"},
          {"owner", "text?"},
          {"state", "state"},
          {"replicas", "int"},
          {"gpus", "int"},
          {"started_at", "time?"}},
         "Measurements"},
        {"Usage", {{"at", "time"}, {"nodes", "[NodeUsage]"}, {"jobs", "[JobUsage]"}, {"running_jobs", "int"}}},
        {"JobTotals", {{"live", "int"}, {"total", "int"}}},
        {"Project",
         {{"id", "text"},
          {"name", "text"},
          {"group", "text?"},
          {"owner", "text?"},
          {"summary_line", "text"},
          {"tasks", "[text]"},
          {"sources", "int"},
          {"jobs", "JobTotals"},
          {"revision", "int"},
          {"created_at", "time"},
          {"updated_at", "time"},
          {"disabled", "bool"},
          {"disabled_at", "time?"}}},
        {"ProjectFull",
         {{"id", "text"},
          {"name", "text"},
          {"revision", "int"},
          {"created_at", "time"},
          {"updated_at", "time"},
          {"disabled", "bool"},
          {"disabled_at", "time?"},
          {"document", "ProjectDocument"},
          {"text", "text?"}}},
        {"ProjectSaved", {{"project", "ProjectFull"}, {"warnings", "[Fault]"}}},
        {"Validation",
         {{"valid", "bool"}, {"faults", "[Fault]"}, {"warnings", "[Fault]"}, {"document", "ProjectDocument?"}}},
        {"ProjectImport",
         {{"repository", "text"}, {"revision?", "text"}, {"account?", "text"}, {"path?", "text"}, {"name?", "text"}}},
        {"NewName", {{"name", "text"}}},
        {"Transfer", {{"to", "text"}}},
        {"Deletion", {{"jobs", "int"}, {"live_jobs", "int"}, {"removed", "[text]"}, {"kept", "[text]"}}},
        {"ProjectDeleted", {{"deleted", "Deletion"}}},
        {"ProjectReset", {{"reset", "Deletion"}}},
        {"TemplateFault", {{"file", "text"}}, "Fault"},
        {"CatalogState",
         {{"name", "text"},
          {"kind", "text"},
          {"place", "text?"},
          {"revision", "text?"},
          {"commit", "text?"},
          {"templates", "int"},
          {"broken", "int"},
          {"read_at", "time?"},
          {"tried_at", "time?"},
          {"fault", "text?"},
          {"fault_since", "time?"}}},
        {"TemplateMaintainer", {{"name", "text"}, {"email", "text?"}, {"url", "text?"}}},
        {"Template",
         {{"catalog", "text"},
          {"name", "text"},
          {"title", "text"},
          {"version", "text"},
          {"description", "text"},
          {"keywords", "[text]"},
          {"icon", "text?"},
          {"maintainers", "[TemplateMaintainer]"},
          {"engine", "text"},
          {"type", "text"},
          {"has_form", "bool"},
          {"sound", "bool"},
          {"faults", "[TemplateFault]"}}},
        {"Catalog", {{"catalogs", "[CatalogState]"}, {"items", "[Template]"}}},
        {"WizardOption", {{"value", "any"}, {"label", "text"}}},
        {"WizardEntry",
         {{"key", "text"},
          {"name", "text"},
          {"kind", "text"},
          {"help", "text?"},
          {"required", "bool"},
          {"multiline", "bool"},
          {"value", "any"},
          {"parts", "map"},
          {"options", "[WizardOption]"}}},
        {"TemplateFile", {{"source", "text"}, {"path", "text"}, {"size_bytes", "int"}}},
        {"TemplateFull",
         {{"home", "text?"},
          {"commit", "text?"},
          {"readme", "text"},
          {"values", "text"},
          {"config", "text"},
          {"form", "text?"},
          {"form_template", "text?"},
          {"wizard", "[WizardEntry]"},
          {"files", "[TemplateFile]"},
          {"files_bytes", "int"}},
         "Template"},
        {"TemplatePreview",
         {{"valid", "bool"},
          {"name", "text"},
          {"values", "any"},
          {"text", "text?"},
          {"document", "ProjectDocument?"},
          {"faults", "[TemplateFault]"},
          {"warnings", "[TemplateFault]"}}},
        {"ComponentEntry", {{"url", "text"}, {"expires_at", "time"}}},
        {"EnableComponent", {{"gpus?", "int"}}},
        {"Component",
         {{"name", "text"},
          {"display_name", "text"},
          {"kind", "text"},
          {"state", "text"},
          {"reason", "text?"},
          {"wanted", "text"},
          {"by", "text?"},
          {"since", "time?"},
          {"job", "text?"},
          {"jobs", "[text]"},
          {"failures", "int"},
          {"last_end", "text?"},
          {"next_start", "time?"},
          {"running_since", "time?"},
          {"forecast", "Forecast?"},
          {"outdated", "bool"},
          {"command", "text"},
          {"port", "int?"},
          {"gpus", "int"},
          {"shared", "bool"},
          {"idle_pause_ms", "int"},
          {"last_activity", "time?"},
          {"busy", "bool"},
          {"may_control", "bool"},
          {"may_open", "bool"},
          {"url", "text?"}}},
        {"StatusPod",
         {{"name", "text"},
          {"status", "text"},
          {"node", "text?"},
          {"attempt", "int"},
          {"message", "text?"},
          {"started_at", "time?"}}},
        {"StatusEvent",
         {{"type", "text"},
          {"reason", "text"},
          {"message", "text"},
          {"source", "text"},
          {"count", "int"},
          {"first_seen", "time"},
          {"last_seen", "time"}}},
        {"StatusRow",
         {{"name", "text"},
          {"type", "text"},
          {"status", "text"},
          {"code", "text"},
          {"reason", "text?"},
          {"job", "text?"},
          {"pods", "[StatusPod]"},
          {"events", "[StatusEvent]"}}},
        {"ProjectStatus",
         {{"project", "text"},
          {"name", "text"},
          {"running_components", "int"},
          {"trouble", "bool"},
          {"rows", "[StatusRow]"},
          {"left_out", "int"},
          {"at", "time"}}},
        {"SourceDeleted", {{"deleted", "text"}, {"revision", "int"}}},
        {"SourceCheck", {{"source", "text"}, {"ok", "bool"}, {"message", "text"}, {"took_ms", "int"}}},
        {"FileEntry", {{"name", "text"}, {"kind", "text"}, {"size_bytes", "int"}, {"modified_at", "time"}}},
        {"FilePut", {{"path", "text"}, {"size_bytes", "int"}}},
        {"Form", {{"fields", "any"}, {"text", "text"}, {"template", "text"}, {"revision", "int"}, {"faults", "[Fault]"}}},
        {"FormFile", {{"id", "text"}, {"name", "text"}, {"size_bytes", "int"}}},
        {"Complaint", {{"message", "text"}, {"details", "[Fault]"}}},
        {"RenderedForm",
         {{"values", "any"}, {"text", "text?"}, {"task", "any"}, {"error", "Complaint?"}, {"dry_run", "DryRun?"}}},
        {"FileDeleted", {{"deleted", "text"}}},
        {"JobShort",
         {{"id", "text"},
          {"name", "text"},
          {"group", "text?"},
          {"project", "text"},
          {"project_id", "text"},
          {"task", "text"},
          {"kind", "text"},
          {"build", "int"},
          {"state", "state"},
          {"reason", "text?"},
          {"properties", "map"},
          {"tags", "[text]"},
          {"submitted_by", "text"},
          {"owner", "text"},
          {"priority", "int"},
          {"held", "text?"},
          {"gpus", "int"},
          {"gpus_held", "int"},
          {"forecast", "Forecast?"},
          {"submitted_at", "time"},
          {"started_at", "time?"},
          {"running_at", "time?"},
          {"ended_at", "time?"},
          {"duration_ms", "int?"},
          {"revision", "int"}}},
        {"JobPage",
         {{"items", "[JobShort]"}, {"next_cursor", "text?"}, {"total?", "int"}, {"total_at_least?", "int"}}},
        {"JobNumbers",
         {{"by_state", "map"},
          {"live", "int"},
          {"waiting", "int"},
          {"since", "time"},
          {"failed_since", "int"},
          {"complete_since", "int"}}},
        {"Replica",
         {{"name", "text"},
          {"resource", "text"},
          {"index", "int"},
          {"state", "text"},
          {"attempt", "int"},
          {"node", "text?"},
          {"address", "text?"},
          {"devices", "[int]"},
          {"exit_code", "int?"},
          {"message", "text?"},
          {"started_at", "time?"},
          {"ended_at", "time?"}}},
        {"Job",
         {{"engine", "text"},
          {"image_ignored", "bool"},
          {"cloned_from", "text?"},
          {"form_values", "any"},
          {"revisions", "map"},
          {"replicas", "[Replica]"},
          {"home", "text"},
          {"requeues", "int"},
          {"requeued", "Requeue?"},
          {"pool", "text?"},
          {"waiting_reason", "text?"},
          {"waiting", "Explanation?"}},
         "JobShort"},
        {"Forecast", {{"median", "time"}, {"high", "time"}}},
        {"Blocker",
         {{"job", "text?"}, {"name", "text"}, {"gpus", "int"}, {"waiting", "bool"}, {"ends", "Forecast?"}}},
        {"Remedy", {{"kind", "text"}, {"gpus", "int"}, {"priority", "int"}, {"model", "text?"}, {"text", "text"}}},
        {"Explanation",
         {{"code", "text"},
          {"reason", "text"},
          {"gpus_missing", "int"},
          {"position", "int"},
          {"queue_length", "int"},
          {"waits_for", "[Blocker]"},
          {"blockers_in_all", "int"},
          {"remedies", "[Remedy]"},
          {"forecast", "Forecast?"}}},
        {"PoolNumbers",
         {{"name", "text"},
          {"model", "text?"},
          {"gpus", "int"},
          {"used", "int"},
          {"free", "int"},
          {"unhealthy", "int"},
          {"waiting_jobs", "int"}}},
        {"PastBlocker", {{"job", "text?"}, {"name", "text"}, {"gpus", "int"}, {"until", "time"}}},
        {"HeldSpan", {{"from", "time"}, {"to", "time?"}, {"by", "text"}, {"reason", "text?"}}},
        {"Requeue", {{"at", "time"}, {"reason", "text?"}}},
        {"WaitHistory",
         {{"waited_ms", "int"},
          {"sentences", "[text]"},
          {"jobs_ahead", "int"},
          {"blockers", "[PastBlocker]"},
          {"blockers_in_all", "int"},
          {"held", "[HeldSpan]"},
          {"requeues", "[Requeue]"}}},
        {"JobExplanation",
         {{"job", "text"},
          {"name", "text"},
          {"state", "state"},
          {"gpus", "int"},
          {"waited_ms", "int"},
          {"requeued", "Requeue?"},
          {"pool", "PoolNumbers?"},
          {"waiting", "Explanation?"},
          {"history", "WaitHistory?"}}},
        {"DryRun",
         {{"starts_now", "bool"},
          {"explanation", "Explanation"},
          {"position", "int"},
          {"nodes", "[text]"},
          {"pool", "text"},
          {"gpus", "int"},
          {"gpus_free_in_pool", "int"},
          {"replicas", "int"},
          {"cpu_millis", "int"},
          {"memory_bytes", "int"}}},
        {"QueueEntry",
         {{"pool", "text"},
          {"position", "int"},
          {"job", "text?"},
          {"name", "text"},
          {"group", "text?"},
          {"owner", "text?"},
          {"state", "state"},
          {"code", "text?"},
          {"reason", "text?"},
          {"held", "text?"},
          {"gpus", "int"},
          {"priority", "int"},
          {"submitted_at", "time"},
          {"waited_ms", "int"},
          {"forecast", "Forecast?"}}},
        {"PoolQueue", {{"oldest_wait_ms", "int?"}}, "PoolNumbers"},
        {"QueueSummary",
         {{"waiting_jobs", "int"},
          {"oldest_wait_ms", "int?"},
          {"gpus", "int"},
          {"used", "int"},
          {"free", "int"},
          {"unhealthy", "int"},
          {"pools", "[PoolQueue]"}}},
        {"JobSpec",
         {{"project", "text"},
          {"task", "any"},
          {"sources", "[Source]"},
          {"default_mount_path", "text"},
          {"engine", "text"},
          {"image_ignored", "bool"}}},
        {"JobDeleted", {{"deleted", "text"}}},
        {"MetricsAccepted", {{"accepted", "int"}}},
        {"JobEvent", {{"sequence", "int"}, {"at", "time"}, {"kind", "text"}, {"text", "text"}}},
        {"Notice",
         {{"job", "text?"},
          {"job_name", "text?"},
          {"warning", "bool"},
          {"reason", "text"},
          {"source", "text"},
          {"message", "text"},
          {"count", "int"},
          {"first_seen", "time"},
          {"last_seen", "time"}}},
        {"LogStream",
         {{"replica", "text"}, {"lines", "int"}, {"bytes", "int?"}, {"first_line", "int"}, {"last_at", "time?"}}},
        {"LogLine",
         {{"replica", "text"},
          {"line", "int"},
          {"at", "time"},
          {"text", "text"},
          {"starts", "bool"},
          {"ends", "bool"}}},
        {"LogPage",
         {{"items", "[LogLine]"},
          {"first_line", "int"},
          {"last_line", "int"},
          {"next_from_line", "int?"},
          {"prev_before_line", "int?"},
          {"next_cursor", "text?"},
          {"prev_cursor", "text?"},
          {"complete", "bool"}}},
        {"Quantities", {{"cpu_millis", "int"}, {"memory_bytes", "int"}, {"gpus", "int"}}},
        {"Attempt",
         {{"job", "text"},
          {"job_name", "text"},
          {"task", "text"},
          {"build", "int"},
          {"resource", "text"},
          {"index", "int"},
          {"attempt", "int"},
          {"state", "text"},
          {"node", "text?"},
          {"address", "text?"},
          {"devices", "[int]"},
          {"image", "text?"},
          {"requests", "Quantities"},
          {"limits", "Quantities"},
          {"started_at", "time?"},
          {"ended_at", "time?"},
          {"duration_ms", "int?"},
          {"exit_code", "int?"},
          {"message", "text?"},
          {"out_of_memory", "bool"},
          {"revision", "text?"}}},
        {"Session",
         {{"user", "text"},
          {"user_id", "text?"},
          {"role", "text"},
          {"group", "text?"},
          {"via", "text"},
          {"token", "text?"},
          {"scopes", "[text]"},
          {"csrf", "text?"},
          {"expires_at", "time?"}}},
        {"SignIn", {{"user", "text"}, {"password", "text"}}},
        {"SignedIn", {{"user", "text"}, {"csrf", "text"}, {"expires_at", "time"}}},
        {"SignedOut", {{"user", "text"}, {"tokens_revoked", "int"}}},
        {"SessionPlace",
         {{"current", "bool"},
          {"address", "text"},
          {"agent", "text?"},
          {"created_at", "time"},
          {"expires_at", "time"}}},
        {"InviteCode", {{"invite", "text"}}},
        {"Invite", {{"user", "text"}, {"expires_at", "time"}}},
        {"PasswordSet", {{"user", "text"}}},
        {"SignInProvider", {{"name", "text"}, {"kind", "text"}}},
        {"SignInWays", {{"password", "bool"}, {"providers", "[SignInProvider]"}}},
        {"RedirectTo", {{"redirect_url", "text"}}},
        {"Token",
         {{"id", "text"},
          {"name", "text"},
          {"scopes", "[text]"},
          {"created_at", "time"},
          {"expires_at", "time?"},
          {"expired", "bool"}}},
        {"Account",
         {{"id", "text"},
          {"name", "text"},
          {"kind", "text"},
          {"owner", "Named"},
          {"group", "Named?"},
          {"server", "text?"},
          {"user", "text?"},
          {"fingerprint", "text?"},
          {"known_hosts", "text?"},
          {"fault", "text?"},
          {"may_edit", "bool"},
          {"created_at", "time"},
          {"updated_at", "time"}}},
        {"TokenMade", {{"token", "text"}}, "Token"},
        {"TokenRevoked", {{"revoked", "text"}}},
        {"Change",
         {{"sequence", "int"},
          {"kind", "text"},
          {"id", "text"},
          {"project_id", "text"},
          {"state", "state?"},
          {"deleted", "bool"}}},
    };
    return kSchemas;
}

Value words(std::string_view name) {
    Value list = Value::array();
    if (name == "level") {
        for (const char* word : {"good", "limited", "missing"}) list.push(word);
    } else {
        for (int i = 0; i < domain::kJobStateCount; ++i) list.push(domain::to_string(static_cast<domain::JobState>(i)));
    }
    return Value::object({{"type", "string"}, {"enum", std::move(list)}});
}

Value plain_type(std::string_view type) {
    if (type == "text") return Value::object({{"type", "string"}});
    if (type == "int") return Value::object({{"type", "integer"}});
    if (type == "number") return Value::object({{"type", "number"}});
    if (type == "bool") return Value::object({{"type", "boolean"}});
    if (type == "time") return Value::object({{"type", "string"}, {"format", "date-time"}});
    if (type == "map") return Value::object({{"type", "object"}});
    if (type == "state" || type == "level") return words(type);
    if (type == "any") return Value::object();
    return Value::object({{"$ref", fmt::format("#/components/schemas/{}", type)}});
}

Value field_type(std::string_view type) {
    if (type.ends_with('?'))
        return Value::object({{"anyOf", Value::array({field_type(type.substr(0, type.size() - 1)),
                                                      Value::object({{"type", "null"}})})}});
    if (type.starts_with('['))
        return Value::object({{"type", "array"}, {"items", field_type(type.substr(1, type.size() - 2))}});
    return plain_type(type);
}

Value record(const std::vector<Field>& fields) {
    Value properties = Value::object();
    Value required = Value::array();
    for (const Field& field : fields) {
        const bool may_be_left_out = field.name.ends_with('?');
        const std::string_view name = field.name.substr(0, field.name.size() - (may_be_left_out ? 1 : 0));
        properties.set(name, field_type(field.type));
        if (!may_be_left_out) required.push(name);
    }
    return Value::object(
        {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}});
}

std::vector<Field> all_fields(const Schema& schema) {
    std::vector<Field> fields;
    for (const Schema& base : schemas()) {
        if (base.name == schema.base) fields = base.fields;
    }
    fields.insert(fields.end(), schema.fields.begin(), schema.fields.end());
    return fields;
}

Value whole(std::int64_t min, std::int64_t max) {
    return Value::object({{"type", "integer"}, {"minimum", min}, {"maximum", max}});
}

Value one_of(std::initializer_list<const char*> names) {
    Value list = Value::array();
    for (const char* name : names) list.push(name);
    return Value::object({{"type", "string"}, {"enum", std::move(list)}});
}

Value free_form(std::string_view about) { return Value::object({{"type", "object"}, {"description", about}}); }

// A request, in which every field may be left out, and no other may be there.
Value closed(const std::vector<std::pair<const char*, Value>>& fields) {
    Value properties = Value::object();
    for (const auto& [name, type] : fields) properties.set(name, type);
    return Value::object(
        {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}});
}

Value tags_of_job() {
    const Value tag = Value::object({{"type", "string"}, {"minLength", 1}, {"maxLength", 256}});
    return Value::object({{"type", "array"}, {"items", tag}, {"maxItems", domain::kTagsOfJobMost}});
}

std::vector<std::pair<const char*, Value>> run_fields(const Value& texts) {
    const Value reason = Value::object({{"type", "string"}, {"maxLength", kHoldReasonMost}});
    return {{"set", texts},
            {"engine", one_of({"process", "container"})},
            {"gpus", whole(0, kGpusOfRequestMost)},
            {"workers", whole(1, domain::kReplicasMax)},
            {"priority", whole(-domain::kPriorityMost, domain::kPriorityMost)},
            {"immediate", plain_type("bool")},
            {"hold", Value::object({{"anyOf", Value::array({reason, plain_type("bool")})}})},
            {"tags", tags_of_job()}};
}

Value dry_run_request(const Value& texts) {
    auto fields = run_fields(texts);
    fields.emplace_back("document", free_form("A task as it stands in a project's document, instead of the saved one; "
                                              "docs/pintle.schema.json describes it."));
    return closed(fields);
}

Value form_request(const Value& texts, bool with_drafts) {
    auto fields = run_fields(texts);
    fields.emplace_back("values", free_form("Values by the fields' names; the form's schema describes them."));
    fields.emplace_back("texts", texts);
    fields.emplace_back("from_job", plain_type("text"));
    if (!with_drafts) return closed(fields);
    fields.emplace_back("form", plain_type("any"));
    fields.emplace_back("template", plain_type("text"));
    return closed(fields);
}

/// A body of which only some fields are required.
Value request_of(Value properties, Value required) {
    return Value::object({{"type", "object"},
                          {"properties", std::move(properties)},
                          {"required", std::move(required)},
                          {"additionalProperties", false}});
}

Value new_password() {
    return request_of(Value::object({{"invite", plain_type("text")},
                                     {"user", plain_type("text")},
                                     {"old_password", plain_type("text")},
                                     {"password", plain_type("text")}}),
                      Value::array({"password"}));
}

Value new_token() {
    const Value scope = Value::object({{"type", "string"}, {"enum", Value::array({"read", "run", "write", "operate"})}});
    return request_of(
        Value::object({{"name", plain_type("text")},
                       {"scopes", Value::object({{"type", "array"}, {"items", scope}})},
                       {"expires", Value::object({{"type", "string"}, {"examples", Value::array({"30d", "never"})}})}}),
        Value::array({"name"}));
}

Value template_request(const Value& texts, bool named) {
    Value properties = Value::object({{"name", plain_type("text")},
                                      {"values", free_form("Values by their names: of an entry of the wizard its value, or a mapping of its "
                                                           "parts; of any other all of it. An edited values.yaml is that too.")},
                                      {"texts", texts}});
    return request_of(std::move(properties), named ? Value::array({"name"}) : Value::array());
}

// Secrets are in requests only.
Value account_request(bool is_new) {
    const Value text = plain_type("text");
    Value secret = Value::object({{"type", "string"}, {"writeOnly", true}});
    Value properties = Value::object({{"name", text}, {"secret", std::move(secret)}, {"server", text}, {"user", text}, {"known_hosts", text}});
    if (!is_new) {
        properties.set("force", plain_type("bool"));
        return request_of(std::move(properties), Value::array());
    }
    properties.set("kind", one_of({"git_key", "git_token", "s3", "registry"}));
    properties.set("shared", plain_type("bool"));
    return request_of(std::move(properties), Value::array({"name", "kind", "secret"}));
}

// Numbers, and the three words for what JSON has no numbers for.
Value metrics_report() {
    const Value number = Value::object({{"type", Value::array({"number", "string"})}});
    const Value values = Value::object({{"type", "object"}, {"additionalProperties", number}, {"minProperties", 1}});
    const Value point = request_of(Value::object({{"values", values}, {"step", plain_type("int")}, {"time", plain_type("time")}}), Value::array({"values"}));
    return request_of(Value::object({{"replica", plain_type("text")}, {"points", Value::object({{"type", "array"}, {"items", point}})}}), Value::array({"points"}));
}

}  // namespace

Value schema_of_type(std::string_view type) {
    if (!type.starts_with('[')) return plain_type(type);
    return record({{"items", type}, {"next_cursor", "text?"}});
}

Value openapi_schemas() {
    Value all = Value::object();
    for (const Schema& schema : schemas()) all.set(schema.name, record(all_fields(schema)));
    all.set("ProjectDocument", free_form("A project as in pintle.yaml; docs/pintle.schema.json describes it."));
    all.set("ProjectPatch", free_form("A JSON merge patch of a project's document."));
    all.set("Source", free_form("A source as in pintle.yaml; docs/pintle.schema.json describes it."));
    all.set("Anything", free_form("An OpenAPI document."));
    const Value texts = Value::object(
        {{"type", "object"},
         {"additionalProperties", Value::object({{"type", Value::array({"string", "number", "boolean"})}})}});
    all.set("FormBuild", form_request(texts, false));
    all.set("FormRendering", form_request(texts, true));
    all.set("FormEdit", closed({{"form", plain_type("any")}, {"template", plain_type("text")}}));
    all.set("TemplateRendering", template_request(texts, false));
    all.set("TemplateInstall", template_request(texts, true));
    all.set("RunRequest", closed(run_fields(texts)));
    all.set("DryRunRequest", dry_run_request(texts));
    const Value reason = Value::object({{"type", "string"}, {"maxLength", kHoldReasonMost}});
    all.set("HoldRequest", closed({{"reason", reason}}));
    all.set("JobEdit", request_of(Value::object({{"tags", tags_of_job()}}), Value::array({"tags"})));
    all.set("ReorderRequest", closed({{"priority", whole(-domain::kPriorityMost, domain::kPriorityMost)},
                                      {"place", one_of({"first", "last", "before", "after"})},
                                      {"other", plain_type("text")}}));
    all.set("NewPassword", new_password());
    all.set("NewToken", new_token());
    all.set("NewAccount", account_request(true));
    all.set("AccountEdit", account_request(false));
    all.set("MetricsReport", metrics_report());
    Value properties = texts;
    properties.set("maxProperties", 100);
    all.set("Properties", std::move(properties));
    return all;
}

}  // namespace pintle::api
