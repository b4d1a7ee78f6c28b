#include "form/form_values.hpp"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"
#include "json/json_text.hpp"

namespace pintle::form {

namespace {

std::string shown(const json::Value& value) {
    const auto text = value.scalar_text();
    if (!text) return std::string(value.type_name());
    std::string cut = to_valid_utf8(text->substr(0, 50));
    if (text->size() > 50) cut += "…";
    return value.is_string() ? fmt::format("\"{}\"", cut) : cut;
}

std::optional<std::string> whole_fault(const json::Value& value, const IntRange& range, FieldType type) {
    if (!value.is_int()) return fmt::format("expected a whole number, got {}", shown(value));
    if (value.as_int() >= range.least && value.as_int() <= range.most) return std::nullopt;
    return fmt::format("expected a whole number from {} to {} ({}), got {}", range.least, range.most, to_string(type),
                       shown(value));
}

std::optional<std::string> text_fault(const FormField& field, const json::Value& value) {
    if (!value.is_string()) return fmt::format("expected a text, got {}", shown(value));
    const std::string& text = value.as_string();
    if (text.size() > kTextMost)
        return fmt::format("is too long: {} of at most {}", bytes_in_words(static_cast<std::int64_t>(text.size())),
                           bytes_in_words(kTextMost));
    if (to_valid_utf8(text) != text) return "expected a text, got bytes that are none (UTF-8)";
    if (text.find('\0') != std::string::npos) return "a text has no character of code 0";
    // A line's break would end the line of the task that the text is put into, and begin another.
    if (!field.multiline && text.find_first_of("\r\n") != std::string::npos)
        return "has a line break; the field takes one line";
    return std::nullopt;
}

std::optional<std::string> single_fault(const FormField& field, FieldType type, const json::Value& value) {
    if (const auto range = range_of(type)) return whole_fault(value, *range, type);
    if (is_fraction(type)) {
        if (!value.is_number()) return fmt::format("expected a number, got {}", shown(value));
        if (!std::isfinite(value.as_double())) return "expected a finite number";
        const bool fits = type == FieldType::kDouble || std::abs(value.as_double()) <= 3.4028234663852886e38;
        return fits ? std::nullopt : std::optional<std::string>("is too large for a float");
    }
    if (type == FieldType::kBoolean)
        return value.is_bool() ? std::nullopt
                               : std::optional(fmt::format("expected true or false, got {}", shown(value)));
    if (type == FieldType::kSelect) {
        std::vector<std::string> labels;
        for (const FieldOption& option : field.options) {
            if (option.value == value) return std::nullopt;
            labels.push_back(shown(option.value));
        }
        return fmt::format("expected one of {}, got {}", join(labels, ", "), shown(value));
    }
    return text_fault(field, value);
}

json::Value empty_value(const FormField& field) {
    if (field.type == FieldType::kList) return json::Value::array();
    if (field.type == FieldType::kBoolean) return false;
    if (field.type == FieldType::kSelect) return field.options.empty() ? json::Value() : field.options[0].value;
    if (range_of(field.type)) return 0;
    if (is_fraction(field.type)) return 0.0;
    return "";
}

bool is_blank(const json::Value& value) {
    return value.is_null() || (value.is_string() && value.as_string().empty()) ||
           (value.is_array() && value.size() == 0);
}

}  // namespace

std::optional<std::string> value_fault(const FormField& field, const json::Value& value) {
    if (field.type != FieldType::kList) return single_fault(field, field.type, value);
    if (!value.is_array()) return fmt::format("expected a list, got {}", shown(value));
    if (value.size() > kListMost) return fmt::format("has {} values; at most {} are allowed", value.size(), kListMost);
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (auto fault = single_fault(field, field.list_type, value[i]))
            return fmt::format("value {}: {}", i + 1, *fault);
    }
    return std::nullopt;
}

Result<json::Value> complete_values(const Form& form, const json::Value& given) {
    if (!given.is_null() && !given.is_object())
        return fail(ErrorCode::kInvalid, "the values of a form are a mapping from names to values, not {}",
                    given.type_name());
    std::vector<Fault> faults;
    json::Value out = json::Value(json::Object{});
    std::vector<std::string> names;
    for (const FormField* field : form.inputs()) {
        names.push_back(field->name);
        const json::Value* wanted = given.find(field->name);
        json::Value value = wanted != nullptr && !wanted->is_null() ? *wanted : field->value;
        if (field->required && is_blank(value)) {
            faults.push_back({field->name, "is required", 0, 0});
        } else if (value.is_null()) {
            value = empty_value(*field);
        } else if (const auto fault = value_fault(*field, value);
                   fault && !(is_blank(value) && is_upload(field->type))) {
            faults.push_back({field->name, *fault, 0, 0});
        }
        out.set(field->name, std::move(value));
    }
    if (given.is_object()) {
        for (const json::Member& member : given.as_object()) {
            if (form.find(member.key) != nullptr) continue;
            const auto near = nearest(member.key, names);
            faults.push_back({to_valid_utf8(member.key.substr(0, 255)),
                              near ? fmt::format("the form has no such field; did you mean \"{}\"?", *near)
                                   : "the form has no such field",
                              0, 0});
        }
    }
    if (faults.empty()) return out;
    const std::string message = fmt::format("{} of the form cannot be taken",
                                            faults.size() == 1 ? "a value" : fmt::format("{} values", faults.size()));
    return fail(Error{ErrorCode::kInvalid, message, std::move(faults), {}});
}

namespace {

Result<json::Value> single_from_text(const FormField& field, FieldType type, std::string_view text) {
    if (range_of(type)) {
        if (const auto number = parse_int(trim(text))) return json::Value(*number);
        return fail(ErrorCode::kInvalid, "{}: expected a whole number, got \"{}\"", field.name,
                    to_valid_utf8(text.substr(0, 50)));
    }
    if (is_fraction(type)) {
        const std::string_view number = trim(text);
        double value = 0;
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
        if (!number.empty() && error == std::errc{} && end == number.data() + number.size()) return json::Value(value);
        return fail(ErrorCode::kInvalid, "{}: expected a number, got \"{}\"", field.name,
                    to_valid_utf8(text.substr(0, 50)));
    }
    if (type == FieldType::kBoolean) {
        const std::string word = to_lower(trim(text));
        if (word == "true" || word == "yes" || word == "1") return json::Value(true);
        if (word == "false" || word == "no" || word == "0") return json::Value(false);
        return fail(ErrorCode::kInvalid, "{}: expected true or false, got \"{}\"", field.name,
                    to_valid_utf8(text.substr(0, 50)));
    }
    if (type == FieldType::kSelect) {
        for (const FieldOption& option : field.options) {
            if (option.value.scalar_text() == std::string(text)) return option.value;
        }
    }
    return json::Value(text);
}

}  // namespace

Result<json::Value> value_from_text(const FormField& field, std::string_view text) {
    if (field.type != FieldType::kList) return single_from_text(field, field.type, text);
    if (trim(text).starts_with('[')) return json::parse_json(text);
    json::Value out = json::Value::array();
    if (trim(text).empty()) return out;
    for (const std::string& part : split(text, ','))
        out.push(TRY(single_from_text(field, field.list_type, trim(part))));
    return out;
}

namespace {

Result<json::Value> path_of(const FormField& field, const json::Value& id,
                            const std::map<std::string, std::string>& paths) {
    if (id.as_string().empty()) return json::Value("");
    const auto found = paths.find(id.as_string());
    if (found == paths.end())
        return fail(ErrorCode::kNotFound, "{}: the file was not uploaded, or is gone; send it again", field.name);
    return json::Value(found->second);
}

}  // namespace

Result<json::Value> template_values(const Form& form, const json::Value& values,
                                    const std::map<std::string, std::string>& paths) {
    json::Value out = json::Value(json::Object{});
    for (const FormField* field : form.inputs()) {
        json::Value value = values[field->name];
        if (is_upload(field->type)) value = TRY(path_of(*field, value, paths));
        if (field->type == FieldType::kList && is_upload(field->list_type)) {
            json::Value list = json::Value::array();
            for (const json::Value& id : value.as_array()) list.push(TRY(path_of(*field, id, paths)));
            value = std::move(list);
        }
        // A default of 1 for a fraction is a whole number in YAML; the field says what it is.
        if (is_fraction(field->type) && value.is_int()) value = json::Value(value.as_double());
        if (field->type == FieldType::kList && is_fraction(field->list_type)) {
            json::Value list = json::Value::array();
            for (const json::Value& item : value.as_array()) list.push(item.as_double());
            value = std::move(list);
        }
        if (field->type == FieldType::kBytes || field->type == FieldType::kStrings) value = json::Value::array({value});
        out.set(field->name, std::move(value));
    }
    return out;
}

}  // namespace pintle::form
