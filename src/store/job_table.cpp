#include "store/job_table.hpp"

#include "base/text.hpp"
#include "document/stored_document.hpp"
#include "json/json_text.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kSave =
    "INSERT INTO jobs (id, project_id, project_name, task, kind, build, state, live, reason, submitted_by, "
    "cloned_from, replicas, gpus, properties, revision, submitted_at, started_at, running_at, ended_at) "
    "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19 WHERE "
    "EXISTS (SELECT 1 FROM projects WHERE id = ?2) "
    "ON CONFLICT (id) DO UPDATE SET state = ?7, live = ?8, reason = ?9, properties = ?14, revision = ?15, "
    "started_at = ?17, running_at = ?18, ended_at = ?19 RETURNING seq";
constexpr std::string_view kSaveDocument =
    "INSERT INTO job_documents (job, document) VALUES (?1, ?2) ON CONFLICT (job) DO UPDATE SET document = ?2";
constexpr std::string_view kDelete = "DELETE FROM jobs WHERE id = ?1 RETURNING project_id";
constexpr std::string_view kLoadLive =
    "SELECT d.document FROM jobs j INDEXED BY jobs_live CROSS JOIN job_documents d ON d.job = j.seq WHERE j.live = 1 "
    "ORDER BY j.seq";
constexpr std::string_view kFind =
    "SELECT d.document FROM jobs j CROSS JOIN job_documents d ON d.job = j.seq WHERE j.id = ?1 AND "
    "EXISTS (SELECT 1 FROM projects WHERE id = j.project_id)";
constexpr std::string_view kFindOfBuild =
    "SELECT d.document FROM jobs j CROSS JOIN job_documents d ON d.job = j.seq "
    "WHERE j.project_id = ?1 AND j.build = ?2 AND EXISTS (SELECT 1 FROM projects WHERE id = ?1)";
constexpr std::string_view kCountAll = "SELECT '', state, sum(count) FROM job_counts WHERE count > 0 GROUP BY state";
constexpr std::string_view kCountOf =
    "SELECT project_id, state, count FROM job_counts WHERE project_id = ?1 AND count > 0";
constexpr std::string_view kCountEach = "SELECT project_id, state, count FROM job_counts WHERE count > 0";

std::string write_properties(const domain::Job& job) {
    if (job.properties.empty()) return "";
    return json::to_json(document::to_stored(domain::JobEventBody(domain::event::PropertiesSet{job.properties})));
}

Result<domain::Job> read_job(const Statement& row) {
    const json::Value document = TRY(json::parse_json(row.view(0)));
    return document::job_from_stored(document);
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

}  // namespace

Result<std::int64_t> save_job(Connection& connection, const domain::Job& job) {
    Statement save = TRY(connection.prepare(kSave));
    save.bind(job.id.str(), job.project_id.str(), job.spec.project_name, job.spec.task.name,
              domain::to_string(job.spec.task.kind), job.build, domain::to_string(job.state),
              !domain::is_final(job.state), job.reason, job.submitted_by, job.cloned_from,
              static_cast<std::int64_t>(job.replicas.size()), job.gpus(), write_properties(job), job.event_count,
              job.submitted_at, if_come(job.started_at), if_come(job.running_at), if_come(job.ended_at));
    if (!TRY(save.step())) {
        return fail(ErrorCode::kInternal, "the job {} was not stored, because its project is not", job.id.str());
    }
    const std::int64_t seq = save.integer(0);
    TRY(save.run());
    TRY(connection.run(kSaveDocument, seq, json::to_json(document::to_stored(job))));
    return seq;
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
