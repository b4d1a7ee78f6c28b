#include "api/openapi.hpp"

#include "api/router.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"
#include "json/json_text.hpp"

namespace pintle::api {
namespace {

using json::Value;

Value param_schema(const QueryParam& param) {
    switch (param.type) {
        case QueryParam::Type::kText: return Value::object({{"type", "string"}});
        case QueryParam::Type::kFlag: return Value::object({{"type", "boolean"}});
        case QueryParam::Type::kWait: return Value::object({{"type", "string"}, {"examples", Value::array({"30s"})}});
        case QueryParam::Type::kWords:
            return Value::object({{"type", "string"}, {"enum", Value::list_of(split(param.words, '|'))}});
        case QueryParam::Type::kWhole: break;
    }
    return Value::object({{"type", "integer"}, {"minimum", param.min}, {"maximum", param.max}});
}

Value parameter(std::string_view name, std::string_view where, std::string_view about, Value schema) {
    return Value::object({{"name", name},
                          {"in", where},
                          {"required", where == "path"},
                          {"description", about},
                          {"schema", std::move(schema)}});
}

std::string_view about_path_param(std::string_view name) {
    if (name == "project") return "A project's name or id.";
    if (name == "job") return "A job's id, or project/task:build with its slash percent-encoded.";
    if (name == "user") return "A user's name or id.";
    if (name == "account") return "An account's name or id.";
    if (name == "token") return "An access token's name or id.";
    if (name == "provider") return "The name of an identity provider in the server's configuration.";
    if (name == "replica") return "The name of a replica such as worker-0, or \"job\", or \"all\".";
    if (name == "user" || name == "group" || name == "pool") return "A name or an id.";
    if (name == "device") return "A GPU's UUID, or node/UUID with its slash percent-encoded.";
    return "A name.";
}

Value parameters_of(const Route& route) {
    const Value text = Value::object({{"type", "string"}});
    Value list = Value::array();
    for (const std::string_view part : path_parts(route.path)) {
        if (const auto name = param_name(part); !name.empty())
            list.push(parameter(name, "path", about_path_param(name), text));
    }
    for (const QueryParam& param : route.query)
        list.push(parameter(param.name, "query", param.about, param_schema(param)));
    if (route.idempotency_key) {
        list.push(parameter("Idempotency-Key", "header",
                            "The same key with the same request has the answer of the first.",
                            Value::object({{"type", "string"}, {"maxLength", 200}})));
    }
    if (route.if_match)
        list.push(parameter("If-Match", "header", "The project's revision that was edited; another is refused.", text));
    return list;
}

Value content(std::string_view media_type, Value schema) {
    return Value::object({{std::string(media_type), Value::object({{"schema", std::move(schema)}})}});
}

Value body_of(const Route& route) {
    Value media;
    switch (route.body.kind) {
        case BodyShape::Kind::kNone: return nullptr;
        case BodyShape::Kind::kJson: media = content("application/json", schema_of_type(route.body.schema)); break;
        case BodyShape::Kind::kBytes:
            media = content("application/octet-stream", Value::object({{"type", "string"}, {"format", "binary"}}));
            break;
        case BodyShape::Kind::kDocument:
            media = content("application/yaml", schema_of_type(route.body.schema));
            media.set("application/json", Value::object({{"schema", schema_of_type(route.body.schema)}}));
            break;
    }
    return Value::object({{"required", route.body.required}, {"content", std::move(media)}});
}

Value content_of(const AnswerShape& answer) {
    using Media = AnswerShape::Media;
    const Value text = Value::object({{"type", "string"}});
    if (answer.media == Media::kEvents) return content("text/event-stream", text);
    if (answer.media == Media::kText) return content("text/plain", text);
    Value media = content("application/json", schema_of_type(answer.schema));
    if (answer.media == Media::kJsonOrEvents || answer.media == Media::kLog)
        media.set("text/event-stream", Value::object({{"schema", text}}));
    if (answer.media == Media::kLog) media.set("text/plain", Value::object({{"schema", text}}));
    if (answer.media == Media::kDocument)
        media.set("application/yaml", Value::object({{"schema", schema_of_type(answer.schema)}}));
    if (answer.media == Media::kJsonOrCsv) media.set("text/csv", Value::object({{"schema", text}}));
    if (answer.media == Media::kJsonOrBytes) {
        media.set("application/octet-stream",
                  Value::object({{"schema", Value::object({{"type", "string"}, {"format", "binary"}})}}));
    }
    return media;
}

Value operation_of(const Route& route) {
    Value operation = Value::object(
        {{"operationId", route.operation}, {"summary", route.summary}, {"parameters", parameters_of(route)}});
    if (Value body = body_of(route); !body.is_null()) operation.set("requestBody", std::move(body));
    Value good = Value::object({{"description", route.summary}});
    if (route.answer.media != AnswerShape::Media::kNone) good.set("content", content_of(route.answer));
    operation.set("responses", Value::object({{std::to_string(route.answer.status), good},
                                              {"default", Value::object({{"$ref", "#/components/responses/Error"}})}}));
    return operation;
}

Value paths() {
    Value all = Value::object();
    for (const Route& route : all_routes()) {
        const std::string path(route.path);
        if (!all.has(path)) all.set(path, Value::object());
        all.find(path)->set(to_lower(route.method), operation_of(route));
    }
    return all;
}

}  // namespace

const std::string& openapi_document() {
    static const std::string kText = [] {
        const Value error = Value::object({{"description", "What is wrong, and where."},
                                           {"content", content("application/json", schema_of_type("Error"))}});
        const Value bearer = Value::object({{"type", "http"}, {"scheme", "bearer"}});
        Value document = Value::object({
            {"openapi", "3.1.0"},
            {"info", Value::object({{"title", "Pintle"},
                                    {"version", "v1"},
                                    {"description", "Projects, tasks and jobs on your machines."}})},
            {"servers", Value::array({Value::object({{"url", kBasePath}})})},
            {"security", Value::array({Value::object({{"token", Value::array()}})})},
            {"paths", paths()},
            {"components", Value::object({{"securitySchemes", Value::object({{"token", bearer}})},
                                          {"responses", Value::object({{"Error", error}})},
                                          {"schemas", openapi_schemas()}})},
        });
        return json::to_json_pretty(document) + "\n";
    }();
    return kText;
}

}  // namespace pintle::api
