#include <string_view>
#include <vector>

#include "api/openapi.hpp"
#include "api/openapi_schema.hpp"
#include "api/run_request.hpp"
#include "domain/job.hpp"
#include "domain/job_tags.hpp"

namespace pintle::api {
namespace {

using json::Value;

const std::vector<Schema>& schemas() {
    static const std::vector<Schema> kSchemas = [] {
        std::vector<Schema> all;
        for (const auto& part : {cluster_schemas(), use_schemas(), project_schemas(), job_schemas(), session_schemas()})
            all.insert(all.end(), part.begin(), part.end());
        return all;
    }();
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

Value record(const std::vector<SchemaField>& fields) {
    Value properties = Value::object();
    Value required = Value::array();
    for (const SchemaField& field : fields) {
        const bool may_be_left_out = field.name.ends_with('?');
        const std::string_view name = field.name.substr(0, field.name.size() - (may_be_left_out ? 1 : 0));
        properties.set(name, field_type(field.type));
        if (!may_be_left_out) required.push(name);
    }
    return Value::object(
        {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}});
}

std::vector<SchemaField> all_fields(const Schema& schema) {
    std::vector<SchemaField> fields;
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
    const Value scope =
        Value::object({{"type", "string"}, {"enum", Value::array({"read", "run", "write", "operate"})}});
    return request_of(
        Value::object({{"name", plain_type("text")},
                       {"scopes", Value::object({{"type", "array"}, {"items", scope}})},
                       {"expires", Value::object({{"type", "string"}, {"examples", Value::array({"30d", "never"})}})}}),
        Value::array({"name"}));
}

Value template_request(const Value& texts, bool named) {
    Value properties = Value::object(
        {{"name", plain_type("text")},
         {"values", free_form("Values by their names: of an entry of the wizard its value, or a mapping of its "
                              "parts; of any other all of it. An edited values.yaml is that too.")},
         {"texts", texts}});
    return request_of(std::move(properties), named ? Value::array({"name"}) : Value::array());
}

// Secrets are in requests only.
Value account_request(bool is_new) {
    const Value text = plain_type("text");
    Value secret = Value::object({{"type", "string"}, {"writeOnly", true}});
    Value properties = Value::object(
        {{"name", text}, {"secret", std::move(secret)}, {"server", text}, {"user", text}, {"known_hosts", text}});
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
    const Value point =
        request_of(Value::object({{"values", values}, {"step", plain_type("int")}, {"time", plain_type("time")}}),
                   Value::array({"values"}));
    return request_of(Value::object({{"replica", plain_type("text")},
                                     {"points", Value::object({{"type", "array"}, {"items", point}})}}),
                      Value::array({"points"}));
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
    all.set("UploadWish",
            request_of(Value::object({{"size_bytes", whole(0, std::int64_t{1} << 60)},
                                      {"sha256", plain_type("text")},
                                      {"fingerprint", Value::object({{"type", "string"}, {"maxLength", 200}})}}),
                       Value::array({"size_bytes"})));
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
