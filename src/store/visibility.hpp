#pragma once

#include "store/records.hpp"
#include "store/sqlite.hpp"

/// What a viewer may see. Private to this module.
namespace pintle::store {

/// The users whose projects the viewer looks at, sorted; of `scope` kAll or kShared those of the viewer's group.
[[nodiscard]] Result<std::vector<std::string>> owners_seen(Connection& connection, const Viewer& viewer);
/// False for a project that is not stored.
[[nodiscard]] Result<bool> may_see_project(Connection& connection, const Viewer& viewer, const domain::ProjectId& id);
/// Whether what belongs to `owner` belongs to somebody whom the viewer looks at.
[[nodiscard]] Result<bool> may_see_owner(Connection& connection, const Viewer& viewer, const domain::UserId& owner);

/// What a viewer sees of jobs, found once for a list. Costs what the viewer's group owns, whatever there is beside.
class Visibility {
public:
    /// Nothing: everything is seen.
    [[nodiscard]] static Result<Visibility> of(Connection& connection, const std::optional<Viewer>& viewer);

    [[nodiscard]] bool everything() const { return everything_; }
    [[nodiscard]] bool sees_project(std::string_view id) const;
    [[nodiscard]] bool sees_job(std::string_view project, std::string_view owner) const;

    /// How jobs that are seen are found, when not everything is: those of these projects, and those of the viewer.
    struct Paths {
        std::vector<std::string> projects;
        bool own = false;
    };
    /// Of jobs in `wanted` (sorted), or anywhere when that is empty.
    [[nodiscard]] Paths paths(const std::vector<std::string>& wanted) const;
    [[nodiscard]] const std::string& user() const { return user_; }

private:
    bool everything_ = false;
    Viewer::Scope scope_ = Viewer::Scope::kEvery;
    std::string user_;
    std::vector<std::string> projects_;   // sorted
    std::vector<std::string> with_jobs_;  // those of them that have jobs, sorted
};

}  // namespace pintle::store
