#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/project.hpp"
#include "form/form.hpp"
#include "json/value.hpp"

namespace pintle::api {

/// A project's simple form with the template that makes a task of it. Pure; any thread.
struct ProjectForm {
    form::Form form;
    std::string text;  ///< The template's.
};

/// The form as it is saved. Failure: kConflict when the project has none; kInvalid for one that does not read.
[[nodiscard]] Result<ProjectForm> form_of(const domain::ProjectSpec& spec);
/// Fields as somebody edits them: a list, or a text of YAML that is one.
[[nodiscard]] Result<form::Form> read_fields(const json::Value& given);
/// The fields as YAML, for an editor; empty when there are none.
[[nodiscard]] std::string fields_text(const domain::ProjectSpec& spec);

/// Ids of the uploads that the values name, without repeats.
[[nodiscard]] std::vector<std::string> uploads_in(const form::Form& form, const json::Value& values);

/// What the template makes of complete values: `paths` has the place of each upload in the replicas.
/// Failure: kInvalid; the message says whether the template or what it makes is wrong, and the details where.
[[nodiscard]] Result<std::string> render_form(const ProjectForm& form, const json::Value& values,
                                              const std::map<std::string, std::string>& paths);
[[nodiscard]] Result<domain::Task> read_rendered(const std::string& text, const domain::ProjectSpec& spec);

/// What is wrong with a form and a template that are to be saved, with its places ("form[0].name", "form_template").
[[nodiscard]] std::vector<Fault> form_faults(const domain::ProjectSpec& spec);

}  // namespace pintle::api
