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
    [[nodiscard]] Result<std::optional<domain::Project>> find_project_named(std::string_view name);
    /// By name; `text` is looked for in name and summary.
    [[nodiscard]] Result<Page<ProjectSummary>> list_projects(std::string_view text, const PageRequest& page);

    [[nodiscard]] Result<StateCounts> count_jobs();
    [[nodiscard]] Result<StateCounts> count_jobs(const domain::ProjectId& project);
    [[nodiscard]] Result<std::map<domain::ProjectId, StateCounts>> count_jobs_by_project();

    [[nodiscard]] Result<std::optional<domain::Job>> find_job(const domain::JobId& id);
    [[nodiscard]] Result<std::optional<domain::Job>> find_job(const domain::ProjectId& project, int build);
    [[nodiscard]] Result<Page<JobSummary>> list_jobs(const JobFilter& filter, const PageRequest& page,
                                                     JobOrder order = JobOrder::kNewestFirst);

    /// Attempts of replicas, the last placed first.
    [[nodiscard]] Result<Page<AttemptRecord>> list_history(const AttemptFilter& filter, const PageRequest& page);
    /// Events after number `after`, in order; `limit` is 1 to kPageMost, here and below.
    [[nodiscard]] Result<std::vector<domain::JobEvent>> job_events(const domain::JobId& job, std::int64_t after,
                                                                   std::size_t limit);
    /// The last seen first.
    [[nodiscard]] Result<std::vector<NoticeRecord>> notices(const domain::JobId& job, std::size_t limit);
    [[nodiscard]] Result<std::vector<NoticeRecord>> notices(const domain::ProjectId& project, std::size_t limit);

    [[nodiscard]] Result<ChangeList> changes_after(std::int64_t sequence, std::size_t limit);
    [[nodiscard]] Result<std::optional<domain::change::KeyUsed>> find_key(std::string_view key);

    /// For tests of this module, and for ReaderPool.
    [[nodiscard]] Connection& connection() { return *connection_; }

private:
    explicit StoreReader(std::unique_ptr<Connection> connection);
    const std::unique_ptr<Connection> connection_;
};

}  // namespace pintle::store
