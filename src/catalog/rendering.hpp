#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/project_template.hpp"
#include "domain/project.hpp"

namespace pintle::catalog {

/// What a template makes of values.
struct Rendering {
    std::string text;  ///< The project's document as the template wrote it; empty when it failed.
    std::optional<domain::ProjectSpec> spec;  ///< The project with its summary and form; nothing when there are faults.
    std::vector<TemplateFault> faults;        ///< Of `project` the places are lines of the text.
    std::vector<TemplateFault> warnings;
};

/// Makes a project of the template, named `name` whatever its document says. `values` are complete. Bounded in time and
/// size, however the template is made.
[[nodiscard]] Rendering render(const ProjectTemplate& of, const json::Value& values, const std::string& name);
/// Only whether the templates read as templates and the form as a form.
[[nodiscard]] Rendering check_language(const ProjectTemplate& of);

/// What a fault of the made document is told of.
inline constexpr std::string_view kProjectDocument = "project";

}  // namespace pintle::catalog
