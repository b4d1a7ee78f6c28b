#pragma once

#include "store/records.hpp"
#include "store/sqlite.hpp"

/// The SQL of the history of replicas. Private to this module.
namespace pintle::store {

/// Brings the history up to date with what the event did; `job` is the job after this event and maybe later ones,
/// `seq` the number that save_job() gave. Earlier attempts stay as they ended.
[[nodiscard]] Result<void> record_attempts(Connection& connection, std::int64_t seq, const domain::Job& job,
                                           const domain::JobEvent& event);
/// Newest first.
[[nodiscard]] Result<Page<AttemptRecord>> list_attempts(Connection& connection, const AttemptFilter& filter,
                                                        const PageRequest& page);

}  // namespace pintle::store
