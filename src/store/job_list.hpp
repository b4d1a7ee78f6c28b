#pragma once

#include "store/records.hpp"
#include "store/sqlite.hpp"

/// The list of jobs. Private to this module.
namespace pintle::store {

[[nodiscard]] Result<Page<JobSummary>> list_jobs(Connection& connection, const JobFilter& filter, JobOrder order,
                                                 const PageRequest& page);

}  // namespace pintle::store
