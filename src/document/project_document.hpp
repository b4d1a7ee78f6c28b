#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/project.hpp"
#include "json/value.hpp"

namespace pintle::document {

/// A project document that was read, with what is worth telling its author.
struct ReadProject {
    domain::ProjectSpec spec;
    std::string summary_file;     ///< `summary_file` of the document: the client puts the file's text into `summary`.
    std::vector<Fault> warnings;  ///< Unknown fields and the like; nothing was refused because of them.
    bool plain = true;            ///< The form of pintle.yaml, and not `kind: MLApp`.
};

/// Rules that the document alone cannot tell, with paths of the spec ("tasks[1].name"); faults of an unread value are
/// passed over.
using MoreRules = std::function<std::vector<Fault>(const domain::ProjectSpec&)>;

/// All that there is to say of a document, good or not.
struct Examination {
    std::optional<domain::ProjectSpec> spec;  ///< Nothing when the document itself has faults.
    std::vector<Fault> faults;                ///< In the order of the text.
    std::vector<Fault> warnings;
};

/// Reads a project from its document, either the plain form (pintle.yaml, docs/project-file.md) or the form with
/// `kind: MLApp`. All faults at once, each with path, line and column; rules of the project as a whole
/// (domain::validate) are checked too and get the places of what they speak of.
[[nodiscard]] Result<ReadProject> read_project(const json::Value& document);
/// The same from YAML (or JSON) text.
[[nodiscard]] Result<ReadProject> read_project_text(std::string_view text);
/// Reads it as read_project_text() does, to tell its author and not to make anything of it.
[[nodiscard]] Examination examine_project_text(std::string_view text, const MoreRules& more);

/// Reads one task as it stands in the plain form, with the rules of the project that it is to be part of. It stands
/// at the field `name` of a larger document, and so do its faults.
[[nodiscard]] Result<domain::Task> read_task(const json::Value& task, const std::string& name,
                                             const domain::ProjectSpec& project);

/// One task, and one source, as they stand in the plain form.
[[nodiscard]] json::Value write_task(const domain::Task& task);
[[nodiscard]] json::Value write_source(const domain::Source& source);
/// The plain form, with defaults left out; reading it gives the same spec.
[[nodiscard]] json::Value write_project(const domain::ProjectSpec& spec);

/// JSON Schema (2020-12) of the plain form, for editors; docs/pintle.schema.json is this text.
[[nodiscard]] std::string project_schema();

}  // namespace pintle::document
