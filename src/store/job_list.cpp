#include "store/job_list.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "store/cursor.hpp"
#include "store/job_table.hpp"
#include "store/project_table.hpp"
#include "store/tag_table.hpp"
#include "store/text_match.hpp"
#include "store/user_table.hpp"
#include "store/visibility.hpp"

// Every list is walked in the order (submitted_at, seq). An index gives that order only while its other columns
// are fixed, so a filter with several projects or states becomes a walk for each combination, and the walks are
// merged. What no walk narrows (text, most of all) is checked row by row, for a bounded number of rows.
namespace pintle::store {
namespace {

using domain::JobState;

constexpr std::size_t kWalksMost = 64;
constexpr std::size_t kExaminedMost = 5000;
constexpr std::size_t kProjectsMost = 10'000;

enum Column {
    kSeq,
    kId,
    kProject,
    kProjectName,
    kTask,
    kKind,
    kBuild,
    kState,
    kReason,
    kBy,
    kClonedFrom,
    kOwner,
    kGroup,
    kPool,
    kPriority,
    kHeld,
    kReplicas,
    kGpus,
    kGpusHeld,
    kProperties,
    kTags,
    kRevision,
    kSubmitted,
    kStarted,
    kRunning,
    kEnded
};

struct Bounds {
    Cursor low{std::numeric_limits<std::int64_t>::min(), 0};
    Cursor high{std::numeric_limits<std::int64_t>::max(), 0};
};

/// Which index is walked: where it is, the conditions on its first columns, and its columns for the place in the order.
struct Path {
    std::string_view from;
    std::string_view condition;
    std::string_view time = "submitted_at";
    std::string_view number = "seq";
};
constexpr Path kAll{"jobs INDEXED BY jobs_by_time", ""};
constexpr Path kByState{"jobs INDEXED BY jobs_by_state", "state = ?5 AND "};
constexpr Path kByProject{"jobs INDEXED BY jobs_by_project", "project_id = ?5 AND "};
constexpr Path kByProjectState{"jobs INDEXED BY jobs_by_project_state", "project_id = ?5 AND state = ?6 AND "};
constexpr Path kByTask{"jobs INDEXED BY jobs_by_task", "project_id = ?5 AND task = ?6 AND "};
constexpr Path kByOwner{"jobs INDEXED BY jobs_by_owner", "owner = ?5 AND live = ?6 AND "};
constexpr Path kByTag{"job_tags t CROSS JOIN jobs ON seq = t.job", "t.tag = ?5 AND ", "t.submitted_at", "t.job"};

constexpr std::string_view kCountTag =
    "SELECT count(*) FROM (SELECT 1 FROM job_tags WHERE tag = ?1 LIMIT ?2)";

std::string sql_of(const Path& path, JobOrder order) {
    const std::string_view direction = order == JobOrder::kNewestFirst ? " DESC" : "";
    return fmt::format(
        "SELECT seq, id, project_id, project_name, task, kind, build, state, reason, submitted_by, cloned_from, owner, "
        "group_id, pool_id, priority, held, replicas, gpus, gpus_held, properties, tags, revision, jobs.submitted_at, "
        "started_at, running_at, ended_at FROM {0} "
        "WHERE {1}({2}, {3}) > (?1, ?2) AND ({2}, {3}) < (?3, ?4) ORDER BY {2}{4}, {3}{4}",
        path.from, path.condition, path.time, path.number, direction);
}

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

Cursor place_of(const Statement& row) { return {row.integer(kSubmitted), row.integer(kSeq)}; }

/// The merged walks; gives the rows of all of them in order.
class Merge {
public:
    Merge(Connection& connection, JobOrder order, const Bounds& bounds)
        : connection_(connection), order_(order), bounds_(bounds) {}

    template <class... Keys>
    [[nodiscard]] Result<void> add(const Path& path, const Keys&... keys) {
        Statement walk = TRY(connection_.prepare(sql_of(path, order_)));
        walk.bind(bounds_.low.major, bounds_.low.minor, bounds_.high.major, bounds_.high.minor, keys...);
        if (TRY(walk.step())) walks_.push_back(std::move(walk));
        return {};
    }
    /// The next row, or a null pointer at the end. Valid until advance().
    [[nodiscard]] const Statement* front() {
        if (walks_.empty()) return nullptr;
        std::swap(walks_[first()], walks_.back());
        return &walks_.back();
    }
    [[nodiscard]] Result<void> advance() {
        if (!TRY(walks_.back().step())) walks_.pop_back();
        return {};
    }

private:
    [[nodiscard]] std::size_t first() const {
        std::size_t best = 0;
        for (std::size_t i = 1; i < walks_.size(); ++i) {
            if (before(place_of(walks_[i]), place_of(walks_[best]))) best = i;
        }
        return best;
    }
    [[nodiscard]] bool before(const Cursor& a, const Cursor& b) const {
        const bool less = a.major != b.major ? a.major < b.major : a.minor < b.minor;
        return order_ == JobOrder::kOldestFirst ? less : !less;
    }

    Connection& connection_;
    JobOrder order_;
    Bounds bounds_;
    std::vector<Statement> walks_;  // each stands on a row
};

Result<void> add_walks_of_projects(Merge& merge, const JobFilter& filter, const std::vector<std::string>& projects,
                                   const std::vector<JobState>& states) {
    for (const std::string& project : projects) {
        if (states.size() == domain::kJobStateCount) {
            TRY(filter.task.empty() ? merge.add(kByProject, project) : merge.add(kByTask, project, filter.task));
            continue;
        }
        for (const JobState state : states) TRY(merge.add(kByProjectState, project, domain::to_string(state)));
    }
    return {};
}

Result<void> add_walks_of_owner(Merge& merge, const std::string& owner, const std::vector<JobState>& states) {
    for (const bool live : {true, false}) {
        const auto is_such = [&](JobState state) { return domain::is_final(state) != live; };
        if (std::any_of(states.begin(), states.end(), is_such)) TRY(merge.add(kByOwner, owner, live));
    }
    return {};
}

/// Where the jobs that are looked for are to be found; the walks of all of these together meet every one of them.
struct Places {
    bool anywhere = false;
    std::vector<std::string> projects;
    std::optional<std::string> owner;
};

Places places_of(const JobFilter& filter, const std::vector<std::string>& projects, const Visibility& sees) {
    if (projects.empty() && filter.owner) return {false, {}, filter.owner->str()};
    if (sees.everything()) return {projects.empty(), projects, std::nullopt};
    Visibility::Paths paths = sees.paths(projects);
    return {false, std::move(paths.projects), paths.own ? std::optional(sees.user()) : std::nullopt};
}

/// The tag that fewest jobs have, and whether a single page can look at all of them.
struct RareTag {
    std::string tag;
    bool is_rare = false;
};

Result<RareTag> rarest_tag(Connection& connection, const std::vector<std::string>& tags) {
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

Result<void> add_walks(Merge& merge, const JobFilter& filter, const Places& places,
                       const std::vector<JobState>& states, const RareTag& tag) {
    if (tag.is_rare || (places.anywhere && !tag.tag.empty())) return merge.add(kByTag, tag.tag);
    const bool any_state = states.size() == domain::kJobStateCount;
    const std::size_t walks_each = any_state ? 1 : states.size();
    if (!places.anywhere && places.projects.size() * walks_each <= kWalksMost) {
        TRY(add_walks_of_projects(merge, filter, places.projects, states));
        return places.owner ? add_walks_of_owner(merge, *places.owner, states) : Result<void>();
    }
    if (any_state) return merge.add(kAll);
    for (const JobState state : states) TRY(merge.add(kByState, domain::to_string(state)));
    return {};
}

/// What the walks may have left open.
class RowFilter {
public:
    RowFilter(const JobFilter& filter, const std::vector<JobState>& states, const std::vector<std::string>& projects,
              const Visibility& sees, TextMatch text, std::vector<std::string> hidden)
        : filter_(filter), states_(states), projects_(projects), sees_(sees), hidden_(std::move(hidden)),
          text_(std::move(text)) {}
    [[nodiscard]] bool accepts(const Statement& row) const {
        if (std::binary_search(hidden_.begin(), hidden_.end(), row.view(kProject))) return false;
        if (!projects_.empty() && !std::binary_search(projects_.begin(), projects_.end(), row.view(kProject))) {
            return false;
        }
        if (!filter_.task.empty() && row.view(kTask) != filter_.task) return false;
        if (filter_.owner && row.view(kOwner) != filter_.owner->str()) return false;
        for (const std::string& tag : filter_.tags) {
            if (!has_tag(row.view(kTags), tag)) return false;
        }
        if (filter_.pool && row.view(kPool) != filter_.pool->str()) return false;
        return has_state(row.view(kState)) && sees_.sees_job(row.view(kProject), row.view(kOwner)) && has_text(row);
    }

private:
    [[nodiscard]] bool has_state(std::string_view text) const {
        return states_.size() == domain::kJobStateCount ||
               std::any_of(states_.begin(), states_.end(),
                           [&](JobState state) { return domain::to_string(state) == text; });
    }
    [[nodiscard]] bool has_text(const Statement& row) const {
        const std::string name = fmt::format("{}/{}:{}", row.view(kProjectName), row.view(kTask), row.integer(kBuild));
        return text_.in({name, row.view(kReason), row.view(kBy), row.view(kId)});
    }

    const JobFilter& filter_;
    const std::vector<JobState>& states_;
    const std::vector<std::string>& projects_;  // sorted
    const Visibility& sees_;
    std::vector<std::string> hidden_;
    TextMatch text_;
};

domain::TaskKind kind_from(std::string_view text) {
    using domain::TaskKind;
    for (const TaskKind kind : {TaskKind::kTraining, TaskKind::kInit, TaskKind::kExport}) {
        if (domain::to_string(kind) == text) return kind;
    }
    return TaskKind::kGeneral;
}

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

// A project named twice must not be walked twice.
std::vector<std::string> sorted_ids(const std::vector<domain::ProjectId>& projects) {
    std::vector<std::string> ids;
    for (const domain::ProjectId& project : projects) ids.push_back(project.str());
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}

// Each order has its own letter, since a cursor of one is no place to go on in the other.
char letter_of(JobOrder order) { return order == JobOrder::kNewestFirst ? 'n' : 'o'; }

Result<Bounds> bounds_of(const JobFilter& filter, JobOrder order, const std::string& cursor) {
    Bounds bounds;
    // Numbers of jobs begin at 1, so (time, 0) lies before every job of that time.
    if (filter.since) bounds.low = {to_ms(*filter.since), 0};
    if (filter.until) bounds.high = {to_ms(*filter.until), 0};
    if (cursor.empty()) return bounds;
    const Cursor at = TRY(read_cursor(letter_of(order), cursor));
    const auto earlier = [](const Cursor& a, const Cursor& b) {
        return std::pair(a.major, a.minor) < std::pair(b.major, b.minor);
    };
    if (order == JobOrder::kNewestFirst) {
        bounds.high = std::min(bounds.high, at, earlier);
    } else {
        bounds.low = std::max(bounds.low, at, earlier);
    }
    return bounds;
}

}  // namespace

std::string JobSummary::display_name() const { return fmt::format("{}/{}:{}", project_name, task, build); }

Result<Page<JobSummary>> list_jobs(Connection& connection, const JobFilter& filter, JobOrder order,
                                   const PageRequest& page) {
    TRY(check_limit(page.limit));
    if (filter.projects.size() > kProjectsMost) {
        return fail(ErrorCode::kInvalid, "projects: expected at most {}, got {}", kProjectsMost,
                    filter.projects.size());
    }
    const std::vector<std::string> projects = sorted_ids(filter.projects);
    const std::vector<JobState> states = states_of(filter);
    const Visibility sees = TRY(Visibility::of(connection, filter.viewer));
    const RowFilter rest(filter, states, projects, sees, TRY(TextMatch::of(filter.text)),
                         TRY(hidden_projects(connection)));
    Merge rows(connection, order, TRY(bounds_of(filter, order, page.cursor)));
    const RareTag tag = TRY(rarest_tag(connection, filter.tags));
    TRY(add_walks(rows, filter, places_of(filter, projects, sees), states, tag));
    UserNames names(connection);
    Page<JobSummary> found;
    Cursor last;
    for (std::size_t examined = 0; const Statement* row = rows.front(); ++examined) {
        // A job of one's own in a project that one sees is met by two walks, one directly after the other.
        const bool met = place_of(*row) == last;
        if (!met && (found.items.size() == page.limit || examined >= kExaminedMost)) {
            found.next = write_cursor(letter_of(order), last);
            break;
        }
        last = place_of(*row);
        if (!met && rest.accepts(*row)) found.items.push_back(TRY(read_summary(*row, names)));
        TRY(rows.advance());
    }
    return found;
}

}  // namespace pintle::store
