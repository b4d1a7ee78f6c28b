#pragma once

#include <string>

#include "json/value.hpp"

namespace pintle::api {

/// The OpenAPI 3.1 document, made from the table that routes requests; docs/openapi.json is this text.
[[nodiscard]] const std::string& openapi_document();
/// Its `components.schemas`, which describe what encode.hpp writes.
[[nodiscard]] json::Value openapi_schemas();
/// A type as the schemas name it: "text", "int?", "[Job]", "Job".
[[nodiscard]] json::Value schema_of_type(std::string_view type);

}  // namespace pintle::api
