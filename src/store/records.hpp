#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/change.hpp"

namespace pintle::store {

/// Which part of a list is wanted. A cursor is the `next` of the page before; it stays good while rows come and
/// go, and no row that was there all the time is missed or given twice.
struct PageRequest {
    std::string cursor;       ///< Empty: from the start.
    std::size_t limit = 100;  ///< 1 to kPageMost.
};
inline constexpr std::size_t kPageMost = 1000;

/// A part of a list. It may be short, even empty, and still have a `next`: a filter that no index serves is held
/// against a bounded number of rows for each page, so that no page is slow. An empty `next` is the end.
template <class T>
struct Page {
    std::vector<T> items;
    std::string next;
};

/// Who looks, and at what of what they may see. A project is visible to its owner and to everybody in the owner's
/// present group; a job is visible when its project is, or to its own owner. What belongs to nobody is visible to
/// nobody.
struct Viewer {
    enum class Scope {
        kOwned,   ///< Theirs.
        kShared,  ///< What they see of others.
        kAll,     ///< Both.
        kEvery,   ///< Everything there is: for operators who ask for it, and for the server itself.
    };
    domain::UserId user;
    domain::GroupId group;
    Scope scope = Scope::kAll;
};
/// Sees everything.
inline const Viewer kEverything{{}, {}, Viewer::Scope::kEvery};

/// A project without its document.
struct ProjectSummary {
    domain::ProjectId id;
    std::string name;
    domain::UserId owner;    ///< Empty: nobody yet.
    std::string owner_name;  ///< Empty for nobody.
    domain::GroupId home;
    std::string summary;
    std::vector<std::string> tasks;
    std::int64_t revision = 1;
    int next_build = 1;
    Time created_at{};
    Time updated_at{};
    Time disabled_at{};  ///< 0: it is not disabled.
    Time deleting_at{};  ///< 0: it is not being deleted.
};

/// How lists of projects are ordered.
enum class ProjectOrder {
    kName,
    kChange,  ///< What changed last comes first.
};

using StateCounts = std::map<domain::JobState, std::int64_t>;  ///< States without a job are left out.

/// What lists show of a job.
struct JobSummary {
    domain::JobId id;
    domain::ProjectId project_id;
    std::string project_name;  ///< As it was at submit.
    std::string task;
    domain::TaskKind kind = domain::TaskKind::kGeneral;
    int build = 0;
    domain::JobState state = domain::JobState::kQueued;
    std::string reason;
    std::string submitted_by;
    std::string cloned_from;
    domain::UserId owner;    ///< Empty: nobody yet.
    std::string owner_name;  ///< As it is now; empty for nobody.
    domain::GroupId group;
    domain::PoolId pool;
    int priority = 0;
    std::optional<std::string> held;  ///< Why it must not start, maybe in no words; nothing: it may.
    int replicas = 0;
    int gpus = 0;       ///< That it asks for.
    int gpus_held = 0;  ///< That it was given.
    std::map<std::string, domain::PropertyValue> properties;
    std::vector<std::string> tags;
    std::int64_t revision = 0;  ///< Its count of events.
    Time submitted_at{};
    Time started_at{};
    Time running_at{};
    Time ended_at{};

    [[nodiscard]] std::string display_name() const;  ///< "digits/train:3"
};

/// All that is set must hold.
struct JobFilter {
    std::vector<domain::ProjectId> projects;  ///< Any of them; empty: all.
    std::string task;
    std::vector<domain::JobState> states;  ///< Any of them; empty: all.
    bool live_only = false;
    std::string text;           ///< In the name, the reason, the id or the submitter, in any case.
    std::optional<Time> since;  ///< Submitted then or later.
    std::optional<Time> until;  ///< Submitted before.
    std::optional<Time> ended_since;  ///< Ended then or later.
    std::optional<Viewer> viewer;  ///< Nothing: sees everything.
    std::optional<domain::UserId> owner;
    std::optional<domain::PoolId> pool;
    std::vector<std::string> tags;  ///< All of them.
};
/// By the time of submission, unless another is named.
enum class JobOrder {
    kNewestFirst,
    kOldestFirst,
    kLongestFirst,    ///< By the time from start to end; then those that live, the newest first.
    kShortestFirst,   ///< The same the other way round; those that live come last here too.
    kByName,          ///< Of the project as it is now, then by build.
    kByState,         ///< In the order of JobState, of each the newest first.
    kByOwner,         ///< By name; of each those that live, then the others, the newest first.
    kLastEndedFirst,  ///< Then those that live, the newest first.
};

/// How many jobs match.
struct JobTotal {
    std::int64_t count = 0;
    bool is_exact = true;  ///< Otherwise there may be more.
};

/// What home pages tell of jobs.
struct JobNumbers {
    StateCounts by_state;
    Time since{};  ///< When the next two begin: as asked, or later when too many have ended since.
    std::int64_t failed = 0;    ///< Ended in Error.
    std::int64_t complete = 0;
};

/// One attempt of one replica, as it ended or as it is.
struct AttemptRecord {
    domain::JobId job;
    domain::ProjectId project_id;
    std::string project_name;
    std::string task;
    int build = 0;
    std::string resource;
    int index = 0;
    int attempt = 1;
    domain::ReplicaState state = domain::ReplicaState::kPending;
    std::string node;
    std::string address;
    std::vector<int> devices;
    std::string image;  ///< Empty: none was used.
    int gpus = 0;
    domain::Quantities requests;
    domain::Quantities limits;
    Time started_at{};
    Time ended_at{};
    std::optional<int> exit_code;
    bool out_of_memory = false;
    std::string message;
};
struct AttemptFilter {
    std::optional<domain::ProjectId> project;
    std::optional<domain::JobId> job;
    std::string task;
    std::optional<domain::ReplicaState> state;  ///< Failed ones have an index; any other state makes short pages.
    std::optional<Viewer> viewer;  ///< Nothing: sees everything.
};

/// That a job had resources of a pool for some time.
struct PoolUse {
    domain::JobId job;
    domain::ProjectId project_id;
    std::string project_name;
    std::string task;
    int build = 0;
    domain::UserId owner;
    domain::GroupId group;
    int gpus_held = 0;
    int priority = 0;
    std::int64_t rank = 0;   ///< Its place in the queue among jobs of equal priority; the lower went first.
    std::int64_t order = 0;  ///< Grows from one submission to the next.
    Time submitted_at{};
    Time started_at{};
    Time ended_at{};  ///< 0: it still has them.
};

struct UserFilter {
    std::string text;  ///< In the name, in any case.
    std::optional<domain::GroupId> group;
    bool include_offboarded = false;
};

/// A token, or a session, and whose it is.
struct TokenRecord {
    domain::AccessToken token;
    domain::User user;
};
struct SessionRecord {
    domain::Session session;
    domain::User user;
};

/// All that is set must hold.
struct AuditFilter {
    std::string actor;
    std::string action;  ///< How it begins: "user." finds "user.onboard".
    std::string subject;
    std::optional<Time> since;  ///< Then or later.
    std::optional<Time> until;  ///< Before.
};

/// A notice with how often it was given; `notice.at` is the last time.
struct NoticeRecord {
    domain::Notice notice;
    std::int64_t count = 1;
    Time first_seen{};
};

/// That a project or a job changed; what it is now is for the reader to look up.
struct ChangeRecord {
    enum class Kind { kProject, kJob };
    std::int64_t sequence = 0;
    Time at{};
    Kind kind = Kind::kJob;
    std::string subject;  ///< The project's or job's id.
    domain::ProjectId project_id;
    std::optional<domain::JobState> state;
    bool deleted = false;
    std::optional<domain::UserId> owner;  ///< Whose it was, of a deleted project.
};
struct ChangeList {
    /// Who has seen less than the one before it has missed changes and must start anew.
    std::int64_t first_available = 1;
    std::int64_t last = 0;  ///< The newest there is.
    std::vector<ChangeRecord> changes;
};

}  // namespace pintle::store
