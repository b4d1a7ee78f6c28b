#pragma once

#include "store/records.hpp"
#include "store/sqlite.hpp"

/// The SQL of projects. Private to this module.
namespace pintle::store {

[[nodiscard]] Result<void> save_project(Connection& connection, const domain::Project& project);
[[nodiscard]] Result<void> save_next_build(Connection& connection, const domain::ProjectId& id, int next_build);
/// Whose it was, or nothing when there is none. Its jobs are hidden from then on, and are removed by purge_jobs().
[[nodiscard]] Result<std::optional<domain::UserId>> delete_project(Connection& connection,
                                                                   const domain::ProjectId& id);
/// Removes what is kept of a project beside its jobs, which are gone, and its document.
[[nodiscard]] Result<void> reset_project(Connection& connection, const domain::ProjectId& id);
/// Removes at most `most` jobs of deleted projects. False when none is left.
[[nodiscard]] Result<bool> purge_jobs(Connection& connection, std::int64_t most);
[[nodiscard]] Result<bool> must_purge(Connection& connection);
/// The ids of the projects whose jobs are to be hidden, sorted; nearly always none.
[[nodiscard]] Result<std::vector<std::string>> hidden_projects(Connection& connection);

[[nodiscard]] Result<std::vector<domain::Project>> load_projects(Connection& connection);
[[nodiscard]] Result<std::optional<domain::Project>> find_project(Connection& connection, const domain::ProjectId& id);
[[nodiscard]] Result<std::optional<domain::Project>> find_project_named(Connection& connection, std::string_view name,
                                                                        const domain::GroupId& home);
/// Those that the viewer looks at; the one at home in the viewer's group first.
[[nodiscard]] Result<std::vector<domain::Project>> find_projects_named(Connection& connection, std::string_view name,
                                                                       const Viewer& viewer);
[[nodiscard]] Result<Page<ProjectSummary>> list_projects(Connection& connection, std::string_view text,
                                                         const Viewer& viewer, const PageRequest& page,
                                                         ProjectOrder order);
[[nodiscard]] Result<std::int64_t> count_projects(Connection& connection, const Viewer& viewer);

}  // namespace pintle::store
