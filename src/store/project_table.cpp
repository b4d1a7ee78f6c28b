#include "store/project_table.hpp"

#include "base/text.hpp"
#include "document/stored_document.hpp"
#include "json/json_text.hpp"
#include "store/cursor.hpp"
#include "store/text_match.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kSave =
    "INSERT INTO projects (id, name, summary, tasks, revision, next_build, created_at, updated_at, document) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
    "ON CONFLICT (id) DO UPDATE SET name = ?2, summary = ?3, tasks = ?4, revision = ?5, next_build = ?6, "
    "updated_at = ?8, document = ?9";
constexpr std::string_view kCountBuild = "UPDATE projects SET next_build = ?2 WHERE id = ?1";
constexpr std::string_view kDelete = "DELETE FROM projects WHERE id = ?1";
// Keys of a project begin with its id and a slash; '0' is the character after the slash.
constexpr std::string_view kDeleteKeys = "DELETE FROM idempotency_keys WHERE key >= ?1 || '/' AND key < ?1 || '0'";
// Those that speak of the project alone; the others go with their jobs.
constexpr std::string_view kDeleteNotices = "DELETE FROM notices WHERE project_id = ?1 AND ifnull(job, 0) = 0";
constexpr std::string_view kHide = "INSERT INTO deleted_projects (id) VALUES (?1)";
constexpr std::string_view kHidden = "SELECT id FROM deleted_projects ORDER BY id";
constexpr std::string_view kPurge =
    "DELETE FROM jobs WHERE seq IN (SELECT seq FROM jobs WHERE project_id = ?1 LIMIT ?2)";
constexpr std::string_view kPurged = "DELETE FROM deleted_projects WHERE id = ?1";
constexpr std::string_view kLoad = "SELECT document, next_build FROM projects";
constexpr std::string_view kFind = "SELECT document, next_build FROM projects WHERE id = ?1";
constexpr std::string_view kFindNamed = "SELECT document, next_build FROM projects WHERE name = ?1";
constexpr std::string_view kList =
    "SELECT id, name, summary, tasks, revision, next_build, created_at, updated_at FROM projects WHERE name > ?1 "
    "ORDER BY name";

std::string task_names(const domain::ProjectSpec& spec) {
    std::vector<std::string> names;
    for (const domain::Task& task : spec.tasks) names.push_back(task.name);
    return join(names, ",");
}

Result<domain::Project> read_project(const Statement& row) {
    const json::Value document = TRY(json::parse_json(row.view(0)));
    domain::Project project = TRY(document::project_from_stored(document));
    project.next_build = static_cast<int>(row.integer(1));
    return project;
}

Result<std::optional<domain::Project>> find_one(Connection& connection, std::string_view sql, std::string_view key) {
    Statement statement = TRY(connection.prepare(sql));
    if (!TRY(statement.bind(key).step())) return std::nullopt;
    return TRY(read_project(statement));
}

ProjectSummary read_summary(const Statement& row) {
    ProjectSummary project{domain::ProjectId(row.text(0)),   row.text(1), row.text(2), {}, row.integer(4),
                           static_cast<int>(row.integer(5)), row.time(6), row.time(7)};
    if (!row.view(3).empty()) project.tasks = split(row.view(3), ',');
    return project;
}

}  // namespace

Result<void> save_project(Connection& connection, const domain::Project& project) {
    return connection.run(kSave, project.id.str(), project.spec.name, project.spec.summary, task_names(project.spec),
                          project.revision, project.next_build, project.created_at, project.updated_at,
                          json::to_json(document::to_stored(project)));
}

Result<void> save_next_build(Connection& connection, const domain::ProjectId& id, int next_build) {
    TRY(connection.run(kCountBuild, id.str(), next_build));
    if (connection.changes() == 1) return {};
    return fail(ErrorCode::kInternal, "a build was counted for the project {}, which is not stored", id.str());
}

Result<bool> delete_project(Connection& connection, const domain::ProjectId& id) {
    TRY(connection.run(kDelete, id.str()));
    if (connection.changes() == 0) return false;
    TRY(connection.run(kDeleteKeys, id.str()));
    TRY(connection.run(kDeleteNotices, id.str()));
    TRY(connection.run(kHide, id.str()));
    return true;
}

Result<std::vector<std::string>> hidden_projects(Connection& connection) {
    Statement rows = TRY(connection.prepare(kHidden));
    std::vector<std::string> ids;
    while (TRY(rows.step())) ids.push_back(rows.text(0));
    return ids;
}

Result<bool> must_purge(Connection& connection) { return !TRY(hidden_projects(connection)).empty(); }

Result<bool> purge_jobs(Connection& connection, std::int64_t most) {
    const std::vector<std::string> ids = TRY(hidden_projects(connection));
    if (ids.empty()) return false;
    TRY(connection.run(kPurge, ids.front(), most));
    if (connection.changes() == most) return true;
    TRY(connection.run(kPurged, ids.front()));
    return ids.size() > 1;
}

Result<std::vector<domain::Project>> load_projects(Connection& connection) {
    Statement statement = TRY(connection.prepare(kLoad));
    std::vector<domain::Project> projects;
    while (TRY(statement.step())) projects.push_back(TRY(read_project(statement)));
    return projects;
}

Result<std::optional<domain::Project>> find_project(Connection& connection, const domain::ProjectId& id) {
    return find_one(connection, kFind, id.str());
}

Result<std::optional<domain::Project>> find_project_named(Connection& connection, std::string_view name) {
    return find_one(connection, kFindNamed, name);
}

Result<Page<ProjectSummary>> list_projects(Connection& connection, std::string_view text, const PageRequest& page) {
    constexpr std::size_t kExaminedMost = 5000;
    TRY(check_limit(page.limit));
    const TextMatch match = TRY(TextMatch::of(text));
    if (!page.cursor.empty() && (page.cursor[0] != 'p' || page.cursor.size() > 100)) return bad_cursor();
    Statement statement = TRY(connection.prepare(kList));
    statement.bind(page.cursor.empty() ? std::string_view() : std::string_view(page.cursor).substr(1));
    Page<ProjectSummary> found;
    std::string last;
    for (std::size_t examined = 0; TRY(statement.step()); ++examined) {
        if (found.items.size() == page.limit || examined == kExaminedMost) {
            found.next = "p" + last;
            break;
        }
        last = statement.text(1);
        if (match.in({statement.view(1), statement.view(2)})) found.items.push_back(read_summary(statement));
    }
    return found;
}

}  // namespace pintle::store
