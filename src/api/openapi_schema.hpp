#pragma once

#include <string_view>
#include <vector>

namespace pintle::api {

/// One field of a record in the OpenAPI document.
struct SchemaField {
    std::string_view name;  ///< With a "?" at its end a request may leave it out.
    /// text, int, number, bool, time, state, level, map, any; "?" means "or null"; [X] is a list of X within a record
    /// and a page of X as an answer; a capital names another schema.
    std::string_view type;
};

/// A record that requests or answers consist of.
struct Schema {
    std::string_view name;
    std::vector<SchemaField> fields;
    std::string_view base{};  ///< Its fields come first.
};

// All of them, a function for each file; pure.
[[nodiscard]] std::vector<Schema>
cluster_schemas();                                ///< What every answer may hold, machines, pools, people and groups.
[[nodiscard]] std::vector<Schema> use_schemas();  ///< Storages and what is used.
[[nodiscard]] std::vector<Schema> project_schemas();  ///< Projects, templates, components, sources and forms.
[[nodiscard]] std::vector<Schema> job_schemas();  ///< Jobs, their queue, events and logs.
[[nodiscard]] std::vector<Schema> session_schemas();  ///< Sessions, tokens, accounts and changes.

}  // namespace pintle::api
