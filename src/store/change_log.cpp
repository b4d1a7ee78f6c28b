#include "store/change_log.hpp"

#include "store/cursor.hpp"
#include "store/job_table.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kAdd =
    "INSERT INTO change_log (sequence, at, kind, subject, project_id, state, deleted) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ifnull(?6, (SELECT state FROM jobs WHERE id = ?4)), ?7)";
constexpr std::string_view kList =
    "SELECT sequence, at, kind, subject, project_id, state, deleted FROM change_log WHERE sequence > ?1 "
    "ORDER BY sequence LIMIT ?2";

Result<ChangeRecord> read_change(const Statement& row) {
    ChangeRecord change{row.integer(0),
                        row.time(1),
                        row.view(2) == "project" ? ChangeRecord::Kind::kProject : ChangeRecord::Kind::kJob,
                        row.text(3),
                        domain::ProjectId(row.text(4)),
                        std::nullopt,
                        row.boolean(6)};
    if (!row.is_null(5)) change.state = TRY(read_job_state(row.view(5)));
    return change;
}

}  // namespace

ChangeRecord& ChangeNotes::note(ChangeRecord::Kind kind, const std::string& subject, const domain::ProjectId& project) {
    const auto [found, is_new] = at_.emplace(subject, rows_.size());
    if (is_new) rows_.push_back({0, Time{}, kind, subject, project, std::nullopt, false});
    return rows_[found->second];
}

void ChangeNotes::project(const domain::ProjectId& id, bool deleted) {
    note(ChangeRecord::Kind::kProject, id.str(), id).deleted = deleted;
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
        TRY(connection.run(kAdd, ++last, at, row.kind == ChangeRecord::Kind::kProject ? "project" : "job", row.subject,
                           row.project_id.str(), state, row.deleted));
    }
    return last;
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
