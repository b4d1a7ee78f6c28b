#include "auth/identity.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/check.hpp"

namespace pintle::auth {

using domain::Scope;

bool Identity::has(Scope scope) const {
    if (kind == Kind::kNobody) return false;
    if (kind == Kind::kJob) return scope == Scope::kRead || scope == Scope::kRun;
    return via != Via::kToken || scope == Scope::kRead ||
           std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

bool Identity::operates() const {
    return kind == Kind::kUser && role == domain::Role::kOperator && has(Scope::kOperate);
}

namespace {

bool may_know_account(const Identity& identity, const Subject& subject) {
    if (identity.kind != Identity::Kind::kUser) return false;
    if (identity.operates()) return true;
    return subject.account_group.empty() ? subject.account_owner == identity.user
                                         : subject.account_group == identity.group;
}

}  // namespace

bool may_know(const Identity& identity, const Subject& subject) {
    if (identity.kind == Identity::Kind::kNobody) return false;
    if (!subject.account.empty()) return may_know_account(identity, subject);
    if (subject.project.empty()) return true;
    if (identity.kind == Identity::Kind::kJob) return identity.project == subject.project;
    if (identity.operates() || subject.owner == identity.user || subject.group == identity.group) return true;
    return !subject.job.empty() && subject.job_owner == identity.user;
}

namespace {

bool owns(const Identity& identity, const domain::UserId& owner) {
    return identity.operates() || (!owner.empty() && owner == identity.user);
}

}  // namespace

bool may(const Identity& identity, Permission permission, const Subject& subject) {
    if (permission == Permission::kOpen) return true;
    if (identity.kind == Identity::Kind::kNobody || !may_know(identity, subject)) return false;
    const bool is_user = identity.kind == Identity::Kind::kUser;
    switch (permission) {
        case Permission::kOpen: return true;
        case Permission::kSignedIn:
        case Permission::kSeeProjects:
        case Permission::kSeeProject:
        case Permission::kSeeJob: return true;
        case Permission::kSelf: return is_user && identity.via != Identity::Via::kToken;
        case Permission::kSeeServer: return is_user;
        case Permission::kOperate: return identity.operates();
        case Permission::kMakeProject: return is_user && identity.has(Scope::kWrite);
        case Permission::kEditProject: return is_user && identity.has(Scope::kWrite) && owns(identity, subject.owner);
        case Permission::kRunTask: return identity.has(Scope::kRun);
        case Permission::kControlJob: return identity.has(Scope::kRun) && owns(identity, subject.job_owner);
        case Permission::kDeleteJob: return is_user && identity.has(Scope::kWrite) && owns(identity, subject.job_owner);
        case Permission::kSeeAccounts: return is_user;
        case Permission::kMakeAccount: return is_user && identity.has(Scope::kWrite);
        case Permission::kEditAccount:
            return is_user && identity.has(Scope::kWrite) && owns(identity, subject.account_owner);
        case Permission::kReportProperties:
            return identity.kind == Identity::Kind::kJob
                       ? identity.job == subject.job
                       : identity.has(Scope::kRun) && owns(identity, subject.job_owner);
    }
    unreachable();
}

std::string why_not(const Identity& identity, Permission permission) {
    const auto scope_missing = [&](Scope scope) {
        return identity.via == Identity::Via::kToken && !identity.has(scope);
    };
    const auto no_scope = [&](Scope scope) {
        return fmt::format("the token \"{}\" has not the scope {}", identity.token_name, domain::to_string(scope));
    };
    switch (permission) {
        case Permission::kOpen:
        case Permission::kSignedIn:
        case Permission::kSeeProjects:
        case Permission::kSeeProject:
        case Permission::kSeeJob: return "this is not yours to see";
        case Permission::kSelf:
            return identity.kind == Identity::Kind::kJob ? "a job's token may not do this"
                                                         : "this needs a sign-in; an access token cannot do it";
        case Permission::kSeeAccounts:
        case Permission::kSeeServer: return "a job's token may not do this";
        case Permission::kOperate:
            if (identity.role == domain::Role::kOperator && scope_missing(Scope::kOperate))
                return no_scope(Scope::kOperate);
            return "only operators may do this";
        case Permission::kMakeProject:
        case Permission::kEditProject:
        case Permission::kDeleteJob:
            if (identity.kind == Identity::Kind::kJob) return "a job's token may not do this";
            if (scope_missing(Scope::kWrite)) return no_scope(Scope::kWrite);
            return "only its owner and operators may do this; you may see it, run it and clone it";
        case Permission::kMakeAccount:
        case Permission::kEditAccount:
            if (identity.kind == Identity::Kind::kJob) return "a job's token may not do this";
            if (scope_missing(Scope::kWrite)) return no_scope(Scope::kWrite);
            return "only who made it and operators may do this; you may use it";
        case Permission::kRunTask: return no_scope(Scope::kRun);
        case Permission::kControlJob:
        case Permission::kReportProperties:
            if (scope_missing(Scope::kRun)) return no_scope(Scope::kRun);
            return "only its owner and operators may do this; you may see it and clone it";
    }
    unreachable();
}

domain::Actor actor_of(const Identity& identity, const std::string& address) {
    domain::Actor actor{identity.user, identity.name, "", address, identity.operates()};
    switch (identity.via) {
        case Identity::Via::kLocal: actor.via = "local token"; break;
        case Identity::Via::kSession: actor.via = "session"; break;
        case Identity::Via::kToken: actor.via = fmt::format("token {}", identity.token_name); break;
        case Identity::Via::kJob: actor.via = fmt::format("job {}", identity.job.str()); break;
    }
    if (identity.kind == Identity::Kind::kNobody) actor.via = "nobody";
    return actor;
}

}  // namespace pintle::auth
