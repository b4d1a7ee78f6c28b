#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/records.hpp"

namespace pintle::store {

class Connection;

/// Reads the stored state for people, on a read-only connection of its own: never waits for the core thread, sees
/// whatever was committed last.
///
/// Threading: one thread at a time; see ReaderPool. Ownership: owns its connection.
/// Failure: kInvalid for a wrong limit, cursor or text; kCorrupt for what does not read; else as Store. What is
/// not there is an empty optional, not an error.
///
/// No call costs more than its page and a bounded number of rows, however much is stored.
class StoreReader {
public:
    /// `location` is Store::location(); that store has been opened before.
    [[nodiscard]] static Result<std::unique_ptr<StoreReader>> open(const std::string& location,
                                                                   Duration busy_timeout = std::chrono::seconds(5));
    ~StoreReader();

    [[nodiscard]] Result<std::optional<domain::Project>> find_project(const domain::ProjectId& id);
    /// Names are unique in one home.
    [[nodiscard]] Result<std::optional<domain::Project>> find_project_named(std::string_view name,
                                                                            const domain::GroupId& home);
    /// Those that the viewer looks at; the one at home in the viewer's group first. At most kPageMost.
    [[nodiscard]] Result<std::vector<domain::Project>> find_projects_named(std::string_view name, const Viewer& viewer);
    /// `text` is looked for in name and summary.
    [[nodiscard]] Result<Page<ProjectSummary>> list_projects(std::string_view text, const Viewer& viewer,
                                                             const PageRequest& page,
                                                             ProjectOrder order = ProjectOrder::kName);
    [[nodiscard]] Result<std::int64_t> count_projects(const Viewer& viewer);
    /// False for a project that is not there.
    [[nodiscard]] Result<bool> may_see_project(const Viewer& viewer, const domain::ProjectId& id);

    [[nodiscard]] Result<StateCounts> count_jobs();
    [[nodiscard]] Result<StateCounts> count_jobs(const domain::ProjectId& project);
    /// Of the projects that the viewer looks at, with all their jobs.
    [[nodiscard]] Result<StateCounts> count_jobs(const Viewer& viewer);
    [[nodiscard]] Result<std::map<domain::ProjectId, StateCounts>> count_jobs_by_project(const Viewer& viewer);

    /// What was decided of a component; nothing when that is nothing yet.
    [[nodiscard]] Result<std::optional<domain::ComponentRecord>> find_component(const domain::ProjectId& project,
                                                                                std::string_view name);
    [[nodiscard]] Result<std::optional<domain::Job>> find_job(const domain::JobId& id);
    [[nodiscard]] Result<std::optional<domain::Job>> find_job(const domain::ProjectId& project, int build);
    [[nodiscard]] Result<std::vector<std::string>> tags_of(const domain::JobId& job);
    [[nodiscard]] Result<Page<JobSummary>> list_jobs(const JobFilter& filter, const PageRequest& page,
                                                     JobOrder order = JobOrder::kNewestFirst);
    [[nodiscard]] Result<JobTotal> count_jobs(const JobFilter& filter);
    /// Of the jobs that the viewer looks at, in these projects or in all.
    [[nodiscard]] Result<JobNumbers> job_numbers(const Viewer& viewer, const std::vector<domain::ProjectId>& projects,
                                                 Time since);

    /// The jobs that had resources of the pool at some time from `from` until before `to`, at most `limit` of them:
    /// those that have them still, the last submitted first, then the last ended. What a job had before it went back
    /// to the queue is not known here.
    [[nodiscard]] Result<std::vector<PoolUse>> jobs_of_pool_between(const domain::PoolId& pool, Time from, Time to,
                                                                    std::size_t limit);

    /// Attempts of replicas, the last placed first.
    [[nodiscard]] Result<Page<AttemptRecord>> list_history(const AttemptFilter& filter, const PageRequest& page);
    /// Events after number `after`, in order; `limit` is 1 to kPageMost, here and below.
    [[nodiscard]] Result<std::vector<domain::JobEvent>> job_events(const domain::JobId& job, std::int64_t after,
                                                                   std::size_t limit);
    /// The last seen first.
    [[nodiscard]] Result<std::vector<NoticeRecord>> notices(const domain::JobId& job, std::size_t limit);
    [[nodiscard]] Result<std::vector<NoticeRecord>> notices(const domain::ProjectId& project, std::size_t limit);

    [[nodiscard]] Result<ChangeList> changes_after(std::int64_t sequence, std::size_t limit);
    /// Whether the viewer may hear of the change. A few look-ups.
    [[nodiscard]] Result<bool> may_see_change(const Viewer& viewer, const ChangeRecord& change);

    [[nodiscard]] Result<std::optional<domain::User>> find_user(const domain::UserId& id);
    /// In whose name the local token acts: of the operators who are not offboarded, the one who came first.
    [[nodiscard]] Result<std::optional<domain::User>> find_first_operator();
    /// Of several with this name, the one that is not offboarded.
    [[nodiscard]] Result<std::optional<domain::User>> find_user_named(std::string_view name);
    [[nodiscard]] Result<std::optional<domain::User>> find_user_external(const domain::ExternalIdentity& identity);
    /// By name.
    [[nodiscard]] Result<Page<domain::User>> list_users(const UserFilter& filter, const PageRequest& page);
    /// All of them, by name.
    [[nodiscard]] Result<std::vector<domain::Group>> list_groups();
    [[nodiscard]] Result<std::vector<domain::Pool>> list_pools();

    /// By hash, and nothing of a user who is offboarded. Whether it has expired is for the caller to judge.
    [[nodiscard]] Result<std::optional<TokenRecord>> find_token(std::string_view hash);
    [[nodiscard]] Result<std::optional<SessionRecord>> find_session(std::string_view hash);
    [[nodiscard]] Result<std::optional<domain::Invite>> find_invite(std::string_view hash);
    /// The newest first, at most 1000.
    [[nodiscard]] Result<std::vector<domain::AccessToken>> list_tokens(const domain::UserId& user);
    [[nodiscard]] Result<std::vector<domain::Session>> list_sessions(const domain::UserId& user);
    [[nodiscard]] Result<std::optional<domain::Account>> find_account(const domain::AccountId& id);
    /// The viewer's own by name, then those of their group by name; of scope kEvery all of them. An account is owned
    /// by who made it, and one with a group shared with its members.
    [[nodiscard]] Result<std::vector<domain::Account>> list_accounts(const Viewer& viewer);
    /// What a job of this user may use, in the order in which a name is looked for; nothing of who is off-boarded.
    [[nodiscard]] Result<std::vector<domain::Account>> accounts_for(const domain::UserId& user);
    /// Newest first.
    [[nodiscard]] Result<Page<domain::AuditEntry>> list_audit(const AuditFilter& filter, const PageRequest& page);
    [[nodiscard]] Result<std::optional<domain::change::KeyUsed>> find_key(std::string_view key);

    /// For tests of this module, and for ReaderPool.
    [[nodiscard]] Connection& connection() { return *connection_; }

private:
    explicit StoreReader(std::unique_ptr<Connection> connection);
    const std::unique_ptr<Connection> connection_;
};

}  // namespace pintle::store
