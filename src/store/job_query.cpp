#include "store/job_query.hpp"

#include <algorithm>

#include "store/job_table.hpp"
#include "store/project_table.hpp"
#include "store/tag_table.hpp"

namespace pintle::store {
namespace {

using domain::JobState;

constexpr std::size_t kWalksMost = 64;
constexpr std::size_t kProjectsMost = 10'000;

constexpr JobPath kAll{"jobs INDEXED BY jobs_by_time", ""};
constexpr JobPath kByState{"jobs INDEXED BY jobs_by_state", "state = ?5 AND "};
constexpr JobPath kByProject{"jobs INDEXED BY jobs_by_project", "project_id = ?5 AND "};
constexpr JobPath kByProjectState{"jobs INDEXED BY jobs_by_project_state", "project_id = ?5 AND state = ?6 AND "};
constexpr JobPath kByTask{"jobs INDEXED BY jobs_by_task", "project_id = ?5 AND task = ?6 AND "};
constexpr JobPath kByOwnerLive{"jobs INDEXED BY jobs_by_owner", "owner = ?5 AND live = 1 AND "};
constexpr JobPath kByOwnerEnded{"jobs INDEXED BY jobs_by_owner", "owner = ?5 AND live = 0 AND "};
constexpr JobPath kByTag{"job_tags t CROSS JOIN jobs ON seq = t.job", "t.tag = ?5 AND ", "t.submitted_at", "t.job"};

constexpr std::string_view kCountTag = "SELECT count(*) FROM (SELECT 1 FROM job_tags WHERE tag = ?1 LIMIT ?2)";

std::vector<JobState> states_of(const JobFilter& filter) {
    std::vector<JobState> states;
    for (int i = 0; i < domain::kJobStateCount; ++i) {
        const auto state = static_cast<JobState>(i);
        const bool asked = filter.states.empty() ||
                           std::find(filter.states.begin(), filter.states.end(), state) != filter.states.end();
        if (asked && !(filter.live_only && domain::is_final(state))) states.push_back(state);
    }
    return states;
}

// A project named twice must not be walked twice.
std::vector<std::string> sorted_ids(const std::vector<domain::ProjectId>& projects) {
    std::vector<std::string> ids;
    for (const domain::ProjectId& project : projects) ids.push_back(project.str());
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}

domain::TaskKind kind_from(std::string_view text) {
    using domain::TaskKind;
    for (const TaskKind kind : {TaskKind::kTraining, TaskKind::kInit, TaskKind::kExport}) {
        if (domain::to_string(kind) == text) return kind;
    }
    return TaskKind::kGeneral;
}

bool is_any(const std::vector<JobState>& states) { return states.size() == domain::kJobStateCount; }

std::string sql_of(const JobPath& path, std::string_view columns, std::string_view end) {
    return fmt::format(
        "SELECT {0} FROM {1} WHERE {2}({3}, {4}) > (?1, ?2) AND ({3}, {4}) < (?3, ?4) AND kind <> 'component' {5}",
        columns, path.from, path.condition, path.time, path.number, end);
}

void bind_walk(Statement& statement, const JobWalk& walk, const JobBounds& bounds) {
    statement.bind(bounds.low.major, bounds.low.minor, bounds.high.major, bounds.high.minor);
    for (std::size_t i = 0; i < walk.keys.size(); ++i) statement.bind_one(5 + static_cast<int>(i), walk.keys[i]);
}

void add_walks_of_project(std::vector<JobWalk>& walks, const std::string& project, const std::string& task,
                          const std::vector<JobState>& states) {
    if (is_any(states)) {
        walks.push_back(task.empty() ? JobWalk{kByProject, {project}} : JobWalk{kByTask, {project, task}});
        return;
    }
    for (const JobState state : states)
        walks.push_back({kByProjectState, {project, std::string(domain::to_string(state))}});
}

void add_walks_of_owner(std::vector<JobWalk>& walks, const std::string& owner, const std::vector<JobState>& states) {
    const auto ends = [](JobState state) { return domain::is_final(state); };
    if (!std::all_of(states.begin(), states.end(), ends)) walks.push_back({kByOwnerLive, {owner}});
    if (std::any_of(states.begin(), states.end(), ends)) walks.push_back({kByOwnerEnded, {owner}});
}

}  // namespace

Result<JobSummary> read_summary(const Statement& row, UserNames& names) {
    JobSummary job;
    job.id = domain::JobId(row.text(kId));
    job.project_id = domain::ProjectId(row.text(kProject));
    job.project_name = row.text(kProjectName);
    job.task = row.text(kTask);
    job.kind = kind_from(row.view(kKind));
    job.build = static_cast<int>(row.integer(kBuild));
    job.state = TRY(read_job_state(row.view(kState)));
    job.reason = row.text(kReason);
    job.submitted_by = row.text(kBy);
    job.cloned_from = row.text(kClonedFrom);
    job.owner = domain::UserId(row.text(kOwner));
    job.owner_name = TRY(names.of(job.owner));
    job.group = domain::GroupId(row.text(kGroup));
    job.pool = domain::PoolId(row.text(kPool));
    job.priority = static_cast<int>(row.integer(kPriority));
    if (!row.is_null(kHeld)) job.held = row.text(kHeld);
    job.replicas = static_cast<int>(row.integer(kReplicas));
    job.gpus = static_cast<int>(row.integer(kGpus));
    job.gpus_held = static_cast<int>(row.integer(kGpusHeld));
    job.properties = TRY(read_properties(row.view(kProperties)));
    job.tags = read_tags(row.view(kTags));
    job.revision = row.integer(kRevision);
    job.submitted_at = row.time(kSubmitted);
    job.started_at = row.time(kStarted);
    job.running_at = row.time(kRunning);
    job.ended_at = row.time(kEnded);
    return job;
}

Result<JobQuery> JobQuery::of(Connection& connection, const JobFilter& filter) {
    if (filter.projects.size() > kProjectsMost) {
        return fail(ErrorCode::kInvalid, "projects: expected at most {}, got {}", kProjectsMost,
                    filter.projects.size());
    }
    JobQuery query(TRY(TextMatch::of(filter.text)));
    query.filter = filter;
    query.projects = sorted_ids(filter.projects);
    query.states = states_of(filter);
    query.sees = TRY(Visibility::of(connection, filter.viewer));
    query.hidden_ = TRY(hidden_projects(connection));
    query.tag_ = TRY(rarest(connection, filter.tags));
    return query;
}

Result<JobQuery::RareTag> JobQuery::rarest(Connection& connection, const std::vector<std::string>& tags) {
    RareTag rarest;
    std::int64_t least = kExaminedMost + 1;
    for (const std::string& tag : tags) {
        Statement row = TRY(connection.prepare(kCountTag));
        static_cast<void>(TRY(row.bind(tag, least).step()));
        if (!rarest.tag.empty() && row.integer(0) >= least) continue;
        least = row.integer(0);
        rarest = {tag, least <= static_cast<std::int64_t>(kExaminedMost)};
    }
    return rarest;
}

JobQuery::Places JobQuery::places() const {
    if (projects.empty() && filter.owner) return {false, {}, filter.owner->str()};
    if (sees.everything()) return {projects.empty(), projects, std::nullopt};
    Visibility::Paths paths = sees.paths(projects);
    return {false, std::move(paths.projects), paths.own ? std::optional(sees.user()) : std::nullopt};
}

std::vector<JobWalk> JobQuery::walks_of_states(const std::vector<JobState>& wanted, bool may_use_tags) const {
    const Places found = places();
    if (may_use_tags && (tag_.is_rare || (found.anywhere && !tag_.tag.empty()))) return {{kByTag, {tag_.tag}}};
    std::vector<JobWalk> walks;
    const std::size_t walks_each = is_any(wanted) ? 1 : wanted.size();
    if (!found.anywhere && found.projects.size() * walks_each <= kWalksMost) {
        for (const std::string& project : found.projects) add_walks_of_project(walks, project, filter.task, wanted);
        if (found.owner) add_walks_of_owner(walks, *found.owner, wanted);
        return walks;
    }
    if (is_any(wanted)) return {{kAll, {}}};
    for (const JobState state : wanted) walks.push_back({kByState, {std::string(domain::to_string(state))}});
    return walks;
}

bool JobQuery::means(std::string_view project, std::string_view owner) const {
    if (std::binary_search(hidden_.begin(), hidden_.end(), project)) return false;
    if (!projects.empty() && !std::binary_search(projects.begin(), projects.end(), project)) return false;
    return sees.sees_job(project, owner);
}

bool JobQuery::accepts(const Statement& row) const {
    if (!means(row.view(kProject), row.view(kOwner))) return false;
    if (!filter.task.empty() && row.view(kTask) != filter.task) return false;
    if (filter.owner && row.view(kOwner) != filter.owner->str()) return false;
    if (filter.pool && row.view(kPool) != filter.pool->str()) return false;
    if (filter.since && row.time(kSubmitted) < *filter.since) return false;
    if (filter.until && row.time(kSubmitted) >= *filter.until) return false;
    if (filter.ended_since && (row.is_null(kEnded) || row.time(kEnded) < *filter.ended_since)) return false;
    for (const std::string& tag : filter.tags) {
        if (!has_tag(row.view(kTags), tag)) return false;
    }
    return has_state(row.view(kState)) && has_text(row);
}

bool JobQuery::has_state(std::string_view text) const {
    return is_any(states) || std::any_of(states.begin(), states.end(),
                                         [&](JobState state) { return domain::to_string(state) == text; });
}

bool JobQuery::has_text(const Statement& row) const {
    if (filter.text.empty()) return true;
    const std::string name = fmt::format("{}/{}:{}", row.view(kProjectName), row.view(kTask), row.integer(kBuild));
    return text_.in({name, row.view(kReason), row.view(kBy), row.view(kId)});
}

JobBounds JobQuery::bounds() const {
    JobBounds bounds;
    // Numbers of jobs begin at 1, so (time, 0) lies before every job of that time.
    if (filter.since) bounds.low = {to_ms(*filter.since), 0};
    if (filter.until) bounds.high = {to_ms(*filter.until), 0};
    return bounds;
}

Result<void> JobMerge::add(const std::vector<JobWalk>& walks) {
    for (const JobWalk& walk : walks) {
        const std::string_view direction = newest_first_ ? " DESC" : "";
        const std::string end =
            fmt::format("ORDER BY {0}{2}, {1}{2}", walk.path.time, walk.path.number, direction);
        Statement statement = TRY(connection_.prepare(sql_of(walk.path, columns_, end)));
        bind_walk(statement, walk, bounds_);
        if (TRY(statement.step())) walks_.push_back(std::move(statement));
    }
    return {};
}

const Statement* JobMerge::front() {
    if (walks_.empty()) return nullptr;
    std::swap(walks_[first()], walks_.back());
    return &walks_.back();
}

Result<void> JobMerge::advance() {
    if (!TRY(walks_.back().step())) walks_.pop_back();
    return {};
}

std::size_t JobMerge::first() const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < walks_.size(); ++i) {
        if (before(place_of(walks_[i]), place_of(walks_[best]))) best = i;
    }
    return best;
}

bool JobMerge::before(const Cursor& a, const Cursor& b) const {
    const bool less = a.major != b.major ? a.major < b.major : a.minor < b.minor;
    return newest_first_ ? !less : less;
}

Result<std::size_t> count_rows(Connection& connection, const std::vector<JobWalk>& walks, const JobBounds& bounds,
                               std::size_t most) {
    std::size_t count = 0;
    for (const JobWalk& walk : walks) {
        if (count > most) break;
        Statement row = TRY(connection.prepare(
            fmt::format("SELECT count(*) FROM ({})", sql_of(walk.path, "1", "LIMIT ?7"))));
        bind_walk(row, walk, bounds);
        row.bind_one(7, static_cast<std::int64_t>(most - count + 1));
        static_cast<void>(TRY(row.step()));
        count += static_cast<std::size_t>(row.integer(0));
    }
    return count;
}

}  // namespace pintle::store
