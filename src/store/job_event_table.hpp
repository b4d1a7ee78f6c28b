#pragma once

#include "domain/job_event.hpp"
#include "store/sqlite.hpp"

/// The SQL of the events of jobs. Private to this module.
namespace pintle::store {

/// `job` is the number that save_job() gave.
[[nodiscard]] Result<void> add_event(Connection& connection, std::int64_t job, const domain::JobEvent& event);
/// Those with a sequence after `after`, in order.
[[nodiscard]] Result<std::vector<domain::JobEvent>> list_events(Connection& connection, const domain::JobId& job,
                                                                std::int64_t after, std::size_t limit);

}  // namespace pintle::store
