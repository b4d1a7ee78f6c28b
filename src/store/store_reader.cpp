#include "store/store_reader.hpp"

#include "store/attempt_table.hpp"
#include "store/change_log.hpp"
#include "store/job_event_table.hpp"
#include "store/job_list.hpp"
#include "store/job_table.hpp"
#include "store/key_table.hpp"
#include "store/notice_table.hpp"
#include "store/project_table.hpp"

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
Result<std::optional<domain::Project>> StoreReader::find_project_named(std::string_view name) {
    return store::find_project_named(*connection_, name);
}
Result<Page<ProjectSummary>> StoreReader::list_projects(std::string_view text, const PageRequest& page) {
    return store::list_projects(*connection_, text, page);
}

Result<StateCounts> StoreReader::count_jobs() { return store::count_jobs(*connection_); }
Result<StateCounts> StoreReader::count_jobs(const domain::ProjectId& project) {
    return count_jobs_of(*connection_, project);
}
Result<std::map<domain::ProjectId, StateCounts>> StoreReader::count_jobs_by_project() {
    return store::count_jobs_by_project(*connection_);
}

Result<std::optional<domain::Job>> StoreReader::find_job(const domain::JobId& id) {
    return store::find_job(*connection_, id);
}
Result<std::optional<domain::Job>> StoreReader::find_job(const domain::ProjectId& project, int build) {
    return find_job_of_build(*connection_, project, build);
}
Result<Page<JobSummary>> StoreReader::list_jobs(const JobFilter& filter, const PageRequest& page, JobOrder order) {
    return store::list_jobs(*connection_, filter, order, page);
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
Result<std::optional<domain::change::KeyUsed>> StoreReader::find_key(std::string_view key) {
    return store::find_key(*connection_, key);
}

}  // namespace pintle::store
