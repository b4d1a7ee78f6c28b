#include "form/form.hpp"

#include <cmath>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"
#include "form/form_values.hpp"
#include "json/reader.hpp"

namespace pintle::form {

namespace {

using json::Reader;

constexpr int kDepthMost = 8;
constexpr std::size_t kNameMost = 255;

const FormField* find_in(const std::vector<FormField>& fields, std::string_view name) {
    for (const FormField& field : fields) {
        if (field.name == name && field.type != FieldType::kGroup) return &field;
        if (const FormField* inner = find_in(field.elements, name)) return inner;
    }
    return nullptr;
}

void gather(const std::vector<FormField>& fields, std::vector<const FormField*>& out) {
    for (const FormField& field : fields) {
        if (field.type == FieldType::kGroup) gather(field.elements, out);
        else out.push_back(&field);
    }
}

class FormReader {
public:
    void fields(std::vector<Reader> items, int depth, std::vector<FormField>& out) {
        for (Reader& item : items) {
            if (++count_ > kFormFieldsMost)
                return item.error(fmt::format("is one too many; a form has at most {} fields", kFormFieldsMost));
            out.push_back(field(item, depth));
        }
    }

private:
    FormField field(Reader& item, int depth) {
        FormField field;
        const std::string type = item.text("type", json::kRequired);
        const auto known = field_type_from(type);
        if (!known && !type.empty()) item.error_at("type", unknown_type(type));
        field.type = known.value_or(FieldType::kString);
        const bool is_group = field.type == FieldType::kGroup;
        field.name = is_group ? item.text("name", "") : item.text("name", json::kRequired);
        if (!is_group && !field.name.empty()) check_name(item, field.name);
        field.label = item.scalar_text("label", field.name);
        field.help = item.scalar_text({"help", "description"}, "");
        field.width = item.number("width", 100);
        if (!(field.width > 0 && field.width <= 100))
            item.error_at("width", "is a part of the form's width in percent: more than 0 and at most 100");
        field.required = item.boolean("required", false);
        field.hidden = item.boolean("hidden", false);
        field.multiline = item.boolean("multiline", false);
        read_list_type(item, field);
        read_options(item, field);
        read_elements(item, field, depth);
        read_default(item, field, known.has_value());
        item.finish();
        return field;
    }

    static std::string unknown_type(const std::string& type) {
        std::vector<std::string> names;
        for (const std::string_view name : field_type_names()) names.emplace_back(name);
        const auto near = nearest(type, names);
        return fmt::format("there is no field type \"{}\"; {}", to_valid_utf8(type.substr(0, 50)),
                           near ? fmt::format("did you mean \"{}\"?", *near) : "the types are " + join(names, ", "));
    }

    void check_name(const Reader& item, const std::string& name) {
        // A template says `.name`, so a name is one word for it.
        const bool is_word =
            name.size() <= kNameMost && !(name[0] >= '0' && name[0] <= '9') &&
            name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
                std::string::npos;
        if (!is_word)
            return item.error_at(
                "name", "is what the template calls the field: letters, digits and _, not beginning with a digit");
        if (!names_.insert(name).second)
            item.error_at(
                "name",
                fmt::format("there are two fields named \"{}\"; names are unique over the whole form, groups included",
                            name));
    }

    static void read_list_type(Reader& item, FormField& field) {
        const auto name = item.text({"list_type", "listType"});
        if (field.type != FieldType::kList) {
            if (name) item.error_at("list_type", "is for fields of type list");
            return;
        }
        if (!name) return item.error_at("list_type", "is missing: the type of the list's values");
        const auto type = field_type_from(*name);
        if (!type) return item.error_at("list_type", unknown_type(*name));
        if (*type == FieldType::kList || *type == FieldType::kGroup)
            return item.error_at("list_type", "is any type except list and group");
        field.list_type = *type;
    }

    static bool selects(const FormField& field) {
        return field.type == FieldType::kSelect ||
               (field.type == FieldType::kList && field.list_type == FieldType::kSelect);
    }

    static void read_options(Reader& item, FormField& field) {
        std::vector<Reader> options = item.list("options");
        if (!selects(field)) {
            if (!options.empty()) item.error_at("options", "are for fields of type select");
            return;
        }
        if (options.empty()) return item.error_at("options", "is missing: what one may choose from");
        for (Reader& option : options) {
            FieldOption read;
            if (option.value().is_object()) {
                const json::Value* value = option.raw("value");
                if (value == nullptr) option.error_at("value", "is missing");
                else read.value = *value;
                read.label = option.scalar_text("label", read.value.scalar_text().value_or(""));
                option.finish();
            } else {
                read.value = option.value();
                read.label = read.value.scalar_text().value_or("");
            }
            if (!read.value.scalar_text()) option.error("expected a text, a number, true or false");
            field.options.push_back(std::move(read));
        }
    }

    void read_elements(Reader& item, FormField& field, int depth) {
        std::vector<Reader> elements = item.list("elements");
        if (field.type != FieldType::kGroup) {
            if (!elements.empty()) item.error_at("elements", "are for fields of type group");
            return;
        }
        if (elements.empty()) return item.error_at("elements", "is missing: the fields of the group");
        if (depth >= kDepthMost)
            return item.error(fmt::format("groups stand in each other at most {} deep", kDepthMost));
        fields(std::move(elements), depth + 1, field.elements);
    }

    static void read_default(Reader& item, FormField& field, bool type_is_known) {
        const json::Value* value = item.raw("value");
        if (value == nullptr || !type_is_known) return;
        if (field.type == FieldType::kGroup) return item.error_at("value", "a group has no value; its fields have");
        // `value: 1.0.0` is a text, and so is `value: 1.10` of a text field, as it is written.
        field.value = is_text(field.type) && value->scalar_text() ? json::Value(*value->scalar_text()) : *value;
        if (const auto fault = value_fault(field, field.value)) item.error_at("value", *fault);
    }

    std::set<std::string> names_;
    std::size_t count_ = 0;
};

}  // namespace

const FormField* Form::find(std::string_view name) const { return find_in(fields, name); }

std::vector<const FormField*> Form::inputs() const {
    std::vector<const FormField*> out;
    gather(fields, out);
    return out;
}

Result<Form> read_form(const json::Value& document, std::string_view path) {
    json::Faults faults(json::Faults::Unknown::kRefuse);
    // A reader of lists needs a mapping around them; its path is the list's own.
    const json::Value around = json::Value::object({{std::string(path), document}});
    Reader outer(around, "", faults);
    Form form;
    FormReader().fields(outer.list(path), 1, form.fields);
    TRY(faults.result("the form"));
    return form;
}

namespace {

json::Value value_schema(const FormField& field, FieldType type) {
    if (type == FieldType::kSelect) {
        json::Value options = json::Value::array();
        for (const FieldOption& option : field.options) options.push(option.value);
        return json::Value::object({{"enum", std::move(options)}});
    }
    if (const auto range = range_of(type))
        return json::Value::object({{"type", "integer"}, {"minimum", range->least}, {"maximum", range->most}});
    if (is_fraction(type)) return json::Value::object({{"type", "number"}});
    if (type == FieldType::kBoolean) return json::Value::object({{"type", "boolean"}});
    json::Value text = json::Value::object({{"type", "string"}, {"maxLength", static_cast<std::int64_t>(kTextMost)}});
    if (is_upload(type)) text.set("description", "A file that was uploaded: the id that the upload answered.");
    else if (!field.multiline) text.set("pattern", "^[^\\r\\n]*$");
    return text;
}

json::Value field_schema(const FormField& field) {
    json::Value out;
    if (field.type == FieldType::kList) {
        out = json::Value::object({{"type", "array"},
                                   {"items", value_schema(field, field.list_type)},
                                   {"maxItems", static_cast<std::int64_t>(kListMost)}});
    } else {
        out = value_schema(field, field.type);
    }
    out.set("title", field.label);
    if (!field.help.empty()) out.set("description", field.help);
    if (!field.value.is_null()) out.set("default", field.value);
    return out;
}

}  // namespace

json::Value form_schema(const Form& form, std::string_view title) {
    json::Value properties = json::Value(json::Object{});
    json::Value required = json::Value::array();
    for (const FormField* field : form.inputs()) {
        properties.set(field->name, field_schema(*field));
        if (field->required && field->value.is_null()) required.push(field->name);
    }
    json::Value schema = json::Value::object({{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                                              {"title", title},
                                              {"type", "object"},
                                              {"properties", std::move(properties)},
                                              {"additionalProperties", false}});
    if (required.size() > 0) schema.set("required", std::move(required));
    return schema;
}

}  // namespace pintle::form
