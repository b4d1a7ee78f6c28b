#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "document/cursor.hpp"
#include "json/value.hpp"

namespace pintle::document {

/// A mapping of the project document as a table of its fields, which reads it and describes it as JSON Schema.
/// Private to the module.
///
/// A key means the field whose name it equals but for case, `_` and `-`: `workDir` and `workdir` are `work_dir`.

template <class T>
struct Field {
    const char* name;
    /// Other names for it, which are read and not described.
    std::vector<const char*> others;
    /// Null: the field itself is read and not described.
    json::Value schema;
    void (*read)(const Cursor& at, T& out);
    bool required = false;
};

/// Most members of one mapping.
inline constexpr std::size_t kMembersMax = 1000;

/// The key without case, `_` and `-`.
[[nodiscard]] std::string folded(std::string_view key);
void warn_of_unknown(const Cursor& at, const json::Member& member, const std::vector<std::string>& names);

template <class T>
[[nodiscard]] bool means(const Field<T>& field, std::string_view folded_key) {
    if (folded(field.name) == folded_key) return true;
    for (const char* other : field.others) {
        if (folded(other) == folded_key) return true;
    }
    return false;
}

/// The names that are described, for suggestions.
template <class T>
[[nodiscard]] std::vector<std::string> names_of(const std::vector<Field<T>>& table) {
    std::vector<std::string> names;
    for (const Field<T>& field : table) {
        if (!field.schema.is_null()) names.emplace_back(field.name);
    }
    return names;
}

/// Reads a mapping into `out`, in the order of the table. Null members count as not given, those whose names begin
/// with "x-" are the author's own.
template <class T>
void read_fields(const Cursor& at, const std::vector<Field<T>>& table, T& out) {
    if (!at.is_mapping(kMembersMax)) return;
    std::vector<const json::Member*> given(table.size(), nullptr);
    for (const json::Member& member : at.value().as_object()) {
        const std::string key = folded(member.key);
        std::size_t i = 0;
        while (i < table.size() && !means(table[i], key)) ++i;
        if (i == table.size()) {
            if (!member.key.starts_with("x-")) warn_of_unknown(at, member, names_of(table));
        } else if (given[i] != nullptr) {
            at.member(member, table[i].name)
                .fault(fmt::format("is the same field as \"{}\"; give one of them", given[i]->key));
        } else {
            given[i] = &member;
        }
    }
    for (std::size_t i = 0; i < table.size(); ++i) {
        const bool has_value = given[i] != nullptr && !given[i]->value.is_null();
        if (has_value) table[i].read(at.member(*given[i], table[i].name), out);
        else if (table[i].required) at.fault_of_missing(table[i].name, "is required");
    }
}

/// The JSON Schema of the mapping.
template <class T>
[[nodiscard]] json::Value schema_of(const std::vector<Field<T>>& table) {
    json::Value properties{json::Object{}};
    json::Value required{json::Array{}};
    for (const Field<T>& field : table) {
        if (field.schema.is_null()) continue;
        properties.add(field.name, field.schema);
        if (field.required) required.push(field.name);
    }
    json::Value schema = json::Value::object({{"type", "object"}});
    if (required.size() > 0) schema.add("required", std::move(required));
    schema.add("properties", std::move(properties));
    schema.add("patternProperties", json::Value::object({{"^x-", true}}));
    schema.add("additionalProperties", false);
    return schema;
}

}  // namespace pintle::document
