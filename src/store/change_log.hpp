#pragma once

#include "store/records.hpp"
#include "store/sqlite.hpp"

/// The SQL of the change log. Private to this module.
namespace pintle::store {

/// Gathers what one commit changes: one row for each project and job, however much happened to it.
class ChangeNotes {
public:
    void project(const domain::ProjectId& id);
    /// `owner` is whose it was.
    void project_deleted(const domain::ProjectId& id, const domain::UserId& owner);
    void job(const domain::JobId& id, const domain::ProjectId& project, domain::JobState state);
    void job_deleted(const domain::JobId& id, const domain::ProjectId& project);
    /// Something about the job changed, its state did not; a row that says more of it is kept.
    void job_touched(const domain::JobId& id, const domain::ProjectId& project);
    /// Writes the rows with the numbers after `last` and returns the new last one.
    [[nodiscard]] Result<std::int64_t> write(Connection& connection, std::int64_t last, Time at) const;

private:
    ChangeRecord& note(ChangeRecord::Kind kind, const std::string& subject, const domain::ProjectId& project);

    std::vector<ChangeRecord> rows_;
    std::map<std::string, std::size_t> at_;  // subject → its place in rows_
};

/// Whether the viewer may hear of the change.
[[nodiscard]] Result<bool> may_see_change(Connection& connection, const Viewer& viewer, const ChangeRecord& change);
/// 0 when nothing has changed yet.
[[nodiscard]] Result<std::int64_t> last_change(Connection& connection);
[[nodiscard]] Result<void> trim_changes(Connection& connection, std::int64_t through);
[[nodiscard]] Result<ChangeList> list_changes(Connection& connection, std::int64_t after, std::size_t limit);

}  // namespace pintle::store
