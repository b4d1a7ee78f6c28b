#include "store/change_log.hpp"

#include "store/cursor.hpp"
#include "store/job_table.hpp"
#include "store/visibility.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kAdd =
    "INSERT INTO change_log (sequence, at, kind, subject, project_id, state, deleted, owner) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ifnull(?6, (SELECT state FROM jobs WHERE id = ?4)), ?7, ?8)";
constexpr std::string_view kOwnerOfJob = "SELECT owner FROM jobs WHERE id = ?1";
constexpr std::string_view kList =
    "SELECT sequence, at, kind, subject, project_id, state, deleted, owner FROM change_log WHERE sequence > ?1 "
    "ORDER BY sequence LIMIT ?2";

Result<ChangeRecord> read_change(const Statement& row) {
    ChangeRecord change{row.integer(0),
                        row.time(1),
                        row.view(2) == "project" ? ChangeRecord::Kind::kProject : ChangeRecord::Kind::kJob,
                        row.text(3),
                        domain::ProjectId(row.text(4)),
                        std::nullopt,
                        row.boolean(6),
                        std::nullopt};
    if (!row.is_null(7)) change.owner = domain::UserId(row.text(7));
    if (!row.is_null(5)) change.state = TRY(read_job_state(row.view(5)));
    return change;
}

}  // namespace

ChangeRecord& ChangeNotes::note(ChangeRecord::Kind kind, const std::string& subject, const domain::ProjectId& project) {
    const auto [found, is_new] = at_.emplace(subject, rows_.size());
    if (is_new) rows_.push_back({0, Time{}, kind, subject, project, std::nullopt, false, std::nullopt});
    return rows_[found->second];
}

void ChangeNotes::project(const domain::ProjectId& id) {
    ChangeRecord& row = note(ChangeRecord::Kind::kProject, id.str(), id);
    row.deleted = false;
    row.owner.reset();
}

void ChangeNotes::project_deleted(const domain::ProjectId& id, const domain::UserId& owner) {
    ChangeRecord& row = note(ChangeRecord::Kind::kProject, id.str(), id);
    row.deleted = true;
    row.owner = owner;
}

void ChangeNotes::job(const domain::JobId& id, const domain::ProjectId& project, domain::JobState state) {
    note(ChangeRecord::Kind::kJob, id.str(), project).state = state;
}

void ChangeNotes::job_deleted(const domain::JobId& id, const domain::ProjectId& project) {
    ChangeRecord& row = note(ChangeRecord::Kind::kJob, id.str(), project);
    row.deleted = true;
    row.state.reset();
}

void ChangeNotes::job_touched(const domain::JobId& id, const domain::ProjectId& project) {
    note(ChangeRecord::Kind::kJob, id.str(), project);
}

Result<std::int64_t> ChangeNotes::write(Connection& connection, std::int64_t last, Time at) const {
    for (const ChangeRecord& row : rows_) {
        const std::optional<std::string_view> state =
            row.state ? std::optional(domain::to_string(*row.state)) : std::nullopt;
        const std::optional<std::string_view> owner =
            row.owner ? std::optional<std::string_view>(row.owner->str()) : std::nullopt;
        TRY(connection.run(kAdd, ++last, at, row.kind == ChangeRecord::Kind::kProject ? "project" : "job", row.subject,
                           row.project_id.str(), state, row.deleted, owner));
    }
    return last;
}

Result<bool> may_see_change(Connection& connection, const Viewer& viewer, const ChangeRecord& change) {
    if (change.owner) return may_see_owner(connection, viewer, *change.owner);
    if (change.kind == ChangeRecord::Kind::kProject) return may_see_project(connection, viewer, change.project_id);
    Statement row = TRY(connection.prepare(kOwnerOfJob));
    const bool known = TRY(row.bind(change.subject).step());
    const bool own = known && !viewer.user.empty() && row.view(0) == viewer.user.str();
    if (own) return viewer.scope != Viewer::Scope::kShared;
    if (viewer.scope == Viewer::Scope::kOwned) return false;
    // What one sees of others' jobs includes those in projects of one's own.
    Viewer all = viewer;
    if (all.scope == Viewer::Scope::kShared) all.scope = Viewer::Scope::kAll;
    return may_see_project(connection, all, change.project_id);
}

Result<std::int64_t> last_change(Connection& connection) {
    return TRY(connection.integer("SELECT max(sequence) FROM change_log")).value_or(0);
}

Result<void> trim_changes(Connection& connection, std::int64_t through) {
    return connection.run("DELETE FROM change_log WHERE sequence <= ?1", through);
}

Result<ChangeList> list_changes(Connection& connection, std::int64_t after, std::size_t limit) {
    TRY(check_limit(limit));
    ChangeList list;
    list.last = TRY(last_change(connection));
    list.first_available = TRY(connection.integer("SELECT min(sequence) FROM change_log")).value_or(1);
    Statement rows = TRY(connection.prepare(kList));
    rows.bind(after, static_cast<std::int64_t>(limit));
    while (TRY(rows.step())) list.changes.push_back(TRY(read_change(rows)));
    return list;
}

}  // namespace pintle::store
