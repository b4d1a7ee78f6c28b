#include "store/job_list.hpp"

#include <algorithm>

#include "store/cursor.hpp"
#include "store/job_query.hpp"
#include "store/job_sort.hpp"

namespace pintle::store {
namespace {

// Each order has its own letter, since a cursor of one is no place to go on in the other.
char letter_of(JobOrder order) { return order == JobOrder::kNewestFirst ? 'n' : 'o'; }

Result<JobBounds> bounds_of(const JobQuery& query, JobOrder order, const std::string& cursor) {
    JobBounds bounds = query.bounds();
    if (cursor.empty()) return bounds;
    const Cursor at = TRY(read_cursor(letter_of(order), cursor));
    const auto earlier = [](const Cursor& a, const Cursor& b) {
        return std::pair(a.major, a.minor) < std::pair(b.major, b.minor);
    };
    if (order == JobOrder::kNewestFirst) {
        bounds.high = std::min(bounds.high, at, earlier);
    } else {
        bounds.low = std::max(bounds.low, at, earlier);
    }
    return bounds;
}

Result<Page<JobSummary>> list_by_time(Connection& connection, const JobQuery& query, JobOrder order,
                                      const PageRequest& page) {
    JobMerge rows(connection, order == JobOrder::kNewestFirst, kAllColumns,
                  TRY(bounds_of(query, order, page.cursor)));
    TRY(rows.add(query.walks()));
    UserNames names(connection);
    Page<JobSummary> found;
    Cursor last;
    for (std::size_t examined = 0; const Statement* row = rows.front(); ++examined) {
        // A job of one's own in a project that one sees is met by two walks, one directly after the other.
        const bool met = place_of(*row) == last;
        if (!met && (found.items.size() == page.limit || examined >= kExaminedMost)) {
            found.next = write_cursor(letter_of(order), last);
            break;
        }
        last = place_of(*row);
        if (!met && query.accepts(*row)) found.items.push_back(TRY(read_summary(*row, names)));
        TRY(rows.advance());
    }
    return found;
}

}  // namespace

std::string JobSummary::display_name() const { return domain::job_name(project_name, task, build); }

Result<Page<JobSummary>> list_jobs(Connection& connection, const JobFilter& filter, JobOrder order,
                                   const PageRequest& page) {
    TRY(check_limit(page.limit));
    const JobQuery query = TRY(JobQuery::of(connection, filter));
    const bool by_time = order == JobOrder::kNewestFirst || order == JobOrder::kOldestFirst;
    return by_time ? list_by_time(connection, query, order, page) : list_sorted(connection, query, order, page);
}

}  // namespace pintle::store
