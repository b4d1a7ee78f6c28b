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

/// A project without its document.
struct ProjectSummary {
    domain::ProjectId id;
    std::string name;
    std::string summary;
    std::vector<std::string> tasks;
    std::int64_t revision = 1;
    int next_build = 1;
    Time created_at{};
    Time updated_at{};
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
    int replicas = 0;
    int gpus = 0;
    std::map<std::string, domain::PropertyValue> properties;
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
};
enum class JobOrder { kNewestFirst, kOldestFirst };

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
    std::optional<domain::ReplicaState> state;
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
};
struct ChangeList {
    /// Who has seen less than the one before it has missed changes and must start anew.
    std::int64_t first_available = 1;
    std::int64_t last = 0;  ///< The newest there is.
    std::vector<ChangeRecord> changes;
};

}  // namespace pintle::store
