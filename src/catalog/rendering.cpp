#include "catalog/rendering.hpp"

#include "base/text.hpp"
#include "document/project_document.hpp"
#include "form/form.hpp"
#include "form/text_template.hpp"
#include "json/json_text.hpp"
#include "json/yaml_text.hpp"

namespace pintle::catalog {
namespace {

using json::Value;

constexpr form::TemplateBudget::Limits kLimits{
    .output_bytes = 1u << 20, .work_bytes = 16u << 20, .steps = 200'000, .depth = 50};

std::optional<std::string> render_text(const ProjectTemplate& of, const Value& values, Rendering& into) {
    const auto parsed = form::TextTemplate::parse(of.config);
    if (!parsed) {
        add_faults(into.faults, std::string(kConfigFile), parsed.error());
        return std::nullopt;
    }
    auto text = parsed->render(values, kLimits);
    if (text) return std::move(*text);
    add_faults(into.faults, std::string(kConfigFile), text.error());
    return std::nullopt;
}

// Whatever name it was written with: in `kind: MLApp` it stands in the metadata.
void give_name(Value& document, const std::string& name) {
    if (!document.is_object()) return;
    for (json::Member& member : document.as_object()) {
        if (to_lower(member.key) != "metadata" || !member.value.is_object()) continue;
        member.value.set("name", name);
        return;
    }
    if (document.has("kind")) document.set("metadata", Value::object({{"name", name}}));
    else document.set("name", name);
}

void read_form(const ProjectTemplate& of, domain::ProjectSpec* spec, Rendering& into) {
    if (!trim(of.form_text).empty()) {
        const auto fields = json::parse_yaml(of.form_text);
        const auto form = fields ? form::read_form(*fields) : fail(fields.error());
        if (!form) add_faults(into.faults, std::string(kFormFile), form.error());
        else if (spec != nullptr && spec->form.empty()) spec->form = json::to_json(*fields);
    }
    if (trim(of.form_template).empty()) return;
    const auto parsed = form::TextTemplate::parse(of.form_template);
    if (!parsed) add_faults(into.faults, std::string(kFormTemplateFile), parsed.error());
    else if (spec != nullptr && spec->form_template.empty()) spec->form_template = of.form_template;
}

// What it has of its own is checked as what lies beside it.
void check_own_form(const domain::ProjectSpec& spec, Rendering& into) {
    if (!spec.form.empty()) {
        const auto form = form::read_form(json::parse_json(spec.form).value_or(Value()));
        if (!form) add_faults(into.faults, std::string(kProjectDocument), form.error());
    }
    if (spec.form_template.empty()) return;
    if (const auto parsed = form::TextTemplate::parse(spec.form_template); !parsed)
        add_faults(into.faults, std::string(kProjectDocument), parsed.error());
}

void check_files(const ProjectTemplate& of, const domain::ProjectSpec& spec, Rendering& into) {
    std::string told;
    for (const TemplateFile& file : of.files) {
        if (file.source == told) continue;
        const domain::Source* source = spec.find_source(file.source);
        if (source != nullptr && std::holds_alternative<domain::ClusterStorageSource>(source->origin)) continue;
        told = file.source;
        const char* what = source == nullptr
                               ? "the project has no source of that name to put the files into"
                               : "files are put into sources of cluster storage, and this one is of another kind";
        // One template may offer its files or a repository: those that are not wanted stay where they are.
        (source == nullptr ? into.faults : into.warnings)
            .push_back({path_in(std::string(kFilesFolder), file.source), {"", what, 0, 0}});
    }
}

void warn_of_neighbours(const document::ReadProject& read, Rendering& into) {
    const auto warn = [&](std::string path, const char* text) {
        into.warnings.push_back({std::string(kProjectDocument), {std::move(path), text, 0, 0}});
    };
    if (!read.summary_file.empty()) warn("summary_file", "a template's summary is its README.md");
    for (std::size_t i = 0; i < read.spec.sources.size(); ++i) {
        if (!read.spec.sources[i].upload.empty())
            warn(fmt::format("sources[{}].upload", i), "what a template brings lies in its folder files");
    }
}

}  // namespace

Rendering render(const ProjectTemplate& of, const Value& values, const std::string& name) {
    Rendering made;
    auto text = render_text(of, values, made);
    if (!text) return made;
    made.text = std::move(*text);
    const std::string project(kProjectDocument);
    auto document = json::parse_yaml(made.text);
    if (!document) {
        add_faults(made.faults, project, document.error());
        return made;
    }
    give_name(*document, name);
    auto read = document::read_project(*document);
    if (!read) {
        add_faults(made.faults, project, read.error());
        return made;
    }
    for (const Fault& warning : read->warnings) made.warnings.push_back({project, warning});
    warn_of_neighbours(*read, made);
    domain::ProjectSpec& spec = read->spec;
    check_own_form(spec, made);
    read_form(of, &spec, made);
    check_files(of, spec, made);
    if (spec.summary.empty()) spec.summary = of.readme;
    for (domain::Source& source : spec.sources) source.upload.clear();
    if (made.faults.empty()) made.spec = std::move(spec);
    return made;
}

Rendering check_language(const ProjectTemplate& of) {
    Rendering made;
    const auto parsed = form::TextTemplate::parse(of.config);
    if (!parsed) add_faults(made.faults, std::string(kConfigFile), parsed.error());
    read_form(of, nullptr, made);
    return made;
}

}  // namespace pintle::catalog
