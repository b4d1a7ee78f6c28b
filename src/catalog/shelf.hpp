#pragma once

#include <string>
#include <vector>

#include "catalog/project_template.hpp"

namespace pintle::catalog {

inline constexpr std::size_t kTemplatesMost = 200;  ///< Of one catalog.

/// Every template of a catalog, by name: each folder that has a Chart.yaml, up to three deep, and the top itself, which
/// is then named `name`. Below a template no other is looked for.
/// Failure: the tree's; kExhausted for more than 200 templates or 5,000 folders. Templates that are broken are there.
[[nodiscard]] Result<std::vector<ProjectTemplate>> read_shelf(FileTree& tree, const std::string& name);

/// A name of a template or project made of any text: small letters, digits and dashes.
[[nodiscard]] std::string name_made_of(std::string_view text);

}  // namespace pintle::catalog
