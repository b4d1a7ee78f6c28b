#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "form/field_type.hpp"
#include "json/value.hpp"

namespace pintle::form {

/// One choice of a select.
struct FieldOption {
    json::Value value;  ///< A text, number or boolean.
    std::string label;
};

/// A field of a form, or a group of them.
struct FormField {
    std::string name;   ///< Unique over the whole form, what templates call it; empty for a group without one.
    std::string label;  ///< Never empty, but for a group without one.
    std::string help;
    FieldType type = FieldType::kString;
    FieldType list_type = FieldType::kString;  ///< Of a list's values.
    json::Value value;   ///< The default; null when none is given.
    double width = 100;  ///< Percent of the form's width.
    bool required = false;
    bool hidden = false;
    bool multiline = false;  ///< Whether a text may have line breaks.
    std::vector<FieldOption> options;
    std::vector<FormField> elements;
};

/// What somebody who writes no code fills in to start a job.
struct Form {
    std::vector<FormField> fields;

    /// By its name, also within groups; null when there is none.
    [[nodiscard]] const FormField* find(std::string_view name) const;
    /// Every field that has a value, groups dissolved, in their order.
    [[nodiscard]] std::vector<const FormField*> inputs() const;
};

inline constexpr std::size_t kFormFieldsMost = 500;

/// Reads the list of fields. `path` begins the paths of faults. Failure: kInvalid with every fault and its place.
[[nodiscard]] Result<Form> read_form(const json::Value& document, std::string_view path = "form");

/// What other programs need to know to make values: JSON Schema 2020-12 of an object with one property per input.
[[nodiscard]] json::Value form_schema(const Form& form, std::string_view title);

}  // namespace pintle::form
