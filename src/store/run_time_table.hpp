#pragma once

#include "domain/run_time.hpp"
#include "store/sqlite.hpp"

/// The SQL of how long jobs ran. Private to this module.
namespace pintle::store {

/// Dropped when the project is not there (any more); they go with their project.
[[nodiscard]] Result<void> save_run_times(Connection& connection, const domain::RunTimes& times);
[[nodiscard]] Result<std::vector<domain::RunTimes>> load_run_times(Connection& connection);

}  // namespace pintle::store
