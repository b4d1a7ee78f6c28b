#include "store/store_reader.hpp"

#include "store/account_table.hpp"
#include "store/attempt_table.hpp"
#include "store/audit_table.hpp"
#include "store/change_log.hpp"
#include "store/component_table.hpp"
#include "store/credential_table.hpp"
#include "store/group_table.hpp"
#include "store/job_event_table.hpp"
#include "store/job_count.hpp"
#include "store/job_list.hpp"
#include "store/job_table.hpp"
#include "store/key_table.hpp"
#include "store/notice_table.hpp"
#include "store/pool_table.hpp"
#include "store/project_table.hpp"
#include "store/tag_table.hpp"
#include "store/user_table.hpp"
#include "store/visibility.hpp"

namespace pintle::store {

StoreReader::StoreReader(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
StoreReader::~StoreReader() = default;

Result<std::unique_ptr<StoreReader>> StoreReader::open(const std::string& location, Duration busy_timeout) {
    std::unique_ptr<Connection> connection = TRY(Connection::open(location, Connection::Mode::kReadOnly, busy_timeout));
    TRY(connection->run_script("PRAGMA temp_store = MEMORY"));
    return std::unique_ptr<StoreReader>(new StoreReader(std::move(connection)));
}

Result<std::optional<domain::Project>> StoreReader::find_project(const domain::ProjectId& id) {
    return store::find_project(*connection_, id);
}
Result<std::optional<domain::Project>> StoreReader::find_project_named(std::string_view name,
                                                                       const domain::GroupId& home) {
    return store::find_project_named(*connection_, name, home);
}
Result<std::vector<domain::Project>> StoreReader::find_projects_named(std::string_view name, const Viewer& viewer) {
    return store::find_projects_named(*connection_, name, viewer);
}
Result<Page<ProjectSummary>> StoreReader::list_projects(std::string_view text, const Viewer& viewer,
                                                        const PageRequest& page, ProjectOrder order) {
    return store::list_projects(*connection_, text, viewer, page, order);
}
Result<std::int64_t> StoreReader::count_projects(const Viewer& viewer) {
    return store::count_projects(*connection_, viewer);
}
Result<bool> StoreReader::may_see_project(const Viewer& viewer, const domain::ProjectId& id) {
    return store::may_see_project(*connection_, viewer, id);
}

Result<StateCounts> StoreReader::count_jobs() { return store::count_jobs(*connection_); }
Result<StateCounts> StoreReader::count_jobs(const domain::ProjectId& project) {
    return count_jobs_of(*connection_, project);
}
Result<StateCounts> StoreReader::count_jobs(const Viewer& viewer) {
    StateCounts sum;
    for (const auto& [project, counts] : TRY(count_jobs_seen(*connection_, viewer))) {
        for (const auto& [state, count] : counts) sum[state] += count;
    }
    return sum;
}
Result<std::map<domain::ProjectId, StateCounts>> StoreReader::count_jobs_by_project(const Viewer& viewer) {
    return count_jobs_seen(*connection_, viewer);
}

Result<std::optional<domain::ComponentRecord>> StoreReader::find_component(const domain::ProjectId& project,
                                                                           std::string_view name) {
    return store::find_component(*connection_, project, name);
}
Result<std::optional<domain::Job>> StoreReader::find_job(const domain::JobId& id) {
    return store::find_job(*connection_, id);
}
Result<std::optional<domain::Job>> StoreReader::find_job(const domain::ProjectId& project, int build) {
    return find_job_of_build(*connection_, project, build);
}
Result<std::vector<std::string>> StoreReader::tags_of(const domain::JobId& job) {
    return store::tags_of(*connection_, job);
}
Result<Page<JobSummary>> StoreReader::list_jobs(const JobFilter& filter, const PageRequest& page, JobOrder order) {
    return store::list_jobs(*connection_, filter, order, page);
}
Result<JobTotal> StoreReader::count_jobs(const JobFilter& filter) { return count_matching(*connection_, filter); }
Result<JobNumbers> StoreReader::job_numbers(const Viewer& viewer, const std::vector<domain::ProjectId>& projects,
                                            Time since) {
    return count_numbers(*connection_, viewer, projects, since);
}

Result<std::vector<PoolUse>> StoreReader::jobs_of_pool_between(const domain::PoolId& pool, Time from, Time to,
                                                               std::size_t limit) {
    return store::jobs_of_pool_between(*connection_, pool, from, to, limit);
}

Result<Page<AttemptRecord>> StoreReader::list_history(const AttemptFilter& filter, const PageRequest& page) {
    return list_attempts(*connection_, filter, page);
}
Result<std::vector<domain::JobEvent>> StoreReader::job_events(const domain::JobId& job, std::int64_t after,
                                                              std::size_t limit) {
    return list_events(*connection_, job, after, limit);
}
Result<std::vector<NoticeRecord>> StoreReader::notices(const domain::JobId& job, std::size_t limit) {
    return list_notices_of_job(*connection_, job, limit);
}
Result<std::vector<NoticeRecord>> StoreReader::notices(const domain::ProjectId& project, std::size_t limit) {
    return list_notices_of_project(*connection_, project, limit);
}

Result<ChangeList> StoreReader::changes_after(std::int64_t sequence, std::size_t limit) {
    return list_changes(*connection_, sequence, limit);
}
Result<bool> StoreReader::may_see_change(const Viewer& viewer, const ChangeRecord& change) {
    return store::may_see_change(*connection_, viewer, change);
}

Result<std::optional<domain::User>> StoreReader::find_user(const domain::UserId& id) {
    return store::find_user(*connection_, id);
}
Result<std::optional<domain::User>> StoreReader::find_first_operator() {
    return store::find_first_operator(*connection_);
}
Result<std::optional<domain::User>> StoreReader::find_user_named(std::string_view name) {
    return store::find_user_named(*connection_, name);
}
Result<std::optional<domain::User>> StoreReader::find_user_external(const domain::ExternalIdentity& identity) {
    return store::find_user_external(*connection_, identity);
}
Result<Page<domain::User>> StoreReader::list_users(const UserFilter& filter, const PageRequest& page) {
    return store::list_users(*connection_, filter, page);
}
Result<std::vector<domain::Group>> StoreReader::list_groups() { return load_groups(*connection_); }
Result<std::vector<domain::Pool>> StoreReader::list_pools() { return load_pools(*connection_); }

Result<std::optional<TokenRecord>> StoreReader::find_token(std::string_view hash) {
    return store::find_token(*connection_, hash);
}
Result<std::optional<SessionRecord>> StoreReader::find_session(std::string_view hash) {
    return store::find_session(*connection_, hash);
}
Result<std::optional<domain::Invite>> StoreReader::find_invite(std::string_view hash) {
    return store::find_invite(*connection_, hash);
}
Result<std::vector<domain::AccessToken>> StoreReader::list_tokens(const domain::UserId& user) {
    return store::list_tokens(*connection_, user);
}
Result<std::vector<domain::Session>> StoreReader::list_sessions(const domain::UserId& user) {
    return store::list_sessions(*connection_, user);
}
Result<std::optional<domain::Account>> StoreReader::find_account(const domain::AccountId& id) {
    return store::find_account(*connection_, id);
}
Result<std::vector<domain::Account>> StoreReader::list_accounts(const Viewer& viewer) {
    return store::list_accounts(*connection_, viewer);
}
Result<std::vector<domain::Account>> StoreReader::accounts_for(const domain::UserId& user) {
    const auto known = TRY(find_user(user));
    const bool is_here = known && known->status != domain::UserStatus::kOffboarded;
    if (!is_here) return std::vector<domain::Account>();
    return store::list_accounts(*connection_, {user, known->group, Viewer::Scope::kAll});
}
Result<Page<domain::AuditEntry>> StoreReader::list_audit(const AuditFilter& filter, const PageRequest& page) {
    return store::list_audit(*connection_, filter, page);
}

Result<std::optional<domain::change::KeyUsed>> StoreReader::find_key(std::string_view key) {
    return store::find_key(*connection_, key);
}

}  // namespace pintle::store
