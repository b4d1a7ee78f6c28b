#pragma once

#include <initializer_list>
#include <string_view>

#include "json/value.hpp"

namespace pintle::document::shape {

/// JSON Schemas of single fields, with the description that an editor shows. Private to the module.

[[nodiscard]] json::Value text(std::string_view description);
/// Text, or a number that stands for its spelling.
[[nodiscard]] json::Value text_or_number(std::string_view description);
[[nodiscard]] json::Value flag(std::string_view description, bool otherwise);
[[nodiscard]] json::Value whole(std::string_view description, int least, int most);
[[nodiscard]] json::Value word(std::string_view description, std::initializer_list<std::string_view> words);
[[nodiscard]] json::Value any_list(std::string_view description);
/// A list of `#/$defs/NAME`.
[[nodiscard]] json::Value list_of(std::string_view definition, std::string_view description);
[[nodiscard]] json::Value one_of(std::string_view definition, std::string_view description);
[[nodiscard]] json::Value any_of(std::string_view description, std::initializer_list<json::Value> schemas);
/// A mapping from any name to such values.
[[nodiscard]] json::Value map_of(json::Value values);
/// The schema with `default` and `examples`.
[[nodiscard]] json::Value with_default(json::Value schema, json::Value otherwise);
[[nodiscard]] json::Value with_example(json::Value schema, json::Value example);

}  // namespace pintle::document::shape
