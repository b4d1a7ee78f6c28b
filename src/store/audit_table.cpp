#include "store/audit_table.hpp"

#include <limits>

#include "store/cursor.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kAdd =
    "INSERT INTO audit_log (at, actor, via, address, action, subject, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
constexpr std::string_view kTrim = "DELETE FROM audit_log WHERE seq <= ?1";
constexpr std::string_view kList =
    "SELECT seq, at, actor, via, address, action, subject, detail FROM audit_log INDEXED BY audit_log_by_time "
    "WHERE at >= ?1 AND (at, seq) < (?2, ?3) ORDER BY at DESC, seq DESC";
constexpr std::string_view kListOfActor =
    "SELECT seq, at, actor, via, address, action, subject, detail FROM audit_log INDEXED BY audit_log_by_actor "
    "WHERE actor = ?4 AND at >= ?1 AND (at, seq) < (?2, ?3) ORDER BY at DESC, seq DESC";

bool accepts(const AuditFilter& filter, const Statement& row) {
    return row.view(5).starts_with(filter.action) && (filter.subject.empty() || row.view(6) == filter.subject);
}

}  // namespace

Result<std::int64_t> add_audit(Connection& connection, const domain::AuditEntry& entry) {
    TRY(connection.run(kAdd, entry.at, entry.actor, entry.via, entry.address, entry.action, entry.subject,
                       entry.detail));
    return connection.last_inserted();
}

Result<std::int64_t> last_audit(Connection& connection) {
    return TRY(connection.integer("SELECT max(seq) FROM audit_log")).value_or(0);
}

Result<void> trim_audit(Connection& connection, std::int64_t through) { return connection.run(kTrim, through); }

Result<Page<domain::AuditEntry>> list_audit(Connection& connection, const AuditFilter& filter,
                                            const PageRequest& page) {
    constexpr std::size_t kExaminedMost = 5000;
    TRY(check_limit(page.limit));
    Cursor last{filter.until ? to_ms(*filter.until) : std::numeric_limits<std::int64_t>::max(), 0};
    if (!page.cursor.empty()) {
        const Cursor at = TRY(read_cursor('l', page.cursor));
        if (std::pair(at.major, at.minor) < std::pair(last.major, last.minor)) last = at;
    }
    const std::int64_t since = filter.since ? to_ms(*filter.since) : std::numeric_limits<std::int64_t>::min();
    Statement rows = TRY(connection.prepare(filter.actor.empty() ? kList : kListOfActor));
    rows.bind(since, last.major, last.minor);
    if (!filter.actor.empty()) rows.bind_one(4, filter.actor);
    Page<domain::AuditEntry> found;
    for (std::size_t examined = 0; TRY(rows.step()); ++examined) {
        if (found.items.size() == page.limit || examined == kExaminedMost) {
            found.next = write_cursor('l', last);
            break;
        }
        last = {rows.integer(1), rows.integer(0)};
        if (!accepts(filter, rows)) continue;
        found.items.push_back({rows.time(1), rows.text(2), rows.text(3), rows.text(4), rows.text(5), rows.text(6),
                               rows.text(7)});
    }
    return found;
}

}  // namespace pintle::store
