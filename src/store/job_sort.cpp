#include "store/job_sort.hpp"

#include <algorithm>
#include <compare>
#include <functional>
#include <set>

#include "base/check.hpp"
#include "base/text.hpp"
#include "store/job_table.hpp"

namespace pintle::store {
namespace {

using domain::JobState;

constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
/// So many are read and sorted for a page; of more an index is walked.
constexpr std::size_t kSortedMost = 2000;

/// The place of a job in an order; the lesser comes first. What is to go down is kept negative.
struct SortKey {
    std::string text;
    std::string id;
    std::int64_t a = 0;
    std::int64_t b = 0;
    std::int64_t tie = 0;
    auto operator<=>(const SortKey&) const = default;
};

char letter_of(JobOrder order) {
    switch (order) {
        case JobOrder::kNewestFirst:
        case JobOrder::kOldestFirst: break;
        case JobOrder::kLongestFirst: return 'L';
        case JobOrder::kShortestFirst: return 'S';
        case JobOrder::kByName: return 'N';
        case JobOrder::kByState: return 'T';
        case JobOrder::kByOwner: return 'W';
        case JobOrder::kLastEndedFirst: return 'E';
    }
    unreachable();
}

std::string write_key(JobOrder order, const SortKey& key) {
    return fmt::format("{}{}.{}.{}.{}.{}", letter_of(order), key.a, key.b, key.tie, key.id, key.text);
}

Result<SortKey> read_key(JobOrder order, std::string_view text) {
    constexpr std::size_t kLongest = 1400;
    if (text.size() > kLongest || !text.starts_with(letter_of(order))) return bad_cursor();
    text.remove_prefix(1);
    SortKey key;
    for (std::int64_t* number : {&key.a, &key.b, &key.tie}) {
        const std::size_t dot = text.find('.');
        const auto value = dot == std::string_view::npos ? std::nullopt : parse_int(text.substr(0, dot));
        if (!value || *value == kFirst) return bad_cursor();
        *number = *value;
        text.remove_prefix(dot + 1);
    }
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos) return bad_cursor();
    key.id = text.substr(0, dot);
    key.text = text.substr(dot + 1);
    return key;
}

/// A project's place among the names.
struct NamedProject {
    std::string name;
    std::string home;
};

/// Finds the keys of rows.
class Keys {
public:
    Keys(Connection& connection, JobOrder order) : connection_(connection), order_(order), users_(connection) {}

    [[nodiscard]] Result<SortKey> of(const Statement& row) {
        const std::int64_t seq = row.integer(kSeq);
        const bool live = row.is_null(kEnded);
        const std::int64_t ended = row.integer(kEnded);
        const std::int64_t duration = ended - (row.is_null(kStarted) ? ended : row.integer(kStarted));
        switch (order_) {
            case JobOrder::kNewestFirst:
            case JobOrder::kOldestFirst: break;
            case JobOrder::kLongestFirst: return SortKey{"", "", live ? kLast : -duration, 0, -seq};
            case JobOrder::kShortestFirst: return SortKey{"", "", live ? kLast : duration, 0, live ? -seq : seq};
            case JobOrder::kLastEndedFirst: return SortKey{"", "", live ? kLast : -ended, 0, -seq};
            case JobOrder::kByName: {
                const NamedProject* project = TRY(project_of(row.view(kProject)));
                return SortKey{project->name, project->home, row.integer(kBuild), 0, seq};
            }
            case JobOrder::kByState: {
                const JobState state = TRY(read_job_state(row.view(kState)));
                return SortKey{"", "", static_cast<std::int64_t>(state), -row.integer(kSubmitted), -seq};
            }
            case JobOrder::kByOwner: {
                std::string name = TRY(users_.of(domain::UserId(row.text(kOwner))));
                return SortKey{std::move(name), row.text(kOwner), live ? 0 : 1, -row.integer(kSubmitted), -seq};
            }
        }
        unreachable();
    }

private:
    [[nodiscard]] Result<const NamedProject*> project_of(std::string_view id) {
        const auto found = projects_.find(id);
        if (found != projects_.end()) return &found->second;
        Statement row = TRY(connection_.prepare("SELECT name, home FROM projects WHERE id = ?1"));
        NamedProject project;
        if (TRY(row.bind(id).step())) project = {row.text(0), row.text(1)};
        return &projects_.emplace(std::string(id), std::move(project)).first->second;
    }

    Connection& connection_;
    JobOrder order_;
    UserNames users_;
    std::map<std::string, NamedProject, std::less<>> projects_;
};

/// Gathers a page from rows that come in order.
class PageMaker {
public:
    PageMaker(Connection& connection, const JobQuery& query, JobOrder order, std::size_t limit)
        : keys(connection, order), query_(query), order_(order), limit_(limit), names_(connection) {}

    /// False: the page is full.
    [[nodiscard]] Result<bool> take(const Statement& row) {
        SortKey key = TRY(keys.of(row));
        // A job that two walks meet.
        if (last_ && *last_ == key) return true;
        if (last_ && (page.items.size() == limit_ || examined_ >= kExaminedMost)) {
            page.next = write_key(order_, *last_);
            return false;
        }
        ++examined_;
        last_ = std::move(key);
        if (query_.accepts(row)) page.items.push_back(TRY(read_summary(row, names_)));
        return true;
    }
    /// Every row of the statement.
    [[nodiscard]] Result<bool> take_all(Statement& rows) {
        while (TRY(rows.step())) {
            if (!TRY(take(rows))) return false;
        }
        return true;
    }

    Page<JobSummary> page;
    Keys keys;

private:
    const JobQuery& query_;
    JobOrder order_;
    std::size_t limit_;
    UserNames names_;
    std::size_t examined_ = 0;
    std::optional<SortKey> last_;
};

using After = std::optional<SortKey>;

Result<Statement> select(Connection& connection, std::string_view rest) {
    return connection.prepare(fmt::format("SELECT {} FROM jobs {}", kAllColumns, rest));
}

// Those that have ended, along an index; then those that live.
Result<void> walk_by_end(Connection& connection, PageMaker& page, const JobQuery& query, JobOrder order,
                         const After& after) {
    const auto since = query.filter.ended_since;
    if (!after || after->a != kLast) {
        const bool shortest = order == JobOrder::kShortestFirst;
        const std::string_view column = order == JobOrder::kLastEndedFirst ? "ended_at" : "duration_ms";
        Statement ended =
            TRY(select(connection,
                       fmt::format("INDEXED BY {0} WHERE live = 0 AND kind <> 'component' AND ({1}, seq) {2} (?1, "
                                   "?2){4} ORDER BY {1}{3}, seq{3}",
                                   order == JobOrder::kLastEndedFirst ? "jobs_by_end" : "jobs_by_duration", column,
                                   shortest ? ">" : "<", shortest ? "" : " DESC", since ? " AND ended_at >= ?3" : "")));
        const std::int64_t bound = !after ? (shortest ? kFirst : kLast) : shortest ? after->a : -after->a;
        const std::int64_t tie = !after ? 0 : shortest ? after->tie : -after->tie;
        if (since) ended.bind(bound, tie, *since);
        else ended.bind(bound, tie);
        if (!TRY(page.take_all(ended))) return {};
    }
    if (since) return {};
    Statement live = TRY(select(
        connection, "INDEXED BY jobs_live WHERE live = 1 AND kind <> 'component' AND seq < ?1 ORDER BY seq DESC"));
    live.bind(after && after->a == kLast ? -after->tie : kLast);
    static_cast<void>(TRY(page.take_all(live)));
    return {};
}

Result<void> walk_by_state(Connection& connection, PageMaker& page, const JobQuery& query, const After& after) {
    for (const JobState state : query.states) {
        const auto number = static_cast<std::int64_t>(state);
        if (after && number < after->a) continue;
        JobBounds bounds = query.bounds();
        if (after && number == after->a &&
            std::pair(-after->b, -after->tie) < std::pair(bounds.high.major, bounds.high.minor))
            bounds.high = {-after->b, -after->tie};
        JobMerge rows(connection, true, kAllColumns, bounds);
        TRY(rows.add(query.walks_of_states({state}, false)));
        while (const Statement* row = rows.front()) {
            if (row->view(kState) == domain::to_string(state) && !TRY(page.take(*row))) return {};
            TRY(rows.advance());
        }
    }
    return {};
}

// Where the viewer has jobs of their own, be it in projects that they do not see.
Result<std::set<std::string>> projects_of_own_jobs(Connection& connection, const Visibility& sees) {
    std::set<std::string> projects;
    if (sees.everything() || sees.user().empty()) return projects;
    for (const std::string_view sql : {"SELECT project_id FROM ended_counts WHERE owner = ?1 AND count > 0",
                                       "SELECT project_id FROM jobs INDEXED BY jobs_by_owner WHERE owner = ?1 AND live "
                                       "= 1 AND kind <> 'component'"}) {
        Statement rows = TRY(connection.prepare(sql));
        rows.bind(sees.user());
        while (TRY(rows.step())) projects.insert(rows.text(0));
    }
    return projects;
}

Result<void> walk_by_name(Connection& connection, PageMaker& page, const JobQuery& query, const After& after) {
    const std::set<std::string> own = TRY(projects_of_own_jobs(connection, query.sees));
    Statement projects = TRY(
        connection.prepare("SELECT id, name, home FROM projects WHERE (name, home) >= (?1, ?2) ORDER BY name, home"));
    projects.bind(after ? after->text : std::string(), after ? after->id : std::string());
    while (TRY(projects.step())) {
        const std::string id = projects.text(0);
        const bool asked =
            query.projects.empty() || std::binary_search(query.projects.begin(), query.projects.end(), id);
        if (!asked || !(query.sees.sees_project(id) || own.count(id) > 0)) continue;
        const bool goes_on = after && projects.view(1) == after->text && projects.view(2) == after->id;
        Statement rows =
            TRY(select(connection, "WHERE project_id = ?1 AND build > ?2 AND kind <> 'component' ORDER BY build"));
        rows.bind(id, goes_on ? after->a : kFirst);
        if (!TRY(page.take_all(rows))) return {};
    }
    return {};
}

// Those that live before those that have ended, the newest first.
Result<bool> walk_of_owner(Connection& connection, PageMaker& page, const std::string& owner, const After& after) {
    for (const std::int64_t ended : {0, 1}) {
        if (after && ended < after->a) continue;
        Statement rows =
            TRY(select(connection,
                       "INDEXED BY jobs_by_owner WHERE owner = ?1 AND live = ?2 AND kind <> 'component' AND "
                       "(submitted_at, seq) < (?3, ?4) ORDER BY submitted_at DESC, seq DESC"));
        const bool goes_on = after && ended == after->a;
        rows.bind(owner, 1 - ended, goes_on ? -after->b : kLast, goes_on ? -after->tie : std::int64_t{0});
        if (!TRY(page.take_all(rows))) return false;
    }
    return true;
}

Result<void> walk_by_owner(Connection& connection, PageMaker& page, const JobQuery& query, const After& after) {
    // Nobody comes before everybody.
    if (!after || after->id.empty()) {
        if (!TRY(walk_of_owner(connection, page, "", after))) return {};
    }
    Statement users = TRY(connection.prepare(
        "SELECT id, name FROM users INDEXED BY users_by_name WHERE (name, id) >= (?1, ?2) ORDER BY name, id"));
    users.bind(after ? after->text : std::string(), after ? after->id : std::string());
    while (TRY(users.step())) {
        const std::string id = users.text(0);
        if (query.filter.owner && query.filter.owner->str() != id) continue;
        const bool goes_on = after && users.view(1) == after->text && id == after->id;
        if (!TRY(walk_of_owner(connection, page, id, goes_on ? after : std::nullopt))) return {};
    }
    return {};
}

Result<void> walk(Connection& connection, PageMaker& page, const JobQuery& query, JobOrder order, const After& after) {
    switch (order) {
        case JobOrder::kNewestFirst:
        case JobOrder::kOldestFirst: break;
        case JobOrder::kLongestFirst:
        case JobOrder::kShortestFirst:
        case JobOrder::kLastEndedFirst: return walk_by_end(connection, page, query, order, after);
        case JobOrder::kByName: return walk_by_name(connection, page, query, after);
        case JobOrder::kByState: return walk_by_state(connection, page, query, after);
        case JobOrder::kByOwner: return walk_by_owner(connection, page, query, after);
    }
    unreachable();
}

using Sorted = std::vector<std::pair<SortKey, std::int64_t>>;  // with the number of the job

/// The first `most` of all jobs behind `after`, in order.
Result<Sorted> sort_all(Connection& connection, const JobQuery& query, JobOrder order, const After& after,
                        std::size_t most) {
    JobMerge rows(connection, true, kFilterColumns, query.bounds());
    TRY(rows.add(query.walks()));
    Keys keys(connection, order);
    Sorted sorted;
    while (const Statement* row = rows.front()) {
        if (query.accepts(*row)) {
            SortKey key = TRY(keys.of(*row));
            if (!after || key > *after) sorted.emplace_back(std::move(key), row->integer(kSeq));
        }
        TRY(rows.advance());
    }
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    sorted.resize(std::min(sorted.size(), most));
    return sorted;
}

Result<Page<JobSummary>> page_of_sorted(Connection& connection, const JobQuery& query, JobOrder order,
                                        const After& after, std::size_t limit) {
    const Sorted sorted = TRY(sort_all(connection, query, order, after, limit + 1));
    Page<JobSummary> page;
    if (sorted.size() > limit) page.next = write_key(order, sorted[limit - 1].first);
    UserNames names(connection);
    for (std::size_t i = 0; i < std::min(sorted.size(), limit); ++i) {
        Statement row = TRY(select(connection, "WHERE seq = ?1"));
        // It may have been deleted meanwhile.
        if (TRY(row.bind(sorted[i].second).step())) page.items.push_back(TRY(read_summary(row, names)));
    }
    return page;
}

}  // namespace

Result<Page<JobSummary>> list_sorted(Connection& connection, const JobQuery& query, JobOrder order,
                                     const PageRequest& page) {
    After after;
    if (!page.cursor.empty()) after = TRY(read_key(order, page.cursor));
    const std::size_t rows = TRY(count_rows(connection, query.walks(), query.bounds(), kSortedMost));
    if (rows <= kSortedMost) return page_of_sorted(connection, query, order, after, page.limit);
    PageMaker maker(connection, query, order, page.limit);
    TRY(walk(connection, maker, query, order, after));
    return std::move(maker.page);
}

}  // namespace pintle::store
