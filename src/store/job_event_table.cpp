#include "store/job_event_table.hpp"

#include "document/stored_document.hpp"
#include "json/json_text.hpp"
#include "store/cursor.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kAdd = "INSERT INTO job_events (job, sequence, at, kind, body) VALUES (?1, ?2, ?3, ?4, ?5)";
constexpr std::string_view kList =
    "SELECT sequence, at, kind, body FROM job_events "
    "WHERE job = (SELECT seq FROM jobs j WHERE id = ?1 "
    "AND EXISTS (SELECT 1 FROM projects WHERE id = j.project_id)) AND sequence > ?2 ORDER BY sequence LIMIT ?3";

}  // namespace

Result<void> add_event(Connection& connection, std::int64_t job, const domain::JobEvent& event) {
    return connection.run(kAdd, job, event.sequence, event.at, domain::kind_of(event.body),
                          document::stored_text(event.body));
}

Result<std::vector<domain::JobEvent>> list_events(Connection& connection, const domain::JobId& job, std::int64_t after,
                                                  std::size_t limit) {
    TRY(check_limit(limit));
    Statement rows = TRY(connection.prepare(kList));
    rows.bind(job.str(), after, static_cast<std::int64_t>(limit));
    std::vector<domain::JobEvent> events;
    while (TRY(rows.step())) {
        const json::Value body = TRY(json::parse_json(rows.view(3)));
        domain::JobEventBody event = TRY(document::event_from_stored(rows.view(2), body));
        events.push_back({job, rows.integer(0), rows.time(1), std::move(event)});
    }
    return events;
}

}  // namespace pintle::store
