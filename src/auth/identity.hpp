#pragma once

#include <string>
#include <vector>

#include "domain/audit.hpp"
#include "domain/credential.hpp"
#include "domain/group.hpp"
#include "domain/ids.hpp"
#include "domain/user.hpp"

namespace pintle::auth {

/// Who makes a request, and how they have shown it.
struct Identity {
    enum class Kind {
        kNobody,   ///< Has shown nothing; reaches only what is open to everybody.
        kUser,     ///< A person, in a browser or by a program.
        kJob,      ///< A program of a running job: for its owner, within its own project.
    };
    enum class Via {
        kLocal,    ///< The token in the data folder: whoever can read it owns the server. For an operator.
        kSession,  ///< A browser's cookie.
        kToken,    ///< A personal access token, as far as its scopes go.
        kJob,
    };
    Kind kind = Kind::kNobody;
    Via via = Via::kLocal;
    domain::UserId user;
    std::string name;  ///< The user's; for a job, the job's display name is found elsewhere.
    domain::Role role = domain::Role::kDataScientist;
    domain::GroupId group = domain::kDefaultGroup;
    std::vector<domain::Scope> scopes;  ///< kToken only; the other ways have all.
    std::string token_name;             ///< kToken
    std::string token_hash;             ///< kToken
    std::string session_hash;           ///< kSession
    domain::ProjectId project;          ///< kJob
    domain::JobId job;                  ///< kJob

    [[nodiscard]] bool has(domain::Scope scope) const;
    /// In the role of an operator: a token must have the scope for it.
    [[nodiscard]] bool operates() const;
};

/// What a request needs. Every route names one of these beside its path.
enum class Permission {
    kOpen,           ///< Nothing: sign-in itself, and what it needs.
    kSignedIn,       ///< Anybody who is somebody, jobs too: who am I, the API's description.
    kSelf,           ///< One's own password, tokens and sessions; not with a token, which could make itself stronger.
    kSeeServer,      ///< Nodes, storages, one's group and pool.
    kOperate,        ///< Users, groups, pools, the whole queue, the audit log.
    kSeeProjects,    ///< Lists, as far as what is in them may be seen.
    kMakeProject,
    kSeeProject,     ///< Its owner, the owner's group, operators.
    kEditProject,    ///< Its document, its sources and their files, deleting it: its owner and operators.
    kRunTask,        ///< Whoever sees it may run and clone; the job is then theirs.
    kSeeJob,         ///< As its project; and its own owner.
    kControlJob,     ///< Stop, hold, release, put back in the queue: its owner and operators.
    kDeleteJob,      ///< The same, for good.
    kSeeAccounts,    ///< One's own, those of one's group; operators all. Never their secrets.
    kMakeAccount,
    kEditAccount,    ///< Who made it, as long as they are where it may be used; and operators.
    kReportProperties,  ///< A job of its own; its owner and operators.
};

/// What a request is about, as far as its path names it.
struct Subject {
    domain::ProjectId project;    ///< Empty: no project is concerned.
    domain::UserId owner;         ///< Of the project.
    domain::GroupId group;        ///< Of the project's owner.
    domain::JobId job;            ///< Empty: no job is concerned.
    domain::UserId job_owner;
    domain::AccountId account;       ///< Empty: no account is concerned.
    domain::UserId account_owner;
    domain::GroupId account_group;   ///< Empty: its owner's alone.
};

/// Whether they may at all know that it is there. What they may not know of is "not found", for them.
[[nodiscard]] bool may_know(const Identity& identity, const Subject& subject);
/// Whether they may do this, with what they may know of.
[[nodiscard]] bool may(const Identity& identity, Permission permission, const Subject& subject);
/// Why they may not, in a sentence that says who could.
[[nodiscard]] std::string why_not(const Identity& identity, Permission permission);

[[nodiscard]] domain::Actor actor_of(const Identity& identity, const std::string& address);

}  // namespace pintle::auth
