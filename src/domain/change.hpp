#pragma once

#include <string>
#include <variant>
#include <vector>

#include "domain/job_event.hpp"

namespace pintle::domain {

/// Something worth showing to a person, counted when it repeats.
struct Notice {
    JobId job;
    ProjectId project;
    bool warning = false;
    std::string reason;   ///< One word for programs: "SourceFailed".
    std::string source;   ///< Who says it: "scheduler", "engine", "source data".
    std::string message;  ///< A sentence for people.
    Time at{};
    bool operator==(const Notice&) const = default;
};

/// What one step of the core changed and the store must write, all of it in one transaction.
namespace change {
struct ProjectSaved {
    Project project;
};
struct ProjectDeleted {
    ProjectId id;
};
/// The job as it is after `events`; the events are new.
struct JobSaved {
    Job job;
    std::vector<JobEvent> events;
};
struct JobDeleted {
    JobId id;
};
struct NoticeAdded {
    Notice notice;
};
/// A request with this key was carried out and gave this result; asking again gives the same.
struct KeyUsed {
    std::string key;
    std::string fingerprint;  ///< Of the request, so that a key used for another one is refused.
    std::string result;       ///< The id of what was made.
    Time at{};
};
}  // namespace change

using Change = std::variant<change::ProjectSaved, change::ProjectDeleted, change::JobSaved, change::JobDeleted, change::NoticeAdded, change::KeyUsed>;
using Changes = std::vector<Change>;

/// All control state that is alive: what the core starts from.
struct LiveState {
    std::vector<Project> projects;
    std::vector<Job> jobs;  ///< Those that are not final, oldest first.
    std::vector<change::KeyUsed> keys;
};

}  // namespace pintle::domain
