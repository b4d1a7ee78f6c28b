#pragma once

#include "store/records.hpp"
#include "store/sqlite.hpp"

/// The SQL of notices. Private to this module.
namespace pintle::store {

inline constexpr int kNoticesOfJobMost = 200;  ///< The oldest go first.

/// Counts up an equal one. False when its job or project is not stored any more; it is then dropped.
[[nodiscard]] Result<bool> add_notice(Connection& connection, const domain::Notice& notice);
/// Of a job, or of a project with all its jobs; the last seen first.
[[nodiscard]] Result<std::vector<NoticeRecord>> list_notices_of_job(Connection& connection, const domain::JobId& job,
                                                                    std::size_t limit);
[[nodiscard]] Result<std::vector<NoticeRecord>> list_notices_of_project(Connection& connection,
                                                                        const domain::ProjectId& project,
                                                                        std::size_t limit);

}  // namespace pintle::store
