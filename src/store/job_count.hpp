#pragma once

#include "store/records.hpp"
#include "store/sqlite.hpp"

/// How many jobs there are. Private to this module.
namespace pintle::store {

/// Exact, unless a bounded number of rows did not suffice to tell.
[[nodiscard]] Result<JobTotal> count_matching(Connection& connection, const JobFilter& filter);
/// Of the jobs that the viewer looks at, in these projects or in all. Reads counts, not jobs.
[[nodiscard]] Result<JobNumbers> count_numbers(Connection& connection, const Viewer& viewer,
                                               const std::vector<domain::ProjectId>& projects, Time since);

}  // namespace pintle::store
