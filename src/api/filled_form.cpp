#include "api/filled_form.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "document/project_document.hpp"
#include "form/form_values.hpp"
#include "form/text_template.hpp"
#include "json/json_text.hpp"
#include "json/yaml_text.hpp"

namespace pintle::api {

using json::Value;

Result<form::Form> read_fields(const Value& given) {
    if (!given.is_string()) return form::read_form(given);
    const Value list = TRY(json::parse_yaml(given.as_string()));
    return form::read_form(list);
}

Result<ProjectForm> form_of(const domain::ProjectSpec& spec) {
    if (spec.form.empty())
        return fail(ErrorCode::kConflict,
                    "the project {} has no form; its owner can give it one: `form` and `form_template` of its document",
                    spec.name);
    const Value fields = TRY(json::parse_json(spec.form));
    return ProjectForm{TRY(form::read_form(fields)), spec.form_template};
}

std::string fields_text(const domain::ProjectSpec& spec) {
    const auto fields = json::parse_json(spec.form.empty() ? "null" : spec.form);
    return fields && !fields->is_null() ? json::to_yaml(*fields) : "";
}

std::vector<std::string> uploads_in(const form::Form& form, const Value& values) {
    std::vector<std::string> ids;
    const auto take = [&](const Value& id) {
        if (id.is_string() && !id.as_string().empty() && std::find(ids.begin(), ids.end(), id.as_string()) == ids.end())
            ids.push_back(id.as_string());
    };
    for (const form::FormField* field : form.inputs()) {
        const Value& value = values[field->name];
        if (form::is_upload(field->type)) take(value);
        if (field->type != form::FieldType::kList || !form::is_upload(field->list_type) || !value.is_array()) continue;
        for (const Value& id : value.as_array()) take(id);
    }
    return ids;
}

Result<std::string> render_form(const ProjectForm& form, const Value& values,
                                const std::map<std::string, std::string>& paths) {
    if (trim(form.text).empty())
        return fail(
            ErrorCode::kInvalid,
            "the form has no execution template; its owner gives it one: `form_template` of the project's document");
    const Value seen = TRY(form::template_values(form.form, values, paths));
    auto parsed = form::TextTemplate::parse(form.text);
    if (!parsed) return fail(parsed.error().context("the execution template is wrong"));
    auto rendered = parsed->render(seen);
    if (!rendered) return fail(rendered.error().context("the execution template failed"));
    return rendered;
}

Result<domain::Task> read_rendered(const std::string& text, const domain::ProjectSpec& spec) {
    auto read = json::parse_yaml(text);
    if (!read) return fail(read.error().context("what the execution template makes is no YAML"));
    auto task = document::read_task(*read, "task", spec);
    if (!task) return fail(task.error().context("what the execution template makes is no task"));
    return task;
}

std::vector<Fault> form_faults(const domain::ProjectSpec& spec) {
    std::vector<Fault> faults;
    if (!spec.form.empty()) {
        const auto form = form::read_form(json::parse_json(spec.form).value_or(Value()));
        if (!form) faults = form.error().details;
    }
    if (spec.form_template.empty()) return faults;
    if (const auto parsed = form::TextTemplate::parse(spec.form_template); !parsed)
        faults.push_back({"form_template", parsed.error().message, 0, 0});
    return faults;
}

}  // namespace pintle::api
