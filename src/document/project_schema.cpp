#include "document/project_document.hpp"
#include "document/project_fields.hpp"
#include "document/schema_shape.hpp"
#include "json/json_text.hpp"

namespace pintle::document {

std::string project_schema() {
    using json::Value;
    Value schema = Value::object(
        {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
         {"title", "Pintle project file"},
         {"description",
          "A project of Pintle: its tasks and the sources that they mount. docs/project-file.md is its reference."}});
    Value project = schema_of(project_fields());
    for (json::Member& member : project.as_object()) schema.add(member.key, std::move(member.value));
    Value quantities = schema_of(quantity_fields());
    Value variable = Value::object(
        {{"type", "object"},
         {"required", Value::array({"name"})},
         {"properties",
          Value::object({{"name", shape::text("The variable.")},
                         {"value", Value::object({{"type", Value::array({"string", "number", "boolean", "null"})}})}})},
         {"additionalProperties", false}});
    schema.add("$defs", Value::object({{"source", schema_of(source_fields())},
                                       {"git", schema_of(git_fields())},
                                       {"nfs", schema_of(nfs_fields())},
                                       {"s3", schema_of(s3_fields())},
                                       {"task", schema_of(task_fields())},
                                       {"resource", schema_of(resource_fields())},
                                       {"component", schema_of(component_fields())},
                                       {"requests", quantities},
                                       {"limits", quantities},
                                       {"images", schema_of(image_fields())},
                                       {"volume", schema_of(volume_fields())},
                                       {"variable", std::move(variable)}}));
    return json::to_json_pretty(schema) + "\n";
}

}  // namespace pintle::document
