#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "json/value.hpp"

namespace pintle::form {

/// What a template computes with: the kinds that Go's templates know of data that came from YAML. Lists and mappings
/// are shared by copies of a value, as in Go, so that `set` is seen by everybody who holds the mapping.
///
/// Threading: values of one rendering belong to its thread.
class TemplateValue {
public:
    /// No value at all: a null, or a key that is not there. `path` tells which, for the error of who prints it.
    struct Nothing {
        std::string path;
    };
    using List = std::vector<TemplateValue>;
    /// In the order of their keys, which is how Go walks and prints a mapping.
    using Mapping = std::map<std::string, TemplateValue>;
    enum class Kind { kNothing, kBool, kInt, kFloat, kText, kList, kMapping };

    TemplateValue() = default;
    explicit TemplateValue(bool value) : data_(value) {}
    explicit TemplateValue(std::int64_t value) : data_(value) {}
    explicit TemplateValue(double value) : data_(value) {}
    explicit TemplateValue(std::string value) : data_(std::move(value)) {}
    explicit TemplateValue(List items) : data_(std::make_shared<List>(std::move(items))) {}
    explicit TemplateValue(Mapping entries) : data_(std::make_shared<Mapping>(std::move(entries))) {}
    /// A place where nothing was found.
    [[nodiscard]] static TemplateValue missing(std::string path);
    [[nodiscard]] static TemplateValue from(const json::Value& value);

    [[nodiscard]] Kind kind() const { return static_cast<Kind>(data_.index()); }
    [[nodiscard]] bool is_nothing() const { return kind() == Kind::kNothing; }
    /// Whether `if` takes it for true: neither nothing, false, 0 nor empty.
    [[nodiscard]] bool truth() const;

    [[nodiscard]] const std::string& path() const { return std::get<Nothing>(data_).path; }
    [[nodiscard]] bool as_bool() const { return std::get<bool>(data_); }
    [[nodiscard]] std::int64_t as_int() const { return std::get<std::int64_t>(data_); }
    [[nodiscard]] double as_float() const { return std::get<double>(data_); }
    [[nodiscard]] const std::string& as_text() const { return std::get<std::string>(data_); }
    [[nodiscard]] const List& as_list() const { return *std::get<std::shared_ptr<List>>(data_); }
    [[nodiscard]] const Mapping& as_mapping() const { return *std::get<std::shared_ptr<Mapping>>(data_); }
    /// Seen by everybody who holds the same mapping.
    [[nodiscard]] Mapping& shared_mapping() const { return *std::get<std::shared_ptr<Mapping>>(data_); }

    /// As Go names the type: "string", "int", "float64", "[]interface {}", …
    [[nodiscard]] std::string_view type_name() const;
    /// As Go's reflection names the kind: "slice", "map", "invalid", …
    [[nodiscard]] std::string_view kind_name() const;
    [[nodiscard]] json::Value to_json() const;

    /// Same kind and content, all the way down.
    friend bool operator==(const TemplateValue& a, const TemplateValue& b);

private:
    // In the order of Kind.
    std::variant<Nothing, bool, std::int64_t, double, std::string, std::shared_ptr<List>, std::shared_ptr<Mapping>>
        data_;
};

}  // namespace pintle::form
