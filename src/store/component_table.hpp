#pragma once

#include "domain/component.hpp"
#include "store/sqlite.hpp"

/// The SQL of what was decided of components. Private to this module.
namespace pintle::store {

/// How the column jobs.kind names the jobs of components, which are in no list of jobs.
inline constexpr std::string_view kComponentJobs = "component";

/// Dropped when the project is not there (any more); they go with their project.
[[nodiscard]] Result<void> save_component(Connection& connection, const domain::ComponentRecord& record);
[[nodiscard]] Result<void> delete_component(Connection& connection, const domain::ProjectId& project,
                                            std::string_view name);
[[nodiscard]] Result<std::optional<domain::ComponentRecord>> find_component(Connection& connection,
                                                                            const domain::ProjectId& project,
                                                                            std::string_view name);
[[nodiscard]] Result<std::vector<domain::ComponentRecord>> load_components(Connection& connection);

}  // namespace pintle::store
