#pragma once

#include "store/job_counts.hpp"
#include "store/records.hpp"
#include "store/sqlite.hpp"

/// The SQL of jobs, except for the list of them, which is in job_list.hpp. Private to this module.
namespace pintle::store {

/// Returns the number under which other tables know the job. Its events are saved elsewhere; the first of them holds
/// its spec, which the document therefore leaves out.
[[nodiscard]] Result<std::int64_t> save_job(Connection& connection, const domain::Job& job, JobCounts& counts);
/// With everything of it. Its project, or nothing when there is no such job.
[[nodiscard]] Result<std::optional<domain::ProjectId>> delete_job(Connection& connection, const domain::JobId& id);

/// Those that are not final, in the order of submission. Reads nothing of any other.
[[nodiscard]] Result<std::vector<domain::Job>> load_live_jobs(Connection& connection);
[[nodiscard]] Result<std::optional<domain::Job>> find_job(Connection& connection, const domain::JobId& id);
[[nodiscard]] Result<std::optional<domain::Job>> find_job_of_build(Connection& connection,
                                                                   const domain::ProjectId& project, int build);

[[nodiscard]] Result<StateCounts> count_jobs(Connection& connection);
[[nodiscard]] Result<StateCounts> count_jobs_of(Connection& connection, const domain::ProjectId& project);
/// Of each project that has jobs.
[[nodiscard]] Result<std::map<domain::ProjectId, StateCounts>> count_jobs_by_project(Connection& connection);

/// Of each project that the viewer looks at.
[[nodiscard]] Result<std::map<domain::ProjectId, StateCounts>> count_jobs_seen(Connection& connection,
                                                                               const Viewer& viewer);
/// At most `limit` of the jobs that had resources of the pool between `from` and `to`: those that have them still, the
/// last submitted first, then the last ended.
[[nodiscard]] Result<std::vector<PoolUse>> jobs_of_pool_between(Connection& connection, const domain::PoolId& pool,
                                                                Time from, Time to, std::size_t limit);

/// A time that is NULL until it comes.
[[nodiscard]] inline std::optional<Time> if_come(Time time) {
    return time == Time{} ? std::nullopt : std::optional(time);
}
/// The state that a column holds.
[[nodiscard]] Result<domain::JobState> read_job_state(std::string_view text);
/// The properties as the column `properties` holds them.
[[nodiscard]] Result<std::map<std::string, domain::PropertyValue>> read_properties(std::string_view text);

}  // namespace pintle::store
