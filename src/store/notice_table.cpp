#include "store/notice_table.hpp"

#include "base/text.hpp"
#include "store/cursor.hpp"

namespace pintle::store {
namespace {

constexpr std::size_t kMessageBytesMost = 8192;

constexpr std::string_view kCountUp =
    "UPDATE notices SET count = count + 1, last_seen = ?6, warning = ?7 "
    "WHERE project_id = ?1 AND ifnull(job, 0) = ifnull((SELECT seq FROM jobs WHERE id = ?2), iif(?2 = '', 0, "
    "NULL)) AND reason = ?3 AND source = ?4 AND message = ?5";
constexpr std::string_view kAddOfJob =
    "INSERT INTO notices (job, project_id, reason, source, message, last_seen, warning, count, first_seen) "
    "SELECT seq, project_id, ?3, ?4, ?5, ?6, ?7, 1, ?6 FROM jobs WHERE id = ?2 AND project_id = ?1";
constexpr std::string_view kAddOfProject =
    "INSERT INTO notices (job, project_id, reason, source, message, last_seen, warning, count, first_seen) "
    "SELECT NULL, id, ?3, ?4, ?5, ?6, ?7, 1, ?6 FROM projects WHERE id = ?1 AND ?2 = ''";
constexpr std::string_view kTrim =
    "DELETE FROM notices "
    "WHERE seq IN (SELECT seq FROM notices WHERE job = (SELECT seq FROM jobs WHERE id = ?1) ORDER BY last_seen DESC, "
    "seq DESC LIMIT -1 OFFSET ?2)";
constexpr std::string_view kListOfJob =
    "SELECT n.warning, n.reason, n.source, n.message, n.count, n.first_seen, n.last_seen, j.id, n.project_id "
    "FROM notices n INDEXED BY notices_by_job LEFT JOIN jobs j ON j.seq = n.job "
    "WHERE n.job = (SELECT seq FROM jobs x WHERE id = ?1 AND EXISTS (SELECT 1 FROM projects WHERE id = x.project_id)) "
    "ORDER BY n.last_seen DESC, n.seq DESC LIMIT ?2";
constexpr std::string_view kListOfProject =
    "SELECT n.warning, n.reason, n.source, n.message, n.count, n.first_seen, n.last_seen, j.id, n.project_id "
    "FROM notices n INDEXED BY notices_by_project LEFT JOIN jobs j ON j.seq = n.job WHERE n.project_id = ?1 AND "
    "EXISTS (SELECT 1 FROM projects WHERE id = ?1) ORDER BY n.last_seen DESC, n.seq DESC LIMIT ?2";

Result<std::vector<NoticeRecord>> list(Connection& connection, std::string_view sql, std::string_view id,
                                       std::size_t limit) {
    TRY(check_limit(limit));
    Statement rows = TRY(connection.prepare(sql));
    rows.bind(id, static_cast<std::int64_t>(limit));
    std::vector<NoticeRecord> notices;
    while (TRY(rows.step())) {
        domain::Notice notice{domain::JobId(rows.text(7)),
                              domain::ProjectId(rows.text(8)),
                              rows.boolean(0),
                              rows.text(1),
                              rows.text(2),
                              rows.text(3),
                              rows.time(6)};
        notices.push_back({std::move(notice), rows.integer(4), rows.time(5)});
    }
    return notices;
}

}  // namespace

Result<bool> add_notice(Connection& connection, const domain::Notice& notice) {
    const std::string message = to_valid_utf8(std::string_view(notice.message).substr(0, kMessageBytesMost));
    const auto run = [&](std::string_view sql) -> Result<bool> {
        TRY(connection.run(sql, notice.project.str(), notice.job.str(), notice.reason, notice.source, message,
                           notice.at, notice.warning));
        return connection.changes() > 0;
    };
    if (TRY(run(kCountUp))) return true;
    if (notice.job.empty()) return run(kAddOfProject);
    if (!TRY(run(kAddOfJob))) return false;
    TRY(connection.run(kTrim, notice.job.str(), kNoticesOfJobMost));
    return true;
}

Result<std::vector<NoticeRecord>> list_notices_of_job(Connection& connection, const domain::JobId& job,
                                                      std::size_t limit) {
    return list(connection, kListOfJob, job.str(), limit);
}

Result<std::vector<NoticeRecord>> list_notices_of_project(Connection& connection, const domain::ProjectId& project,
                                                          std::size_t limit) {
    return list(connection, kListOfProject, project.str(), limit);
}

}  // namespace pintle::store
