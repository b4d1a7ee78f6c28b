#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "domain/account.hpp"
#include "domain/audit.hpp"
#include "domain/component.hpp"
#include "domain/credential.hpp"
#include "domain/group.hpp"
#include "domain/job_event.hpp"
#include "domain/pool.hpp"
#include "domain/run_time.hpp"
#include "domain/storage_quota.hpp"
#include "domain/user.hpp"

namespace pintle::domain {

/// Something worth showing to a person, counted when it repeats.
struct Notice {
    JobId job;
    ProjectId project;
    bool warning = false;
    std::string reason;   ///< One word for programs: "SourceFailed".
    std::string source;   ///< Who says it: "scheduler", "engine", "source data".
    std::string message;  ///< A sentence for people.
    Time at{};
    bool operator==(const Notice&) const = default;
};

/// Work on files that must still happen after a crash: it is kept until it is reported done.
namespace chore {
/// Everything of a deleted project that nobody else sees: private storage, logs.
struct RemoveProjectData {
    ProjectId id;
    ProjectSpec spec;
    GroupId home = kDefaultGroup;
    bool operator==(const RemoveProjectData&) const = default;
};
/// The project's private storage moves to its new name, or to the folder of its owner's new group.
struct MoveProjectData {
    std::string from;
    std::string to;
    GroupId from_home = kDefaultGroup;
    GroupId to_home = kDefaultGroup;
    bool operator==(const MoveProjectData&) const = default;
};
/// A deleted job's logs.
struct RemoveJobData {
    ProjectId project;
    JobId job;
    bool operator==(const RemoveJobData&) const = default;
};
/// The logs of jobs that went when their project was reset.
struct RemoveJobsData {
    ProjectId project;
    std::vector<JobId> jobs;
    bool operator==(const RemoveJobsData&) const = default;
};
}  // namespace chore

struct Chore {
    std::string id;
    std::variant<chore::RemoveProjectData, chore::MoveProjectData, chore::RemoveJobData, chore::RemoveJobsData> work;
    bool operator==(const Chore&) const = default;
};

/// What one step of the core changed and the store must write, all of it in one transaction.
namespace change {
struct ProjectSaved {
    Project project;
};
struct ProjectDeleted {
    ProjectId id;
};
/// Its jobs are gone, and with this everything else that was kept of them; its next job has the number 1.
struct ProjectReset {
    ProjectId id;
};
/// The project's next job has this number.
struct BuildCounted {
    ProjectId id;
    int next_build = 1;
};
/// The job as it is after `events`; the events are new.
struct JobSaved {
    std::shared_ptr<const Job> job;
    std::vector<JobEvent> events;
};
struct JobDeleted {
    JobId id;
};
/// The job has these tags from now on, whether it has ended or not.
struct JobTagged {
    JobId id;
    std::vector<std::string> tags;
};
struct ComponentSaved {
    ComponentRecord record;
};
/// Its project has it no more.
struct ComponentDeleted {
    ProjectId project;
    std::string name;
};
struct NoticeAdded {
    Notice notice;
};
/// A request with this key was carried out and gave this result; asking again gives the same.
struct KeyUsed {
    std::string key;          ///< With its project, so that keys of different projects never meet.
    std::string fingerprint;  ///< Of the request, so that a key used for another one is refused.
    std::string result;       ///< The id of what was made.
    Time at{};
};
struct UserSaved {
    User user;
};
struct GroupSaved {
    Group group;
};
struct GroupDeleted {
    GroupId id;
};
struct PoolSaved {
    Pool pool;
};
struct PoolDeleted {
    PoolId id;
};
struct TokenSaved {
    AccessToken token;
};
struct TokenDeleted {
    TokenId id;
};
struct SessionSaved {
    Session session;
};
struct SessionEnded {
    std::string hash;
};
/// Everywhere.
struct SessionsEnded {
    UserId user;
};
struct InviteSaved {
    Invite invite;
};
/// Used, or replaced by a newer one.
struct InviteDeleted {
    std::string hash;
};
struct AccountSaved {
    Account account;
};
struct AccountDeleted {
    AccountId id;
};
/// What was said of it before is replaced.
struct StorageQuotaSaved {
    StorageQuota quota;
};
/// The storage's default holds again.
struct StorageQuotaDeleted {
    StorageOwner owner;
};
struct Audited {
    AuditEntry entry;
};
struct RunTimesSaved {
    RunTimes times;
};
struct ChoreAdded {
    Chore chore;
};
struct ChoreDone {
    std::string id;
};
}  // namespace change

using Change = std::variant<
    change::ProjectSaved,
    change::ProjectDeleted,
    change::ProjectReset,
    change::BuildCounted,
    change::JobSaved,
    change::JobDeleted,
    change::JobTagged,
    change::ComponentSaved,
    change::ComponentDeleted,
    change::NoticeAdded,
    change::KeyUsed,
    change::UserSaved,
    change::GroupSaved,
    change::GroupDeleted,
    change::PoolSaved,
    change::PoolDeleted,
    change::TokenSaved,
    change::TokenDeleted,
    change::SessionSaved,
    change::SessionEnded,
    change::SessionsEnded,
    change::InviteSaved,
    change::InviteDeleted,
    change::Audited,
    change::RunTimesSaved,
    change::ChoreAdded,
    change::ChoreDone,
    change::AccountSaved,
    change::AccountDeleted,
    change::StorageQuotaSaved,
    change::StorageQuotaDeleted>;
using Changes = std::vector<Change>;

/// All control state that is alive: what the core starts from.
struct LiveState {
    std::vector<Project> projects;
    std::vector<Job> jobs;  ///< Those that are not final, in the order of submission.
    std::vector<change::KeyUsed> keys;  ///< Oldest first.
    std::vector<Chore> chores;
    std::vector<User> users;
    std::vector<Group> groups;
    std::vector<Pool> pools;
    std::vector<AccessToken> tokens;
    std::vector<Invite> invites;
    std::vector<ComponentRecord> components;  ///< Of projects that are there.
    std::vector<RunTimes> run_times;  ///< Of tasks of projects that are there.
    std::vector<Account> accounts;
    std::vector<StorageQuota> storage_quotas;
};

}  // namespace pintle::domain
