#include "document/schema_shape.hpp"

#include <string>

#include <fmt/core.h>

namespace pintle::document::shape {
namespace {

json::Value described(json::Value type, std::string_view description) {
    json::Value schema = json::Value::object({{"type", std::move(type)}});
    if (!description.empty()) schema.add("description", description);
    return schema;
}

json::Value reference(std::string_view definition) {
    return json::Value::object({{"$ref", fmt::format("#/$defs/{}", definition)}});
}

}  // namespace

json::Value text(std::string_view description) { return described("string", description); }

json::Value text_or_number(std::string_view description) {
    return described(json::Value::array({"string", "number"}), description);
}

json::Value flag(std::string_view description, bool otherwise) {
    return with_default(described("boolean", description), otherwise);
}

json::Value whole(std::string_view description, int least, int most) {
    json::Value schema = described("integer", description);
    schema.add("minimum", least);
    schema.add("maximum", most);
    return schema;
}

json::Value word(std::string_view description, std::initializer_list<std::string_view> words) {
    json::Value schema = described("string", description);
    schema.add("enum", json::Value::list_of(words));
    return schema;
}

json::Value any_list(std::string_view description) { return described("array", description); }

json::Value list_of(std::string_view definition, std::string_view description) {
    json::Value schema = any_list(description);
    schema.add("items", reference(definition));
    return schema;
}

json::Value one_of(std::string_view definition, std::string_view description) {
    json::Value schema = reference(definition);
    schema.add("description", description);
    return schema;
}

json::Value any_of(std::string_view description, std::initializer_list<json::Value> schemas) {
    return json::Value::object({{"description", description}, {"anyOf", json::Value(json::Array(schemas))}});
}

json::Value map_of(json::Value values) {
    json::Value schema = described("object", "");
    schema.add("additionalProperties", std::move(values));
    return schema;
}

json::Value with_default(json::Value schema, json::Value otherwise) {
    schema.add("default", std::move(otherwise));
    return schema;
}

json::Value with_example(json::Value schema, json::Value example) {
    schema.add("examples", json::Value::array({std::move(example)}));
    return schema;
}

}  // namespace pintle::document::shape
