#include "api/catalog_values.hpp"

#include "api/answer.hpp"
#include "base/text.hpp"
#include "catalog/template_values.hpp"

namespace pintle::api {
namespace {

using catalog::ProjectTemplate;
using json::Value;
using runtime::CatalogState;


Value wizard_value(const catalog::WizardEntry& entry, const Value& written) {
    json::Array options;
    for (const catalog::WizardOption& option : entry.options)
        options.push_back(Value::object({{"value", option.value}, {"label", option.label}}));
    Value parts = Value::object();
    for (const std::string& part : catalog::parts_of(entry.kind)) parts.set(part, written[part]);
    return Value::object({{"key", entry.key},
                          {"name", entry.name},
                          {"kind", catalog::to_string(entry.kind)},
                          {"help", text_or_null(entry.help)},
                          {"required", entry.required || entry.kind == catalog::WizardKind::kClusterStorage},
                          {"multiline", entry.multiline},
                          {"value", written["value"]},
                          {"parts", std::move(parts)},
                          {"options", Value(std::move(options))}});
}

}  // namespace

Value template_faults_value(const std::vector<catalog::TemplateFault>& faults) {
    json::Array list;
    for (const catalog::TemplateFault& fault : faults) {
        Value value = fault_value(fault.fault);
        value.set("file", fault.file);
        list.push_back(std::move(value));
    }
    return Value(std::move(list));
}

Value catalog_value(const CatalogState& state, bool for_operator) {
    std::int64_t broken = 0;
    for (const ProjectTemplate& each : *state.templates) broken += each.sound() ? 0 : 1;
    const bool hides_place = state.kind == CatalogState::Kind::kFolder && !for_operator;
    return Value::object({{"name", state.name},
                          {"kind", runtime::to_string(state.kind)},
                          {"place", hides_place ? Value() : text_or_null(state.place)},
                          {"revision", text_or_null(state.revision)},
                          {"commit", text_or_null(state.commit)},
                          {"templates", state.templates->size()},
                          {"broken", broken},
                          {"read_at", time_value(state.read_at)},
                          {"tried_at", time_value(state.tried_at)},
                          {"fault", text_or_null(state.fault)},
                          {"fault_since", time_value(state.fault_since)}});
}

Value template_short_value(const CatalogState& state, const ProjectTemplate& of) {
    json::Array maintainers;
    for (const catalog::Maintainer& each : of.chart.maintainers) {
        maintainers.push_back(
            Value::object({{"name", each.name}, {"email", text_or_null(each.email)}, {"url", text_or_null(each.url)}}));
    }
    return Value::object({{"catalog", state.name},
                          {"name", of.name},
                          {"title", of.chart.name.empty() ? of.name : of.chart.name},
                          {"version", of.chart.version},
                          {"description", of.chart.description},
                          {"keywords", Value::list_of(of.chart.keywords)},
                          {"icon", text_or_null(of.icon)},
                          {"maintainers", Value(std::move(maintainers))},
                          {"engine", of.chart.engine},
                          {"type", of.chart.type},
                          {"has_form", !of.form_text.empty()},
                          {"sound", of.sound()},
                          {"faults", template_faults_value(of.faults)}});
}

Value template_value(const CatalogState& state, const ProjectTemplate& of, const std::vector<std::string>& storages) {
    const auto completed = catalog::complete_values(of.defaults, {}, storages);
    const Value& values = completed ? *completed : of.defaults.values;
    json::Array wizard, files;
    for (const catalog::WizardEntry& entry : of.defaults.wizard)
        wizard.push_back(wizard_value(entry, values[entry.key]));
    std::int64_t bytes = 0;
    for (const catalog::TemplateFile& file : of.files) {
        bytes += file.size_bytes;
        files.push_back(Value::object(
            {{"source", file.source}, {"path", to_valid_utf8(file.path)}, {"size_bytes", file.size_bytes}}));
    }
    Value value = template_short_value(state, of);
    value.set("home", text_or_null(of.chart.home));
    value.set("commit", text_or_null(state.commit));
    value.set("readme", of.readme);
    value.set("values", of.values_text);
    value.set("config", of.config);
    value.set("form", text_or_null(of.form_text));
    value.set("form_template", text_or_null(of.form_template));
    value.set("wizard", Value(std::move(wizard)));
    value.set("files", Value(std::move(files)));
    value.set("files_bytes", bytes);
    return value;
}

}  // namespace pintle::api
