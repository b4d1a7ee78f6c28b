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

}  // namespace

Result<ReadProject> read_project(const json::Value& document) {
    Reading reading;
    ProjectDraft draft;
    draft.skips_unused_sources = is_mlapp(document);
    read_fields(Cursor(document, reading), is_mlapp(document) ? mlapp_fields() : project_fields(), draft);
    for (const Fault& fault : domain::validate(draft.spec)) reading.add_rule_fault(fault);
    TRY(reading.faults().result("the project document"));
    std::vector<Fault> warnings = reading.faults().warnings();
    std::stable_sort(warnings.begin(), warnings.end(), [](const Fault& a, const Fault& b) { return a.line < b.line; });
    return ReadProject{std::move(draft.spec), std::move(draft.summary_file), std::move(warnings)};
}

Result<ReadProject> read_project_text(std::string_view text) { return read_project(TRY(json::parse_yaml(text))); }

}  // namespace pintle::document
