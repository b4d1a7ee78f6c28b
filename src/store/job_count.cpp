#include "store/job_count.hpp"

#include <algorithm>

#include "store/job_query.hpp"
#include "store/job_table.hpp"

namespace pintle::store {
namespace {

constexpr std::size_t kCountedMost = 10'000;
constexpr std::size_t kEndedMost = 20'000;

constexpr std::string_view kOwnEnded =
    "SELECT c.project_id, c.state, c.count FROM ended_counts c CROSS JOIN projects p ON p.id = c.project_id "
    "WHERE c.owner = ?1 AND c.count > 0";
constexpr std::string_view kOwnLive =
    "SELECT j.project_id, j.state, 1 FROM jobs j INDEXED BY jobs_by_owner CROSS JOIN projects p ON p.id = j.project_id "
    "WHERE j.owner = ?1 AND j.live = 1 AND j.kind <> 'component'";
constexpr std::string_view kEndedSince =
    "SELECT ended_at, state, project_id, owner FROM jobs INDEXED BY jobs_by_end WHERE live = 0 AND kind <> 'component' "
    "AND ended_at >= ?1 "
    "ORDER BY ended_at DESC, seq DESC";

using Scope = Viewer::Scope;

// Counts of jobs of the viewer's own are added, or taken from those of the projects, as the scope says.
Result<void> count_own(Connection& connection, const JobQuery& query, Scope scope, StateCounts& counts) {
    for (const std::string_view sql : {kOwnEnded, kOwnLive}) {
        Statement rows = TRY(connection.prepare(sql));
        rows.bind(query.sees.user());
        while (TRY(rows.step())) {
            const bool asked = query.projects.empty() ||
                               std::binary_search(query.projects.begin(), query.projects.end(), rows.view(0));
            const bool seen = query.sees.sees_project(rows.view(0));
            if (!asked || (scope == Scope::kAll && seen) || (scope == Scope::kShared && !seen)) continue;
            std::int64_t& count = counts[TRY(read_job_state(rows.view(1)))];
            count += scope == Scope::kShared ? -rows.integer(2) : rows.integer(2);
        }
    }
    return {};
}

Result<StateCounts> counts_of(Connection& connection, const JobQuery& query) {
    const Scope scope = query.filter.viewer ? query.filter.viewer->scope : Scope::kEvery;
    if (query.sees.everything() && query.projects.empty()) return count_jobs(connection);
    StateCounts counts;
    if (scope != Scope::kOwned) {
        const std::vector<std::string> projects =
            query.sees.everything() ? query.projects : query.sees.paths(query.projects).projects;
        for (const std::string& project : projects) {
            for (const auto& [state, count] : TRY(count_jobs_of(connection, domain::ProjectId(project))))
                counts[state] += count;
        }
    }
    if (!query.sees.everything() && !query.sees.user().empty()) TRY(count_own(connection, query, scope, counts));
    return counts;
}

Result<JobTotal> count_by_looking(Connection& connection, const JobQuery& query) {
    JobMerge rows(connection, true, kFilterColumns, query.bounds());
    TRY(rows.add(query.walks()));
    JobTotal total;
    Cursor last;
    for (std::size_t examined = 0; const Statement* row = rows.front(); ++examined) {
        if (examined >= kCountedMost) {
            total.is_exact = false;
            break;
        }
        const bool met = place_of(*row) == last;
        last = place_of(*row);
        if (!met && query.accepts(*row)) ++total.count;
        TRY(rows.advance());
    }
    return total;
}

}  // namespace

Result<JobTotal> count_matching(Connection& connection, const JobFilter& filter) {
    const JobQuery query = TRY(JobQuery::of(connection, filter));
    const bool counts_tell = filter.task.empty() && filter.text.empty() && !filter.since && !filter.until &&
                             !filter.ended_since && !filter.owner && !filter.pool && filter.tags.empty();
    if (!counts_tell) return count_by_looking(connection, query);
    JobTotal total;
    StateCounts counts = TRY(counts_of(connection, query));
    for (const domain::JobState state : query.states) total.count += counts[state];
    return total;
}

Result<JobNumbers> count_numbers(Connection& connection, const Viewer& viewer,
                                 const std::vector<domain::ProjectId>& projects, Time since) {
    JobFilter filter;
    filter.viewer = viewer;
    filter.projects = projects;
    const JobQuery query = TRY(JobQuery::of(connection, filter));
    JobNumbers numbers;
    numbers.by_state = TRY(counts_of(connection, query));
    numbers.since = since;
    Statement rows = TRY(connection.prepare(kEndedSince));
    rows.bind(since);
    for (std::size_t examined = 0; TRY(rows.step()); ++examined) {
        if (examined >= kEndedMost) {
            numbers.since = rows.time(0) + Duration(1);
            break;
        }
        if (!query.means(rows.view(2), rows.view(3))) continue;
        const domain::JobState state = TRY(read_job_state(rows.view(1)));
        if (state == domain::JobState::kError) ++numbers.failed;
        if (state == domain::JobState::kComplete) ++numbers.complete;
    }
    return numbers;
}

}  // namespace pintle::store
