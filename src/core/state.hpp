#pragma once

#include <deque>
#include <map>
#include <set>
#include <unordered_map>

#include "core/core.hpp"
#include "core/live_jobs.hpp"

namespace pintle::core {

/// Between the ranks of jobs, so that others can be put in between.
inline constexpr std::int64_t kRankGap = 1 << 20;

using ComponentKey = std::pair<domain::ProjectId, std::string>;

/// What the core knows. Private to this module.
struct State {
    CoreOptions options;
    std::map<domain::ProjectId, domain::Project> projects;
    /// By home and name. A project whose owner has moved, but whose data has not yet, is here under both homes.
    std::map<std::pair<domain::GroupId, std::string>, domain::ProjectId> project_ids;
    LiveJobs jobs;
    std::map<domain::ProjectId, std::set<domain::JobId>> live_jobs_of;  ///< No empty ones.
    scheduling::Snapshot snapshot;  ///< The same jobs as the scheduler sees them, with nodes, pools and groups.
    std::int64_t next_rank = kRankGap;
    std::set<std::pair<Time, domain::JobId>> deadlines;  ///< Of waiting jobs.
    std::set<std::pair<Time, domain::JobId>> source_retries;  ///< Whose sources are tried again then.
    std::set<domain::JobId> finishing;                        ///< Whose sources are being given what they wrote.
    std::set<int> slots;
    std::map<domain::UserId, domain::User> users;
    std::map<std::string, domain::UserId> user_ids;  ///< By name.
    std::map<domain::GroupId, domain::Group> groups;  ///< With the Default Group, always.
    std::map<domain::PoolId, domain::Pool> pools;     ///< With the Default Pool, always.
    std::map<domain::TokenId, domain::AccessToken> tokens;
    std::map<std::string, domain::Invite> invites;  ///< By hash.
    std::map<std::pair<domain::ProjectId, std::string>, domain::RunTimes> run_times;  ///< By project and task.
    std::map<ComponentKey, domain::ComponentRecord> components;
    std::map<domain::JobId, domain::ComponentUse> component_uses;  ///< Of components that run.
    std::set<std::pair<Time, ComponentKey>> component_starts;      ///< When those that wait for their time are due.
    std::set<ComponentKey> changed_components;  ///< To be looked after, at the latest in the next step.
    /// Projects that go as soon as their components have ended, with the tickets of those who wait for that. What is to
    /// go is in the projects themselves, and so on disk; who waits for it is here only.
    std::map<domain::ProjectId, std::vector<std::uint64_t>> removals;
    std::map<std::string, domain::change::KeyUsed> keys;
    std::deque<std::string> key_order;
    std::map<std::string, domain::Chore> chores;
    std::map<domain::AccountId, domain::Account> accounts;
    domain::StorageQuotas storage_quotas;
};

/// One step while it is being made.
struct Step {
    State& state;
    const Time now;
    StepResult result;
    std::vector<domain::JobId> touched;  ///< In the order of their first event.
    std::unordered_map<domain::JobId, std::vector<domain::JobEvent>> events;
    domain::Changes last_changes;  ///< Of jobs that are touched themselves: to be made after theirs.
    bool replan = false;
    domain::Actor actor = {};  ///< Who gave the command that is being carried out.

    void reply(std::uint64_t ticket, Result<std::string> result);
    /// Remembers that the actor did this; what the server does itself is not written down.
    void audit(std::string action, std::string subject, std::string detail = {});
    void notice(const domain::Job& job, bool warning, std::string reason, std::string source, std::string message);
};

// jobs.cpp: the life of one job.

/// Applies an event that the caller knows to be legal and remembers it for the store. Takes the id by value: the
/// caller's is often that of the very job which is replaced here.
void record(Step& step, domain::JobId id, domain::JobEventBody body);
/// Decides what is next for a job whose replicas or wishes changed. Level-triggered: calling it twice does
/// nothing the second time.
void settle(Step& step, domain::JobId id);
/// Brings the job to its end, or back to the queue: stops what runs, or ends it at once when nothing does. Does
/// nothing to a job that is ending already.
void begin_end(Step& step, domain::JobId id, domain::JobState state, std::string reason, std::string by);
void expire_waiting(Step& step);
/// Ends the job, or sends it back to the queue, as is begun; nothing of it runs any more. `lost`: why what it wrote is
/// not where it belongs, which is no success.
void finish_ending(Step& step, domain::JobId id, const std::string& lost = {});
/// Writes the touched jobs into the result and drops those that have ended.
void flush(Step& step);

// components.cpp: which components run.

/// Starts and stops what was marked or is due, and takes note of jobs of components that have ended.
void look_after_components(Step& step);
/// Has all components of the project looked after.
void mark_components(State& state, const domain::ProjectId& project);
/// Follows another document: components that are gone are stopped, those that are to run from the beginning are
/// enabled.
void follow_components(Step& step, const domain::Project& project, const std::vector<domain::Component>& before);
/// Somebody stopped its job by hand, which disables it.
void disable_component_of(Step& step, const domain::Job& job);
void forget_components(State& state, const domain::ProjectId& project);
[[nodiscard]] std::vector<ComponentView> components_of(const State& state, const domain::ProjectId& project);
void load_components(State& state, std::vector<domain::ComponentRecord> records);
[[nodiscard]] std::optional<std::string> component_fault(const State& state);
/// When look_after_components() has something to do.
[[nodiscard]] std::optional<Time> next_component_start(const State& state, Time now);

// admission.cpp: the queue and the books.

void enqueue(State& state, const domain::Job& job);
void dequeue(State& state, const domain::Job& job);
void admit_waiting(Step& step);
/// Gives what the job holds back to the books.
void unbook(State& state, const domain::Job& job);
[[nodiscard]] scheduling::Workload workload_of(const State& state, const domain::Job& job);
[[nodiscard]] scheduling::Running running_of(const State& state, const domain::Job& job);
[[nodiscard]] std::optional<Time> deadline_of(const domain::Job& job);
/// A job that ended well teaches how long its task runs.
void learn_run_time(Step& step, const domain::Job& job);

// sources.cpp: what a job waits for before its replicas start and after they have ended.

/// Whether sources must be given what the job wrote before it may end.
[[nodiscard]] bool writes_back(const domain::Job& job);
/// Asks for it, once. Level-triggered.
void write_back(Step& step, const domain::JobId& id);
/// Tries again what is due.
void retry_sources(Step& step);

// submission.cpp

/// The job as it would be submitted now, with every check that needs no place in the queue.
[[nodiscard]] Result<domain::Job> job_of(const State& state, const input::SubmitJob& command,
                                         const domain::Actor& actor, Time now);
/// The job that a component would be, with the same checks.
[[nodiscard]] Result<domain::event::Submitted> submission_of(const State& state, const domain::Project& project,
                                                             const domain::Component& component,
                                                             const domain::JobId& id, Time now);
/// Puts it into the queue.
void take_in(Step& step, domain::event::Submitted submitted);

// projects.cpp

/// Moves the project's data to its owner's group, as soon as nothing of it runs. Level-triggered.
void rehome(Step& step, const domain::ProjectId& id);
/// See Core::project_faults().
[[nodiscard]] std::vector<Fault> project_faults(const State& state, const domain::ProjectSpec& spec,
                                                const domain::UserId& owner,
                                                const std::optional<domain::ProjectId>& existing);
/// Fails while the project is disabled.
[[nodiscard]] Result<void> check_enabled(const domain::Project& project);
/// Fails for a project that is being deleted.
[[nodiscard]] Result<void> check_stays(const domain::Project& project);
/// Deletes those whose last component has ended.
void finish_removals(Step& step);
/// How many jobs of tasks have not ended, and how many of components.
struct LiveCounts {
    int tasks = 0;
    int components = 0;
};
[[nodiscard]] LiveCounts live_counts(const State& state, const domain::ProjectId& project);
/// Fails while the project's data is being moved.
[[nodiscard]] Result<void> check_project_data_at_rest(const State& state, const domain::Project& project);

// accounts.cpp

/// What the name means to this user: an account of their own, or else one of their group. Null: nothing.
[[nodiscard]] const domain::Account* account_named(const State& state, const domain::UserId& user,
                                                   const std::string& name);
/// Fails for the first source that the job mounts with an account which this user does not have.
[[nodiscard]] Result<void> check_accounts(const State& state, const domain::UserId& user, const domain::JobSpec& job);
/// The accounts that are theirs alone go with somebody who is off-boarded.
void delete_accounts_of(Step& step, const domain::UserId& user);
/// Fails while the group has accounts.
[[nodiscard]] Result<void> check_no_accounts(const State& state, const domain::Group& group);

// storages.cpp

/// Whether the storage is there for projects of this group. One that is another group's is not there.
[[nodiscard]] bool has_storage(const State& state, const std::string& storage, const domain::GroupId& home);
[[nodiscard]] std::string no_storage(const State& state, const std::string& storage, const domain::GroupId& home);
/// See Core::group_of_storage().
[[nodiscard]] domain::GroupId group_of_storage(const State& state, const std::string& storage);
/// Fails for the first source that the job mounts from a storage which is not there for it.
[[nodiscard]] Result<void> check_storages(const State& state, const domain::JobSpec& job);
/// Quotas go with whose they are.
void forget_quotas(Step& step, const domain::ProjectId& project);
void forget_quotas(Step& step, const domain::GroupId& group);

// users.cpp, groups.cpp

/// Somebody who is not off-boarded.
[[nodiscard]] Result<domain::User*> find_user(State& state, const domain::UserId& id);
[[nodiscard]] domain::GroupId group_of(const State& state, const domain::UserId& user);
[[nodiscard]] std::string name_of(const State& state, const domain::UserId& user);
/// Jobs of the user that have not ended, in the order of their ids.
[[nodiscard]] std::vector<domain::JobId> live_jobs_of_user(const State& state, const domain::UserId& user);
/// After the user came into another group, or the group got another pool: what waits queues there, and projects
/// follow.
void regroup(Step& step, const domain::UserId& user, const std::string& reason);
/// Names no group: the job's events are read by people of the new group, who may not know of the old one.
inline constexpr std::string_view kOwnerMoved = "its owner is in another group now";
void regroup_job(Step& step, const domain::JobId& id, const std::string& reason);
/// Why the user's projects cannot come into the group: names that are taken there.
[[nodiscard]] Result<void> check_project_names(const State& state, const domain::UserId& user,
                                               const domain::GroupId& group);
void publish_groups(State& state);
void publish_pools(State& state);

// One handler per input: accounts.cpp, projects.cpp, components.cpp, submission.cpp, queue.cpp, jobs.cpp, users.cpp,
// credentials.cpp, groups.cpp, pools.cpp, storages.cpp, observations.cpp.

void on(Step& step, const input::CreateProject& command, std::uint64_t ticket);
void on(Step& step, const input::ReplaceProject& command, std::uint64_t ticket);
void on(Step& step, const input::DeleteProject& command, std::uint64_t ticket);
void on(Step& step, const input::SubmitJob& command, std::uint64_t ticket);
void on(Step& step, const input::TransferProject& command, std::uint64_t ticket);
void on(Step& step, const input::DisableProject& command, std::uint64_t ticket);
void on(Step& step, const input::EnableProject& command, std::uint64_t ticket);
void on(Step& step, const input::ResetProject& command, std::uint64_t ticket);
void on(Step& step, const input::HoldJob& command, std::uint64_t ticket);
void on(Step& step, const input::ReleaseJob& command, std::uint64_t ticket);
void on(Step& step, const input::ReorderJob& command, std::uint64_t ticket);
void on(Step& step, const input::EnableComponent& command, std::uint64_t ticket);
void on(Step& step, const input::DisableComponent& command, std::uint64_t ticket);
void on(Step& step, const input::RestartComponent& command, std::uint64_t ticket);
void on(Step& step, const input::PauseComponent& command, std::uint64_t ticket);
void on(Step& step, const input::ResumeComponent& command, std::uint64_t ticket);
void on(Step& step, const input::ComponentActivity& seen, std::uint64_t ticket);
void on(Step& step, const input::BeginUsers& command, std::uint64_t ticket);
void on(Step& step, const input::OnboardUser& command, std::uint64_t ticket);
void on(Step& step, const input::OffboardUser& command, std::uint64_t ticket);
void on(Step& step, const input::ChangeRole& command, std::uint64_t ticket);
void on(Step& step, const input::MoveUser& command, std::uint64_t ticket);
void on(Step& step, const input::SetPassword& command, std::uint64_t ticket);
void on(Step& step, const input::InviteUser& command, std::uint64_t ticket);
void on(Step& step, const input::LinkIdentity& command, std::uint64_t ticket);
void on(Step& step, const input::BeginSession& command, std::uint64_t ticket);
void on(Step& step, const input::EndSession& command, std::uint64_t ticket);
void on(Step& step, const input::CreateToken& command, std::uint64_t ticket);
void on(Step& step, const input::RevokeToken& command, std::uint64_t ticket);
void on(Step& step, const input::NoteAudit& command, std::uint64_t ticket);
void on(Step& step, const input::SaveGroup& command, std::uint64_t ticket);
void on(Step& step, const input::DeleteGroup& command, std::uint64_t ticket);
void on(Step& step, const input::SavePool& command, std::uint64_t ticket);
void on(Step& step, const input::DeletePool& command, std::uint64_t ticket);
void on(Step& step, const input::StopJob& command, std::uint64_t ticket);
void on(Step& step, const input::DeleteJob& command, std::uint64_t ticket);
void on(Step& step, const input::TagJob& command, std::uint64_t ticket);
void on(Step& step, const input::SetProperties& command, std::uint64_t ticket);
void on(Step& step, const input::PreparationDone& seen, std::uint64_t ticket);
void on(Step& step, const input::PreparationFailed& seen, std::uint64_t ticket);
void on(Step& step, const input::SourcesFinished& seen, std::uint64_t ticket);
void on(Step& step, const input::PreparationProgress& seen, std::uint64_t ticket);
void on(Step& step, const input::ReplicaSeen& seen, std::uint64_t ticket);
void on(Step& step, const input::EnginesListed& seen, std::uint64_t ticket);
void on(Step& step, const input::NodesChanged& seen, std::uint64_t ticket);
void on(Step& step, const input::ChoreDone& seen, std::uint64_t ticket);
void on(Step& step, const input::CreateAccount& command, std::uint64_t ticket);
void on(Step& step, const input::EditAccount& command, std::uint64_t ticket);
void on(Step& step, const input::DeleteAccount& command, std::uint64_t ticket);
void on(Step& step, const input::SetStorageQuota& command, std::uint64_t ticket);
void on(Step& step, const input::StorageOverQuota& seen, std::uint64_t ticket);

/// A key that was used before: its result when the request is the same, an error when it is another.
[[nodiscard]] std::optional<Result<std::string>> replay_key(const State& state, const std::string& key,
                                                            const std::string& fingerprint);
void remember_key(Step& step, const std::string& key, const std::string& fingerprint, const std::string& result);
void add_chore(Step& step, domain::Chore chore);

}  // namespace pintle::core
