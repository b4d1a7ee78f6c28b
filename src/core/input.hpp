#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "domain/change.hpp"
#include "domain/node.hpp"

namespace pintle::core {

/// Everything that can reach the core: commands of people, and observations of what executes. New ids come with
/// the command, since the core makes none.
namespace input {

struct CreateProject {
    domain::ProjectId id;
    domain::UserId owner;
    domain::ProjectSpec spec;
    std::string key;  ///< Idempotency key; may be empty.
    std::string fingerprint;
    std::string text{};  ///< What the spec was read from, if that is to be kept.
};
/// Replaces the document; another name in it renames the project.
struct ReplaceProject {
    domain::ProjectId id;
    domain::ProjectSpec spec;
    std::optional<std::int64_t> expected_revision;  ///< Refused when the project has another.
    std::string text{};  ///< What the spec was read from, if that is to be kept.
};
struct DeleteProject {
    domain::ProjectId id;
};

/// Gives the project to another user.
struct TransferProject {
    domain::ProjectId id;
    domain::UserId to;
};

/// Stops its live jobs; new ones are refused until it is enabled again.
struct DisableProject {
    domain::ProjectId id;
};
struct EnableProject {
    domain::ProjectId id;
};
/// Removes jobs of a project of which none is live. With the last of them all that was learnt of them goes too, and
/// build numbers begin again.
struct ResetProject {
    domain::ProjectId id;
    int next_build = 1;  ///< Refused when it is another: a job was submitted after these were listed.
    std::vector<domain::JobId> jobs;
    bool last = true;    ///< There are no others.
};

struct SubmitJob {
    domain::JobId id;
    domain::ProjectId project;
    domain::UserId owner;
    std::string task;
    std::vector<std::pair<std::string, std::string>> overrides;  ///< See domain::override_task().
    std::optional<domain::EngineKind> engine;
    std::optional<domain::JobSpec> clone;  ///< Run exactly this again instead of the project's present task.
    std::string cloned_from;
    std::optional<domain::Task> draft;  ///< This instead of a task of the project: of a dry run, or made by a form.
    std::string form_values;            ///< As in domain::JobSpec.
    std::vector<std::string> form_files;
    domain::SchedulingWish wish;
    std::optional<int> gpus;     ///< In all; instead of what the task's resource with GPUs asks for.
    std::optional<int> workers;  ///< The Advanced option: the GPUs are divided over as many replicas.
    std::optional<std::string> hold;  ///< It is held from the beginning, for this reason.
    std::vector<std::string> tags;
    std::string by;
    std::string key;
    std::string fingerprint;
};
struct HoldJob {
    domain::JobId id;
    std::string reason;
};
struct ReleaseJob {
    domain::JobId id;
};
/// Gives a waiting job another place in its queue: first another priority, then a place relative to others.
struct ReorderJob {
    enum class Place { kKeep, kFirst, kLast, kBefore, kAfter };
    domain::JobId id;
    std::optional<int> priority;
    Place place = Place::kKeep;
    domain::JobId other;  ///< kBefore, kAfter: takes its priority too, unless one is given.
};
struct StopJob {
    domain::JobId id;
    std::string by;
};
/// A final job and everything of it goes.
struct DeleteJob {
    domain::JobId id;
    domain::ProjectId project;
    std::string name;  ///< For the audit log.
};
/// Gives a job, live or not, these tags in place of what it had.
struct TagJob {
    domain::JobId id;
    std::vector<std::string> tags;
    std::string name;  ///< For the audit log.
};
struct SetProperties {
    domain::JobId id;
    std::map<std::string, domain::PropertyValue> properties;
};

/// Lets a component of a project run, from now on. One that failed again and again is tried at once.
struct EnableComponent {
    domain::ProjectId project;
    std::string name;
    std::optional<int> gpus;  ///< Instead of what its document, or the last one who said, asks for.
};
/// Ends it until it is enabled; what it kept in its folder stays.
struct DisableComponent {
    domain::ProjectId project;
    std::string name;
};
struct RestartComponent {
    domain::ProjectId project;
    std::string name;
};
/// As disabling, until somebody asks for it.
struct PauseComponent {
    domain::ProjectId project;
    std::string name;
};
/// Somebody asked for it: one that is paused runs again, any other is left as it is.
struct ResumeComponent {
    domain::ProjectId project;
    std::string name;
};

/// The first start: makes the operator, with an invite to set a password. Does nothing when there are users.
struct BeginUsers {
    domain::UserId id;
    std::string name;
    domain::Invite invite;
};
struct OnboardUser {
    domain::UserId id;
    std::string name;
    domain::Role role = domain::Role::kDataScientist;
    domain::GroupId group;  ///< Empty: the Default Group.
    std::optional<domain::Invite> invite;
    std::optional<domain::ExternalIdentity> external;  ///< They sign in for the first time through a provider.
};
/// Refused while jobs of theirs are live, unless these are to be stopped.
struct OffboardUser {
    domain::UserId id;
    bool force = false;
};
struct ChangeRole {
    domain::UserId id;
    domain::Role role = domain::Role::kDataScientist;
};
struct MoveUser {
    domain::UserId id;
    domain::GroupId group;
};
/// With the code of an invite, or by its owner, who has proved to know the old one. Ends all sessions.
struct SetPassword {
    domain::UserId id;
    std::string invite_hash;  ///< Empty: no invite is used up.
    std::string password_hash;
};
/// A new invite in place of any older one.
struct InviteUser {
    domain::Invite invite;
};
struct LinkIdentity {
    domain::UserId id;
    domain::ExternalIdentity external;
};
struct BeginSession {
    domain::Session session;
};
struct EndSession {
    domain::UserId user;
    std::string hash;  ///< Empty: every session of the user.
};
struct CreateToken {
    domain::AccessToken token;
};
struct RevokeToken {
    domain::TokenId id;
};
/// Something that changes nothing but belongs into the audit log, such as a failed sign-in.
struct NoteAudit {
    std::string action;
    std::string subject;
    std::string detail;
};

/// Makes the group (`create`) or changes it.
struct SaveGroup {
    domain::GroupId id;
    bool create = false;
    std::optional<std::string> name;
    std::optional<domain::PoolId> pool;
    std::optional<bool> fair_share;
    std::optional<std::optional<domain::Borrowing>> borrowing;
};
/// Its users go to the Default Group; its pool is free for another.
struct DeleteGroup {
    domain::GroupId id;
};

/// Makes the pool (`create`) or changes it. Devices are given by number or by name; those by number come from, and
/// go back to, the Default Pool.
struct SavePool {
    domain::PoolId id;
    bool create = false;
    std::optional<std::string> name;
    std::optional<std::string> model;
    std::optional<int> gpus;                              ///< How many there are to be.
    std::optional<std::vector<domain::DeviceKey>> devices;  ///< Exactly these.
};
/// Its devices go back to the Default Pool.
struct DeletePool {
    domain::PoolId id;
};

/// Its secret is sealed already; the core never sees another.
struct CreateAccount {
    domain::Account account;
};
/// What is not given stays. Another name is refused while projects use the present one, unless forced.
struct EditAccount {
    domain::AccountId id;
    std::optional<std::string> name;
    std::optional<std::string> server;
    std::optional<std::string> user;
    std::optional<std::string> known_hosts;
    std::optional<domain::SealedSecret> secret;
    std::string fingerprint;  ///< With the secret.
    bool force = false;
};
/// Refused while projects use it, unless forced.
struct DeleteAccount {
    domain::AccountId id;
    bool force = false;
};

/// Sets what a project or a group may keep on a storage. Without a limit, or by the storage's own one again.
struct SetStorageQuota {
    domain::StorageOwner owner;
    bool by_default = false;
    std::optional<std::int64_t> bytes;  ///< Nothing: as much as there is room for.
};

/// What is below the folder is more than its owner may keep there: those who write to it are told.
struct StorageOverQuota {
    std::string storage;
    std::string folder;  ///< Of the storage: "org/GROUP" or "org/GROUP/PROJECT".
    std::string message;
};
struct PreparationDone {
    domain::JobId id;
    domain::Preparation preparation;
};
struct PreparationFailed {
    domain::JobId id;
    std::string reason;
    bool may_pass = true;  ///< Whether trying again can help. Not so where the job itself would have to be another.
};
/// What the job wrote is in its sources, or why not.
struct SourcesFinished {
    domain::JobId id;
    std::string fault;  ///< Empty: it is.
};
struct PreparationProgress {
    domain::JobId id;
    std::string message;
    bool delayed = false;  ///< Something is away, and it is tried again.
};
/// An engine saw an attempt run, or end.
struct ReplicaSeen {
    domain::JobId job;
    std::string replica;
    int attempt = 1;
    std::optional<domain::ReplicaExit> exit;  ///< Empty: it runs.
};
/// All that the engines know, for reconciling. Only after a restart and now and then.
struct EnginesListed {
    std::vector<ReplicaSeen> seen;
};
/// What was seen of the use of a running component; one that was idle for its time is paused.
struct ComponentActivity {
    domain::JobId job;
    Time last_activity{};
    bool busy = false;  ///< A kernel computes.
    std::optional<domain::ComponentLoad> load{};  ///< Without it, nobody measures what its programs use.
};
struct NodesChanged {
    std::vector<domain::Node> nodes;
};
struct ChoreDone {
    std::string id;
};

}  // namespace input

using InputBody = std::variant<
    input::CreateProject,
    input::ReplaceProject,
    input::DeleteProject,
    input::TransferProject,
    input::DisableProject,
    input::EnableProject,
    input::ResetProject,
    input::SubmitJob,
    input::HoldJob,
    input::ReleaseJob,
    input::ReorderJob,
    input::StopJob,
    input::DeleteJob,
    input::TagJob,
    input::SetProperties,
    input::EnableComponent,
    input::DisableComponent,
    input::RestartComponent,
    input::PauseComponent,
    input::ResumeComponent,
    input::BeginUsers,
    input::OnboardUser,
    input::OffboardUser,
    input::ChangeRole,
    input::MoveUser,
    input::SetPassword,
    input::InviteUser,
    input::LinkIdentity,
    input::BeginSession,
    input::EndSession,
    input::CreateToken,
    input::RevokeToken,
    input::NoteAudit,
    input::SaveGroup,
    input::DeleteGroup,
    input::SavePool,
    input::DeletePool,
    input::PreparationDone,
    input::PreparationFailed,
    input::SourcesFinished,
    input::PreparationProgress,
    input::ReplicaSeen,
    input::EnginesListed,
    input::ComponentActivity,
    input::NodesChanged,
    input::ChoreDone,
    input::CreateAccount,
    input::EditAccount,
    input::DeleteAccount,
    input::SetStorageQuota,
    input::StorageOverQuota>;

struct Input {
    InputBody body;
    std::uint64_t ticket = 0;  ///< Names the reply; 0: nobody waits for one.
    domain::Actor actor = {};  ///< Of a command: who asks.
};

/// The answer to a command: the id of what was made or changed, or why not.
struct Reply {
    std::uint64_t ticket = 0;
    Result<std::string> result;
};

}  // namespace pintle::core
