#include "document/project_document.hpp"

#include <algorithm>

#include "document/project_fields.hpp"
#include "json/yaml_text.hpp"

namespace pintle::document {
namespace {

bool is_mlapp(const json::Value& document) {
    if (!document.is_object()) return false;
    for (const json::Member& member : document.as_object()) {
        if (folded(member.key) == "kind")
            return member.value.is_string() && folded(member.value.as_string()) == "mlapp";
    }
    return false;
}

ProjectDraft read_draft(const json::Value& document, Reading& reading) {
    ProjectDraft draft;
    draft.skips_unused_sources = is_mlapp(document);
    read_fields(Cursor(document, reading), is_mlapp(document) ? mlapp_fields() : project_fields(), draft);
    for (const Fault& fault : domain::validate(draft.spec)) reading.add_rule_fault(fault);
    return draft;
}

std::vector<Fault> warnings_of(const Reading& reading) {
    std::vector<Fault> warnings = reading.faults().warnings();
    std::stable_sort(warnings.begin(), warnings.end(), [](const Fault& a, const Fault& b) { return a.line < b.line; });
    return warnings;
}

constexpr std::string_view kWhat = "the project document";

// A fault of the text as a whole has no details.
std::vector<Fault> faults_of(const Error& error) {
    if (!error.details.empty()) return error.details;
    return {{"", error.message, 0, 0}};
}

}  // namespace

Result<ReadProject> read_project(const json::Value& document) {
    Reading reading;
    ProjectDraft draft = read_draft(document, reading);
    TRY(reading.faults().result(kWhat));
    return ReadProject{std::move(draft.spec), std::move(draft.summary_file), warnings_of(reading), !is_mlapp(document)};
}

Result<ReadProject> read_project_text(std::string_view text) { return read_project(TRY(json::parse_yaml(text))); }

Examination examine_project_text(std::string_view text, const MoreRules& more) {
    const Result<json::Value> document = json::parse_yaml(text);
    if (!document) return {std::nullopt, faults_of(document.error()), {}};
    Reading reading;
    ProjectDraft draft = read_draft(*document, reading);
    Examination found;
    const bool reads = reading.faults().ok();
    for (const Fault& fault : more(draft.spec)) reading.add_rule_fault(fault);
    if (const auto judged = reading.faults().result(kWhat); !judged) found.faults = faults_of(judged.error());
    found.warnings = warnings_of(reading);
    if (reads) found.spec = std::move(draft.spec);
    return found;
}

Result<domain::Task> read_task(const json::Value& task, const std::string& name, const domain::ProjectSpec& project) {
    constexpr std::string_view kPlain = "tasks[0]";
    const json::Value document = json::Value::object({{name, task}});
    Reading reading;
    ProjectDraft draft;
    draft.spec = project;
    draft.spec.tasks.clear();
    const json::Member& member = document.as_object().front();
    read_task(Cursor(document, reading).member(member, name).standing_for(std::string(kPlain)), draft);
    for (const Fault& fault : domain::validate(draft.spec)) {
        if (fault.path.starts_with(kPlain)) reading.add_rule_fault(fault);
    }
    TRY(reading.faults().result("the task"));
    return std::move(draft.spec.tasks.front());
}

}  // namespace pintle::document
