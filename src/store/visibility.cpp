#include "store/visibility.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace pintle::store {
namespace {

using Scope = Viewer::Scope;

constexpr std::string_view kMembers = "SELECT id FROM users INDEXED BY users_by_group WHERE group_id = ?1";
constexpr std::string_view kIsMember = "SELECT 1 FROM users WHERE id = ?1 AND group_id = ?2";
constexpr std::string_view kOwner = "SELECT owner FROM projects WHERE id = ?1";
constexpr std::string_view kProjects =
    "SELECT id, EXISTS (SELECT 1 FROM job_counts c WHERE c.project_id = p.id AND c.count > 0) "
    "FROM projects p INDEXED BY projects_by_owner WHERE owner = ?1";

bool holds(const std::vector<std::string>& sorted, std::string_view id) {
    return std::binary_search(sorted.begin(), sorted.end(), id);
}

}  // namespace

Result<std::vector<std::string>> owners_seen(Connection& connection, const Viewer& viewer) {
    std::vector<std::string> owners;
    const std::string& user = viewer.user.str();
    if (viewer.scope != Scope::kShared && !user.empty()) owners.push_back(user);
    if (viewer.scope != Scope::kOwned && !viewer.group.empty()) {
        Statement rows = TRY(connection.prepare(kMembers));
        rows.bind(viewer.group.str());
        while (TRY(rows.step())) {
            if (rows.view(0) != user) owners.push_back(rows.text(0));
        }
    }
    std::sort(owners.begin(), owners.end());
    return owners;
}

Result<bool> may_see_owner(Connection& connection, const Viewer& viewer, const domain::UserId& owner) {
    if (viewer.scope == Scope::kEvery) return true;
    if (owner.empty()) return false;
    if (owner == viewer.user) return viewer.scope != Scope::kShared;
    if (viewer.scope == Scope::kOwned) return false;
    Statement row = TRY(connection.prepare(kIsMember));
    return row.bind(owner.str(), viewer.group.str()).step();
}

Result<bool> may_see_project(Connection& connection, const Viewer& viewer, const domain::ProjectId& id) {
    Statement row = TRY(connection.prepare(kOwner));
    if (!TRY(row.bind(id.str()).step())) return false;
    return may_see_owner(connection, viewer, domain::UserId(row.text(0)));
}

Result<Visibility> Visibility::of(Connection& connection, const std::optional<Viewer>& viewer) {
    Visibility sees;
    sees.everything_ = !viewer || viewer->scope == Scope::kEvery;
    if (sees.everything_) return sees;
    sees.scope_ = viewer->scope;
    sees.user_ = viewer->user.str();
    // Also of the scopes kOwned and kShared: whose a job is and whose its project is are two things.
    Viewer all = *viewer;
    all.scope = Scope::kAll;
    for (const std::string& owner : TRY(owners_seen(connection, all))) {
        Statement rows = TRY(connection.prepare(kProjects));
        rows.bind(owner);
        while (TRY(rows.step())) {
            sees.projects_.push_back(rows.text(0));
            if (rows.boolean(1)) sees.with_jobs_.push_back(rows.text(0));
        }
    }
    std::sort(sees.projects_.begin(), sees.projects_.end());
    std::sort(sees.with_jobs_.begin(), sees.with_jobs_.end());
    return sees;
}

bool Visibility::sees_project(std::string_view id) const { return everything_ || holds(projects_, id); }

bool Visibility::sees_job(std::string_view project, std::string_view owner) const {
    const bool own = !user_.empty() && owner == user_;
    switch (scope_) {
        case Scope::kEvery: return true;
        case Scope::kOwned: return own;
        case Scope::kShared: return !own && sees_project(project);
        case Scope::kAll: return own || sees_project(project);
    }
    unreachable();
}

Visibility::Paths Visibility::paths(const std::vector<std::string>& wanted) const {
    Paths paths;
    const bool may_own = scope_ != Scope::kShared && !user_.empty();
    if (wanted.empty()) {
        paths.own = may_own;
        if (scope_ != Scope::kOwned) paths.projects = with_jobs_;
        return paths;
    }
    std::set_intersection(wanted.begin(), wanted.end(), with_jobs_.begin(), with_jobs_.end(),
                          std::back_inserter(paths.projects));
    // Of a project that is not seen there may still be jobs of one's own.
    paths.own = may_own && !std::includes(projects_.begin(), projects_.end(), wanted.begin(), wanted.end());
    return paths;
}

}  // namespace pintle::store
