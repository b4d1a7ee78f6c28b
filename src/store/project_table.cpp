#include "store/project_table.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "document/stored_document.hpp"
#include "json/json_text.hpp"
#include "store/cursor.hpp"
#include "store/job_table.hpp"
#include "store/text_match.hpp"
#include "store/user_table.hpp"
#include "store/visibility.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kSave =
    "INSERT INTO projects (id, name, summary, tasks, revision, next_build, created_at, updated_at, document, owner, "
    "home, disabled_at, deleting_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) "
    "ON CONFLICT (id) DO UPDATE SET name = ?2, summary = ?3, tasks = ?4, revision = ?5, next_build = ?6, "
    "updated_at = ?8, document = ?9, owner = ?10, home = ?11, disabled_at = ?12, deleting_at = ?13";
constexpr std::string_view kCountBuild = "UPDATE projects SET next_build = ?2 WHERE id = ?1";
constexpr std::string_view kDelete = "DELETE FROM projects WHERE id = ?1 RETURNING owner";
// Keys of a project begin with its id and a slash; '0' is the character after the slash.
constexpr std::string_view kDeleteKeys = "DELETE FROM idempotency_keys WHERE key >= ?1 || '/' AND key < ?1 || '0'";
// Those that speak of the project alone; the others go with their jobs.
constexpr std::string_view kDeleteNotices = "DELETE FROM notices WHERE project_id = ?1 AND ifnull(job, 0) = 0";
constexpr std::string_view kDeleteRunTimes = "DELETE FROM run_times WHERE project_id = ?1";
constexpr std::string_view kHide = "INSERT INTO deleted_projects (id) VALUES (?1)";
constexpr std::string_view kHidden = "SELECT id FROM deleted_projects ORDER BY id";
constexpr std::string_view kPurge =
    "DELETE FROM jobs WHERE seq IN (SELECT seq FROM jobs WHERE project_id = ?1 LIMIT ?2)";
constexpr std::string_view kPurged = "DELETE FROM deleted_projects WHERE id = ?1";
constexpr std::string_view kLoad = "SELECT document, next_build FROM projects";
constexpr std::string_view kFind = "SELECT document, next_build FROM projects WHERE id = ?1";
constexpr std::string_view kFindNamed = "SELECT document, next_build FROM projects WHERE name = ?1 AND home = ?2";
constexpr std::string_view kFindAllNamed =
    "SELECT document, next_build, owner FROM projects WHERE name = ?1 ORDER BY home";

constexpr std::string_view kListColumns =
    "SELECT id, name, summary, tasks, revision, next_build, created_at, updated_at, owner, home, "
    "disabled_at, deleting_at FROM projects";
constexpr std::string_view kFromPlace = "WHERE (name, home) > (?1, ?2) ORDER BY name, home";
constexpr std::string_view kOne = "WHERE id = ?1";
constexpr std::string_view kPlacesOfOwner =
    "SELECT name, home, id FROM projects INDEXED BY projects_by_owner "
    "WHERE owner = ?1 AND (name, home) > (?2, ?3) ORDER BY name, home LIMIT ?4";

constexpr std::string_view kByChange =
    "SELECT updated_at, id, owner FROM projects INDEXED BY projects_by_change "
    "WHERE updated_at <= ?1 AND NOT (updated_at = ?1 AND id <= ?2) ORDER BY updated_at DESC, id";
constexpr std::string_view kCountAll = "SELECT count(*) FROM projects";
constexpr std::string_view kCountOfOwner =
    "SELECT count(*) FROM projects INDEXED BY projects_by_owner WHERE owner = ?1";

constexpr std::size_t kSortedMost = 5000;
// Twice as many as there may be, so that a search ends with one answer.
constexpr std::size_t kExaminedMost = 20'000;

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

Result<std::optional<domain::Project>> find_one(Statement& statement) {
    if (!TRY(statement.step())) return std::nullopt;
    return TRY(read_project(statement));
}

Result<ProjectSummary> read_summary(const Statement& row, UserNames& names) {
    ProjectSummary project;
    project.id = domain::ProjectId(row.text(0));
    project.name = row.text(1);
    project.owner = domain::UserId(row.text(8));
    project.owner_name = TRY(names.of(project.owner));
    project.home = domain::GroupId(row.text(9));
    project.summary = row.text(2);
    if (!row.view(3).empty()) project.tasks = split(row.view(3), ',');
    project.revision = row.integer(4);
    project.next_build = static_cast<int>(row.integer(5));
    project.created_at = row.time(6);
    project.updated_at = row.time(7);
    project.disabled_at = row.time(10);
    project.deleting_at = row.time(11);
    return project;
}

/// A project's place in the list; the home keeps those of one name apart.
struct Place {
    NamePlace at;
    std::string project;
};

/// The places after `after` of what these users own, in order. Nothing when there are too many to be sorted.
Result<std::optional<std::vector<Place>>> places_of(Connection& connection, const std::vector<std::string>& owners,
                                                    const NamePlace& after) {
    std::vector<Place> places;
    for (const std::string& owner : owners) {
        Statement rows = TRY(connection.prepare(kPlacesOfOwner));
        rows.bind(owner, after.name, after.id, static_cast<std::int64_t>(kSortedMost + 1 - places.size()));
        while (TRY(rows.step())) places.push_back({{rows.text(0), rows.text(1)}, rows.text(2)});
        if (places.size() > kSortedMost) return std::nullopt;
    }
    std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.at < b.at; });
    return places;
}

/// Gathers a page; a project is offered once it is known to be seen.
class ProjectPage {
public:
    ProjectPage(Connection& connection, char list, TextMatch match, std::size_t limit)
        : list_(list), match_(std::move(match)), names_(connection), limit_(limit) {}

    /// False when the page is full, with the next one beginning after the last place that was offered.
    [[nodiscard]] bool has_room() {
        if (page_.items.size() < limit_ && examined_ < kExaminedMost) return true;
        page_.next = write_name_cursor(list_, last_);
        return false;
    }
    /// Passes over what is not seen.
    void skip(NamePlace place) {
        ++examined_;
        last_ = std::move(place);
    }
    [[nodiscard]] Result<void> offer(const Statement& row, NamePlace place, bool seen) {
        skip(std::move(place));
        if (seen && match_.in({row.view(1), row.view(2)})) page_.items.push_back(TRY(read_summary(row, names_)));
        return {};
    }
    [[nodiscard]] Page<ProjectSummary> take() { return std::move(page_); }

private:
    char list_;
    TextMatch match_;
    UserNames names_;
    std::size_t limit_;
    std::size_t examined_ = 0;
    NamePlace last_;
    Page<ProjectSummary> page_;
};

Result<void> list_places(Connection& connection, const std::vector<Place>& places, ProjectPage& page) {
    for (const Place& place : places) {
        if (!page.has_room()) return {};
        Statement row = TRY(connection.prepare(fmt::format("{} {}", kListColumns, kOne)));
        if (TRY(row.bind(place.project).step())) TRY(page.offer(row, place.at, true));
    }
    return {};
}

/// Of everything, or of so much that those who are not seen are met in passing.
Result<void> list_all(Connection& connection, const std::vector<std::string>* owners, const NamePlace& after,
                      ProjectPage& page) {
    Statement rows = TRY(connection.prepare(fmt::format("{} {}", kListColumns, kFromPlace)));
    rows.bind(after.name, after.id);
    while (TRY(rows.step())) {
        if (!page.has_room()) return {};
        TRY(page.offer(rows, {rows.text(1), rows.text(9)},
                       owners == nullptr || std::binary_search(owners->begin(), owners->end(), rows.view(8))));
    }
    return {};
}

/// The last changed first; a place in this order is a time and an id.
Result<void> list_by_change(Connection& connection, const std::vector<std::string>* owners, const NamePlace& after,
                            ProjectPage& page) {
    const auto before =
        after.name.empty() ? std::optional(std::numeric_limits<std::int64_t>::max()) : parse_int(after.name);
    if (!before) return bad_cursor();
    Statement places = TRY(connection.prepare(kByChange));
    places.bind(*before, after.id);
    while (TRY(places.step())) {
        if (!page.has_room()) return {};
        NamePlace place{std::to_string(places.integer(0)), places.text(1)};
        if (owners != nullptr && !std::binary_search(owners->begin(), owners->end(), places.view(2))) {
            page.skip(std::move(place));
            continue;
        }
        Statement row = TRY(connection.prepare(fmt::format("{} {}", kListColumns, kOne)));
        if (TRY(row.bind(places.text(1)).step())) TRY(page.offer(row, std::move(place), true));
    }
    return {};
}

}  // namespace

Result<void> save_project(Connection& connection, const domain::Project& project) {
    return connection.run(kSave, project.id.str(), project.spec.name, project.spec.summary, task_names(project.spec),
                          project.revision, project.next_build, project.created_at, project.updated_at,
                          json::to_json(document::to_stored(project)), project.owner.str(), project.home.str(),
                          if_come(project.disabled_at), if_come(project.deleting_at));
}

Result<void> save_next_build(Connection& connection, const domain::ProjectId& id, int next_build) {
    TRY(connection.run(kCountBuild, id.str(), next_build));
    if (connection.changes() == 1) return {};
    return fail(ErrorCode::kInternal, "a build was counted for the project {}, which is not stored", id.str());
}

Result<std::optional<domain::UserId>> delete_project(Connection& connection, const domain::ProjectId& id) {
    Statement statement = TRY(connection.prepare(kDelete));
    if (!TRY(statement.bind(id.str()).step())) return std::nullopt;
    domain::UserId owner(statement.text(0));
    TRY(statement.run());
    TRY(connection.run(kDeleteKeys, id.str()));
    TRY(connection.run(kDeleteNotices, id.str()));
    TRY(connection.run(kHide, id.str()));
    return owner;
}

Result<void> reset_project(Connection& connection, const domain::ProjectId& id) {
    TRY(connection.run(kDeleteKeys, id.str()));
    TRY(connection.run(kDeleteNotices, id.str()));
    TRY(connection.run(kDeleteRunTimes, id.str()));
    return save_next_build(connection, id, 1);
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
    Statement statement = TRY(connection.prepare(kFind));
    return find_one(statement.bind(id.str()));
}

Result<std::optional<domain::Project>> find_project_named(Connection& connection, std::string_view name,
                                                          const domain::GroupId& home) {
    Statement statement = TRY(connection.prepare(kFindNamed));
    return find_one(statement.bind(name, home.str()));
}

Result<std::vector<domain::Project>> find_projects_named(Connection& connection, std::string_view name,
                                                         const Viewer& viewer) {
    Statement rows = TRY(connection.prepare(kFindAllNamed));
    rows.bind(name);
    std::vector<domain::Project> projects;
    while (projects.size() < kPageMost && TRY(rows.step())) {
        if (!TRY(may_see_owner(connection, viewer, domain::UserId(rows.text(2))))) continue;
        projects.push_back(TRY(read_project(rows)));
    }
    std::stable_partition(projects.begin(), projects.end(),
                          [&](const domain::Project& project) { return project.home == viewer.group; });
    return projects;
}

Result<Page<ProjectSummary>> list_projects(Connection& connection, std::string_view text, const Viewer& viewer,
                                           const PageRequest& request, ProjectOrder order) {
    TRY(check_limit(request.limit));
    const char list = order == ProjectOrder::kName ? 'p' : 'c';
    ProjectPage page(connection, list, TRY(TextMatch::of(text)), request.limit);
    const NamePlace after = request.cursor.empty() ? NamePlace{} : TRY(read_name_cursor(list, request.cursor));
    const bool all = viewer.scope == Viewer::Scope::kEvery;
    const std::vector<std::string> owners = all ? std::vector<std::string>() : TRY(owners_seen(connection, viewer));
    if (order == ProjectOrder::kChange) {
        TRY(list_by_change(connection, all ? nullptr : &owners, after, page));
        return page.take();
    }
    if (all) {
        TRY(list_all(connection, nullptr, after, page));
        return page.take();
    }
    if (const auto places = TRY(places_of(connection, owners, after))) TRY(list_places(connection, *places, page));
    else TRY(list_all(connection, &owners, after, page));
    return page.take();
}

Result<std::int64_t> count_projects(Connection& connection, const Viewer& viewer) {
    const auto one = [&](Statement statement) -> Result<std::int64_t> {
        return TRY(statement.step()) ? statement.integer(0) : 0;
    };
    if (viewer.scope == Viewer::Scope::kEvery) return one(TRY(connection.prepare(kCountAll)));
    std::int64_t count = 0;
    for (const std::string& owner : TRY(owners_seen(connection, viewer))) {
        Statement statement = TRY(connection.prepare(kCountOfOwner));
        statement.bind(owner);
        count += TRY(one(std::move(statement)));
    }
    return count;
}

}  // namespace pintle::store
