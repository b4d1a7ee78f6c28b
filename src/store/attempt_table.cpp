#include "store/attempt_table.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "store/cursor.hpp"
#include "store/project_table.hpp"
#include "store/visibility.hpp"

namespace pintle::store {
namespace {

using domain::ReplicaState;

constexpr std::string_view kAdd =
    "INSERT INTO attempts (job, project_id, resource, idx, attempt, state, node, address, devices, image, gpus, "
    "request_cpu_millis, request_memory_bytes, limit_cpu_millis, limit_memory_bytes, owner) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
constexpr std::string_view kNextAttempt =
    "SELECT ifnull(max(attempt), 0) + 1 FROM attempts WHERE job = ?1 AND resource = ?2 AND idx = ?3";
// The states change by job; the plus keeps SQLite from walking all attempts of a state instead. With OR FAIL it needs
// no copy of each page, to undo a half of the statement; the transaction is undone as a whole.
constexpr std::string_view kPrepared =
    "UPDATE OR FAIL attempts SET state = 'Starting' WHERE job = ?1 AND +state = 'Pending'";
constexpr std::string_view kAllEnded =
    "UPDATE OR FAIL attempts SET state = 'Stopped', ended_at = ?2 "
    "WHERE job = ?1 AND +state IN ('Pending', 'Starting', 'Running')";
constexpr std::string_view kStarted =
    "UPDATE attempts SET state = 'Running', started_at = ?5 "
    "WHERE job = ?1 AND resource = ?2 AND idx = ?3 AND attempt = ?4";
constexpr std::string_view kEnded =
    "UPDATE attempts SET state = ?5, ended_at = ?6, exit_code = ?7, out_of_memory = ?8, message = ?9 "
    "WHERE job = ?1 AND resource = ?2 AND idx = ?3 AND attempt = ?4";

/// "worker-0" in its two parts.
struct ReplicaName {
    std::string_view resource;
    int index;
};
ReplicaName parse_name(std::string_view name) {
    const std::size_t dash = name.rfind('-');
    if (dash == std::string_view::npos) return {name, 0};
    return {name.substr(0, dash), static_cast<int>(parse_int(name.substr(dash + 1)).value_or(0))};
}

const domain::Replica* find(const domain::Job& job, const ReplicaName& name) {
    for (const domain::Replica& replica : job.replicas) {
        if (replica.index == name.index && replica.resource == name.resource) return &replica;
    }
    return nullptr;
}

std::string join_numbers(const std::vector<int>& numbers) {
    std::string text;
    for (const int number : numbers) text += fmt::format("{}{}", text.empty() ? "" : ",", number);
    return text;
}

Result<void> add(Connection& connection, std::int64_t seq, const domain::Job& job, const domain::Replica& replica,
                 const domain::Placement& place, int attempt, ReplicaState state) {
    const domain::Resource& resource = job.resource_of(replica);
    const std::string image = job.spec.engine == domain::EngineKind::kContainer ? resource.image() : std::string();
    return connection.run(kAdd, seq, job.project_id.str(), replica.resource, replica.index, attempt,
                          domain::to_string(state), place.node, place.address, join_numbers(place.devices), image,
                          resource.gpus, resource.requests.cpu_millis, resource.requests.memory_bytes,
                          resource.limits.cpu_millis, resource.limits.memory_bytes, job.owner.str());
}

// The replica may be past this attempt already, so the history is asked.
Result<int> next_attempt(Connection& connection, std::int64_t seq, const domain::Replica& replica) {
    Statement row = TRY(connection.prepare(kNextAttempt));
    TRY(row.bind(seq, replica.resource, replica.index).step());
    return static_cast<int>(row.integer(0));
}

Result<void> placed(Connection& connection, std::int64_t seq, const domain::Job& job,
                    const domain::event::Admitted& admitted) {
    for (std::size_t i = 0; i < job.replicas.size() && i < admitted.placements.size(); ++i) {
        const domain::Replica& replica = job.replicas[i];
        const int attempt = job.requeues == 0 ? 1 : TRY(next_attempt(connection, seq, replica));
        TRY(add(connection, seq, job, replica, admitted.placements[i], attempt, ReplicaState::kPending));
    }
    return {};
}

Result<void> retried(Connection& connection, std::int64_t seq, const domain::Job& job,
                     const domain::event::ReplicaRetried& retry) {
    const domain::Replica* replica = find(job, parse_name(retry.replica));
    if (replica == nullptr) return {};
    return add(connection, seq, job, *replica, replica->placement, retry.attempt, ReplicaState::kStarting);
}

Result<void> ended(Connection& connection, std::int64_t seq, const domain::Job& job,
                   const domain::event::ReplicaEnded& end, Time at) {
    const ReplicaName name = parse_name(end.replica);
    const domain::Replica* replica = find(job, name);
    // Only a failed attempt is followed by another.
    const ReplicaState state =
        replica != nullptr && replica->attempt == end.attempt ? replica->state : ReplicaState::kFailed;
    const Time ended_at = end.exit.at == Time{} ? at : end.exit.at;
    return connection.run(kEnded, seq, name.resource, name.index, end.attempt, domain::to_string(state), ended_at,
                          end.exit.exit_code, end.exit.out_of_memory, end.exit.message);
}

struct Path {
    std::string_view index;
    std::string_view condition;
};
constexpr Path kAll{"NOT INDEXED", ""};
constexpr Path kByJob{"INDEXED BY attempts_by_job", "a.job = (SELECT seq FROM jobs WHERE id = ?2) AND "};
constexpr Path kFailed{"INDEXED BY attempts_failed", "a.state = 'Failed' AND "};
constexpr Path kByOwner{"INDEXED BY attempts_by_owner", "a.owner = ?2 AND "};
constexpr Path kByProject{"INDEXED BY attempts_by_project", "a.project_id = ?2 AND "};
constexpr Path kFailedOfProject{"INDEXED BY attempts_failed_by_project",
                                "a.project_id = ?2 AND a.state = 'Failed' AND "};

constexpr std::size_t kWalksMost = 64;

/// Walks over several indexes, merged: the rows of all of them, newest first.
class Merge {
public:
    Merge(Connection& connection, std::int64_t before) : connection_(connection), before_(before) {}

    template <class... Keys>
    [[nodiscard]] Result<void> add(const Path& path, const Keys&... keys) {
        Statement walk = TRY(connection_.prepare(fmt::format(
            "SELECT a.seq, j.id, a.project_id, j.project_name, j.task, j.build, a.resource, a.idx, a.attempt, "
            "a.state, a.node, a.address, a.devices, a.image, a.gpus, "
            "a.request_cpu_millis, a.request_memory_bytes, a.limit_cpu_millis, a.limit_memory_bytes, "
            "a.started_at, a.ended_at, a.exit_code, a.out_of_memory, a.message, a.owner "
            "FROM attempts a {} CROSS JOIN jobs j ON j.seq = a.job WHERE {}a.seq < ?1 ORDER BY a.seq DESC",
            path.index, path.condition)));
        walk.bind(before_, keys...);
        if (TRY(walk.step())) walks_.push_back(std::move(walk));
        return {};
    }
    /// The next row, or a null pointer at the end. Valid until advance().
    [[nodiscard]] const Statement* front() {
        if (walks_.empty()) return nullptr;
        const auto newest = std::max_element(walks_.begin(), walks_.end(), [](const Statement& a, const Statement& b) {
            return a.integer(0) < b.integer(0);
        });
        std::swap(*newest, walks_.back());
        return &walks_.back();
    }
    [[nodiscard]] Result<void> advance() {
        if (!TRY(walks_.back().step())) walks_.pop_back();
        return {};
    }

private:
    Connection& connection_;
    std::int64_t before_;
    std::vector<Statement> walks_;  // each stands on a row
};

Result<void> add_walks_of(Merge& merge, const Visibility::Paths& paths, const Visibility& sees,
                          bool failed) {
    for (const std::string& project : paths.projects) TRY(merge.add(failed ? kFailedOfProject : kByProject, project));
    return paths.own ? merge.add(kByOwner, sees.user()) : Result<void>();
}

// The most selective indexes; accepts() checks what they leave open.
Result<void> add_walks(Merge& merge, const AttemptFilter& filter, const Visibility& sees) {
    const bool failed = filter.state == ReplicaState::kFailed;
    if (filter.job) return merge.add(kByJob, filter.job->str());
    std::vector<std::string> wanted;
    if (filter.project) wanted.push_back(filter.project->str());
    if (sees.everything() && filter.project) return add_walks_of(merge, {wanted, false}, sees, failed);
    if (!sees.everything()) {
        const Visibility::Paths paths = sees.paths(wanted);
        if (paths.projects.size() <= kWalksMost) return add_walks_of(merge, paths, sees, failed);
    }
    return merge.add(failed ? kFailed : kAll);
}

std::vector<int> read_numbers(std::string_view text) {
    std::vector<int> numbers;
    if (text.empty()) return numbers;
    for (const std::string& part : split(text, ',')) numbers.push_back(static_cast<int>(parse_int(part).value_or(0)));
    return numbers;
}

Result<AttemptRecord> read_attempt(const Statement& row) {
    const auto state = domain::replica_state_from(row.view(9));
    if (!state) {
        return fail(ErrorCode::kCorrupt, "the database holds the unknown replica state \"{}\"",
                    to_valid_utf8(row.view(9).substr(0, 80)));
    }
    AttemptRecord attempt;
    attempt.job = domain::JobId(row.text(1));
    attempt.project_id = domain::ProjectId(row.text(2));
    attempt.project_name = row.text(3);
    attempt.task = row.text(4);
    attempt.build = static_cast<int>(row.integer(5));
    attempt.resource = row.text(6);
    attempt.index = static_cast<int>(row.integer(7));
    attempt.attempt = static_cast<int>(row.integer(8));
    attempt.state = *state;
    attempt.node = row.text(10);
    attempt.address = row.text(11);
    attempt.devices = read_numbers(row.view(12));
    attempt.image = row.text(13);
    attempt.gpus = static_cast<int>(row.integer(14));
    attempt.requests = {row.integer(15), row.integer(16)};
    attempt.limits = {row.integer(17), row.integer(18)};
    attempt.started_at = row.time(19);
    attempt.ended_at = row.time(20);
    if (!row.is_null(21)) attempt.exit_code = static_cast<int>(row.integer(21));
    attempt.out_of_memory = row.boolean(22);
    attempt.message = row.text(23);
    return attempt;
}

bool accepts(const AttemptFilter& filter, const Visibility& sees, const std::vector<std::string>& hidden,
             const Statement& row) {
    if (std::binary_search(hidden.begin(), hidden.end(), row.view(2))) return false;
    if (filter.project && row.view(2) != filter.project->str()) return false;
    if (!filter.task.empty() && row.view(4) != filter.task) return false;
    if (filter.state && row.view(9) != domain::to_string(*filter.state)) return false;
    return sees.sees_job(row.view(2), row.view(24));
}

}  // namespace

Result<void> record_attempts(Connection& connection, std::int64_t seq, const domain::Job& job,
                             const domain::JobEvent& event) {
    const bool gives_back = std::holds_alternative<domain::event::Ended>(event.body) ||
                            std::holds_alternative<domain::event::Requeued>(event.body);
    if (gives_back) return connection.run(kAllEnded, seq, event.at);
    if (std::holds_alternative<domain::event::Prepared>(event.body)) return connection.run(kPrepared, seq);
    if (const auto* admitted = std::get_if<domain::event::Admitted>(&event.body)) {
        return placed(connection, seq, job, *admitted);
    }
    if (const auto* retry = std::get_if<domain::event::ReplicaRetried>(&event.body)) {
        return retried(connection, seq, job, *retry);
    }
    if (const auto* end = std::get_if<domain::event::ReplicaEnded>(&event.body)) {
        return ended(connection, seq, job, *end, event.at);
    }
    if (const auto* start = std::get_if<domain::event::ReplicaStarted>(&event.body)) {
        const ReplicaName name = parse_name(start->replica);
        return connection.run(kStarted, seq, name.resource, name.index, start->attempt, event.at);
    }
    return {};
}

Result<Page<AttemptRecord>> list_attempts(Connection& connection, const AttemptFilter& filter,
                                          const PageRequest& page) {
    constexpr std::size_t kExaminedMost = 5000;
    TRY(check_limit(page.limit));
    std::int64_t last =
        page.cursor.empty() ? std::numeric_limits<std::int64_t>::max() : TRY(read_cursor('a', page.cursor)).major;
    const std::vector<std::string> hidden = TRY(hidden_projects(connection));
    const Visibility sees = TRY(Visibility::of(connection, filter.viewer));
    Merge rows(connection, last);
    TRY(add_walks(rows, filter, sees));
    Page<AttemptRecord> found;
    for (std::size_t examined = 0; const Statement* row = rows.front(); ++examined) {
        // One of a job of one's own in a project that one sees is met by two walks, one directly after the other.
        const bool met = row->integer(0) == last;
        if (!met && (found.items.size() == page.limit || examined >= kExaminedMost)) {
            found.next = write_cursor('a', {last, 0});
            break;
        }
        last = row->integer(0);
        if (!met && accepts(filter, sees, hidden, *row)) found.items.push_back(TRY(read_attempt(*row)));
        TRY(rows.advance());
    }
    return found;
}

}  // namespace pintle::store
