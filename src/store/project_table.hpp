#pragma once

#include "store/records.hpp"
#include "store/sqlite.hpp"

/// The SQL of projects. Private to this module.
namespace pintle::store {

[[nodiscard]] Result<void> save_project(Connection& connection, const domain::Project& project);
[[nodiscard]] Result<void> save_next_build(Connection& connection, const domain::ProjectId& id, int next_build);
/// With everything of it. False when there is none.
[[nodiscard]] Result<bool> delete_project(Connection& connection, const domain::ProjectId& id);

[[nodiscard]] Result<std::vector<domain::Project>> load_projects(Connection& connection);
[[nodiscard]] Result<std::optional<domain::Project>> find_project(Connection& connection, const domain::ProjectId& id);
[[nodiscard]] Result<std::optional<domain::Project>> find_project_named(Connection& connection, std::string_view name);
[[nodiscard]] Result<Page<ProjectSummary>> list_projects(Connection& connection, std::string_view text, const PageRequest& page);

}  // namespace pintle::store
