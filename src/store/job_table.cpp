#include "store/job_table.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "document/stored_document.hpp"
#include "json/json_text.hpp"
#include "store/component_table.hpp"
#include "store/cursor.hpp"
#include "store/visibility.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kIsProject = "SELECT 1 FROM projects WHERE id = ?1";
constexpr std::string_view kAdd =
    "INSERT INTO jobs (id, project_id, project_name, task, kind, build, state, live, reason, submitted_by, "
    "cloned_from, replicas, gpus, properties, revision, submitted_at, started_at, running_at, ended_at, owner, "
    "group_id, pool_id, priority, rank, held, requeues, gpus_held) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, "
    "?23, ?24, ?25, ?26, ?27)";
constexpr std::string_view kAddDocument = "INSERT INTO job_documents (job, document) VALUES (?1, ?2)";
constexpr std::string_view kSaveDocument = "UPDATE job_documents SET document = ?2 WHERE job = ?1";
constexpr std::string_view kSaved =
    "SELECT seq, state, live, owner, group_id, pool_id, started_at, ended_at FROM jobs WHERE id = ?1";
constexpr std::string_view kDelete = "DELETE FROM jobs WHERE id = ?1 RETURNING project_id";
constexpr std::string_view kLoadLive =
    "SELECT d.document, j.owner, e.body FROM jobs j INDEXED BY jobs_live CROSS JOIN job_documents d ON d.job = j.seq "
    "LEFT JOIN job_events e ON e.job = j.seq AND e.sequence = 1 WHERE j.live = 1 ORDER BY j.seq";
constexpr std::string_view kFind =
    "SELECT d.document, j.owner, e.body FROM jobs j CROSS JOIN job_documents d ON d.job = j.seq "
    "LEFT JOIN job_events e ON e.job = j.seq AND e.sequence = 1 "
    "WHERE j.id = ?1 AND EXISTS (SELECT 1 FROM projects WHERE id = j.project_id)";
constexpr std::string_view kFindOfBuild =
    "SELECT d.document, j.owner, e.body FROM jobs j CROSS JOIN job_documents d ON d.job = j.seq "
    "LEFT JOIN job_events e ON e.job = j.seq AND e.sequence = 1 "
    "WHERE j.project_id = ?1 AND j.build = ?2 AND EXISTS (SELECT 1 FROM projects WHERE id = ?1)";
constexpr std::string_view kUseColumns =
    "SELECT id, project_id, project_name, task, build, owner, group_id, gpus_held, priority, rank, seq, submitted_at, "
    "started_at, ended_at FROM jobs INDEXED BY jobs_by_pool WHERE pool_id = ?1 AND started_at IS NOT NULL AND";
constexpr std::string_view kStillUsing = "ended_at IS NULL AND started_at < ?2 ORDER BY seq DESC LIMIT ?3";
constexpr std::string_view kUsedLonger = "ended_at > ?2 ORDER BY ended_at, seq";
constexpr std::string_view kUsedUntil =
    "ended_at > ?2 AND ended_at <= ?3 AND started_at < ?3 ORDER BY ended_at DESC, seq DESC LIMIT ?4";
constexpr std::string_view kCountAll = "SELECT '', state, sum(count) FROM job_counts WHERE count > 0 GROUP BY state";
constexpr std::string_view kCountOf =
    "SELECT project_id, state, count FROM job_counts WHERE project_id = ?1 AND count > 0";
constexpr std::string_view kCountOwned =
    "SELECT c.project_id, c.state, c.count FROM projects p INDEXED BY projects_by_owner "
    "CROSS JOIN job_counts c ON c.project_id = p.id WHERE p.owner = ?1 AND c.count > 0";
constexpr std::string_view kCountEach = "SELECT project_id, state, count FROM job_counts WHERE count > 0";

std::string_view kind_of(const domain::Job& job) {
    return job.kind == domain::JobKind::kComponent ? kComponentJobs : domain::to_string(job.spec.task.kind);
}

std::string write_properties(const domain::Job& job) {
    if (job.properties.empty()) return "";
    return json::to_json(document::to_stored(domain::JobEventBody(domain::event::PropertiesSet{job.properties})));
}

std::optional<std::string_view> held_of(const domain::Job& job) {
    return job.hold ? std::optional<std::string_view>(job.hold->reason) : std::nullopt;
}

Result<domain::Job> read_job(const Statement& row) {
    json::Value document = TRY(json::parse_json(row.view(0)));
    // Documents of 0.1 have a spec of their own.
    if (!document.has("spec")) {
        json::Value submitted = TRY(json::parse_json(row.view(2)));
        document.add("spec", std::move(submitted["spec"]));
    }
    domain::Job job = TRY(document::job_from_stored(document));
    // The document of one that was adopted after it had ended does not say so.
    if (job.owner.empty()) job.owner = domain::UserId(row.text(1));
    return job;
}

PoolUse read_use(const Statement& row) {
    PoolUse use;
    use.job = domain::JobId(row.text(0));
    use.project_id = domain::ProjectId(row.text(1));
    use.project_name = row.text(2);
    use.task = row.text(3);
    use.build = static_cast<int>(row.integer(4));
    use.owner = domain::UserId(row.text(5));
    use.group = domain::GroupId(row.text(6));
    use.gpus_held = static_cast<int>(row.integer(7));
    use.priority = static_cast<int>(row.integer(8));
    use.rank = row.integer(9);
    use.order = row.integer(10);
    use.submitted_at = row.time(11);
    use.started_at = row.time(12);
    use.ended_at = row.time(13);
    return use;
}

Result<std::optional<domain::Job>> find_one(Statement& statement) {
    if (!TRY(statement.step())) return std::nullopt;
    return TRY(read_job(statement));
}

Result<std::map<domain::ProjectId, StateCounts>> read_counts(Statement& rows) {
    std::map<domain::ProjectId, StateCounts> counts;
    while (TRY(rows.step())) {
        const domain::JobState state = TRY(read_job_state(rows.view(1)));
        counts[domain::ProjectId(rows.text(0))][state] = rows.integer(2);
    }
    return counts;
}

/// Which of the columns that indexes hold have changed. An index is written for every column of it that a statement
/// names, and most events leave most of them alone.
struct Moved {
    bool state = false;
    bool live = false;    ///< With the end.
    bool places = false;  ///< With the start.
    bool owner = false;   ///< With group and pool.
};

std::string save_of(const Moved& moved) {
    return fmt::format(
        "UPDATE jobs SET reason = ?1, properties = ?2, revision = ?3, running_at = ?4, priority = ?5, rank = ?6, "
        "held = ?7, requeues = ?8, gpus_held = ?9{}{}{}{} WHERE seq = ?17",
        moved.state ? ", state = ?10" : "", moved.live ? ", live = ?11, ended_at = ?12" : "",
        moved.places ? ", started_at = ?13" : "", moved.owner ? ", owner = ?14, group_id = ?15, pool_id = ?16" : "");
}

std::int64_t ms_or_zero(const Statement& row, int column) { return row.is_null(column) ? 0 : row.integer(column); }

/// A job as it is in the table, as far as saving it again needs that.
struct Saved {
    std::int64_t seq = 0;
    std::string state;
    Moved moved;  ///< From there to the job that is to be saved.
};

Result<std::optional<Saved>> find_saved(Connection& connection, const domain::Job& job) {
    Statement row = TRY(connection.prepare(kSaved));
    if (!TRY(row.borrow_texts().bind(job.id.str()).step())) return std::nullopt;
    Saved saved{row.integer(0), row.text(1), {}};
    saved.moved.state = saved.state != domain::to_string(job.state);
    saved.moved.live = row.boolean(2) == domain::is_final(job.state) || ms_or_zero(row, 7) != to_ms(job.ended_at);
    saved.moved.places = ms_or_zero(row, 6) != to_ms(job.started_at);
    saved.moved.owner =
        row.view(3) != job.owner.str() || row.view(4) != job.group.str() || row.view(5) != job.pool.str();
    return saved;
}

Result<void> save_again(Connection& connection, const domain::Job& job, const Saved& saved) {
    TRY(connection.run(save_of(saved.moved), job.reason, write_properties(job), job.event_count,
                       if_come(job.running_at), job.wish.priority, job.rank, held_of(job), job.requeues,
                       job.gpus_held(), domain::to_string(job.state), !domain::is_final(job.state),
                       if_come(job.ended_at), if_come(job.started_at), job.owner.str(), job.group.str(),
                       job.pool.str(), saved.seq));
    return connection.run(kSaveDocument, saved.seq, document::stored_text_without_spec(job));
}

Result<std::int64_t> add_job(Connection& connection, const domain::Job& job) {
    Statement project = TRY(connection.prepare(kIsProject));
    if (!TRY(project.bind(job.project_id.str()).step())) {
        return fail(ErrorCode::kInternal, "the job {} was not stored, because its project is not", job.id.str());
    }
    TRY(connection.run(kAdd, job.id.str(), job.project_id.str(), job.spec.project_name, job.spec.task.name,
                       kind_of(job), job.build, domain::to_string(job.state),
                       !domain::is_final(job.state), job.reason, job.submitted_by, job.cloned_from,
                       static_cast<std::int64_t>(job.replicas.size()), job.gpus(), write_properties(job),
                       job.event_count, job.submitted_at, if_come(job.started_at), if_come(job.running_at),
                       if_come(job.ended_at), job.owner.str(), job.group.str(), job.pool.str(), job.wish.priority,
                       job.rank, held_of(job), job.requeues, job.gpus_held()));
    const std::int64_t seq = connection.last_inserted();
    TRY(connection.run(kAddDocument, seq, document::stored_text_without_spec(job)));
    return seq;
}

}  // namespace

Result<std::int64_t> save_job(Connection& connection, const domain::Job& job, JobCounts& counts) {
    const std::optional<Saved> saved = TRY(find_saved(connection, job));
    if (!saved) {
        const std::int64_t seq = TRY(add_job(connection, job));
        if (job.kind == domain::JobKind::kTask) counts.entered(job.project_id, domain::to_string(job.state));
        return seq;
    }
    TRY(save_again(connection, job, *saved));
    if (saved->moved.state && job.kind == domain::JobKind::kTask) {
        counts.left(job.project_id, saved->state);
        counts.entered(job.project_id, domain::to_string(job.state));
    }
    return saved->seq;
}

Result<std::optional<domain::ProjectId>> delete_job(Connection& connection, const domain::JobId& id) {
    Statement statement = TRY(connection.prepare(kDelete));
    if (!TRY(statement.bind(id.str()).step())) return std::nullopt;
    domain::ProjectId project(statement.text(0));
    TRY(statement.run());
    return project;
}

Result<std::vector<domain::Job>> load_live_jobs(Connection& connection) {
    Statement statement = TRY(connection.prepare(kLoadLive));
    std::vector<domain::Job> jobs;
    while (TRY(statement.step())) jobs.push_back(TRY(read_job(statement)));
    return jobs;
}

Result<std::optional<domain::Job>> find_job(Connection& connection, const domain::JobId& id) {
    Statement statement = TRY(connection.prepare(kFind));
    return find_one(statement.bind(id.str()));
}

Result<std::optional<domain::Job>> find_job_of_build(Connection& connection, const domain::ProjectId& project,
                                                     int build) {
    Statement statement = TRY(connection.prepare(kFindOfBuild));
    return find_one(statement.bind(project.str(), build));
}

Result<StateCounts> count_jobs(Connection& connection) {
    Statement statement = TRY(connection.prepare(kCountAll));
    return TRY(read_counts(statement))[domain::ProjectId()];
}

Result<StateCounts> count_jobs_of(Connection& connection, const domain::ProjectId& project) {
    Statement statement = TRY(connection.prepare(kCountOf));
    return TRY(read_counts(statement.bind(project.str())))[project];
}

Result<std::map<domain::ProjectId, StateCounts>> count_jobs_by_project(Connection& connection) {
    Statement statement = TRY(connection.prepare(kCountEach));
    return read_counts(statement);
}

Result<std::map<domain::ProjectId, StateCounts>> count_jobs_seen(Connection& connection, const Viewer& viewer) {
    if (viewer.scope == Viewer::Scope::kEvery) return count_jobs_by_project(connection);
    std::map<domain::ProjectId, StateCounts> counts;
    for (const std::string& owner : TRY(owners_seen(connection, viewer))) {
        Statement statement = TRY(connection.prepare(kCountOwned));
        counts.merge(TRY(read_counts(statement.bind(owner))));
    }
    return counts;
}

Result<std::vector<PoolUse>> jobs_of_pool_between(Connection& connection, const domain::PoolId& pool, Time from,
                                                  Time to, std::size_t limit) {
    constexpr std::size_t kExaminedMost = 5000;
    TRY(check_limit(limit));
    std::vector<PoolUse> uses;
    const auto select = [&](std::string_view which) {
        return connection.prepare(fmt::format("{} {}", kUseColumns, which));
    };
    Statement still = TRY(select(kStillUsing));
    still.bind(pool.str(), to, static_cast<std::int64_t>(limit));
    while (TRY(still.step())) uses.push_back(read_use(still));

    // Who had them at `to` mostly ended soon afterwards, so these are looked for from there on and then turned around.
    std::vector<PoolUse> longer;
    Statement later = TRY(select(kUsedLonger));
    later.bind(pool.str(), to);
    for (std::size_t examined = 0; examined < kExaminedMost && longer.size() < limit && TRY(later.step()); ++examined) {
        if (later.time(12) < to) longer.push_back(read_use(later));
    }
    uses.insert(uses.end(), longer.rbegin(), longer.rend());

    Statement until = TRY(select(kUsedUntil));
    until.bind(pool.str(), from, to, static_cast<std::int64_t>(limit));
    while (uses.size() < limit && TRY(until.step())) uses.push_back(read_use(until));
    uses.resize(std::min(uses.size(), limit));
    return uses;
}

Result<domain::JobState> read_job_state(std::string_view text) {
    if (const auto state = domain::job_state_from(text)) return *state;
    return fail(ErrorCode::kCorrupt, "the database holds the unknown job state \"{}\"",
                to_valid_utf8(text.substr(0, 80)));
}

Result<std::map<std::string, domain::PropertyValue>> read_properties(std::string_view text) {
    if (text.empty()) return std::map<std::string, domain::PropertyValue>{};
    const json::Value value = TRY(json::parse_json(text));
    domain::JobEventBody body =
        TRY(document::event_from_stored(domain::kind_of(domain::event::PropertiesSet{}), value));
    return std::get<domain::event::PropertiesSet>(std::move(body)).properties;
}

}  // namespace pintle::store
