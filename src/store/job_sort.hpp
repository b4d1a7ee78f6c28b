#pragma once

#include "store/job_query.hpp"

/// The list of jobs in another order than that of their submission. Private to this module.
///
/// Few jobs are read and sorted. Of many, those of a page are met by walking along an index that has the order, or
/// along projects, states or owners one after the other.
namespace pintle::store {

[[nodiscard]] Result<Page<JobSummary>> list_sorted(Connection& connection, const JobQuery& query, JobOrder order,
                                                   const PageRequest& page);

}  // namespace pintle::store
