#pragma once

#include <string>
#include <utility>
#include <vector>

#include "domain/change.hpp"
#include "domain/job_transition.hpp"

namespace pintle::store {

/// Projects and jobs for tests, made by events as the core makes them.

[[nodiscard]] domain::Project a_project(const std::string& name);
/// A task with `replicas` of the resource "worker", which may fail twice.
[[nodiscard]] domain::Task a_task(const std::string& name, int replicas = 1);

/// A job and what happened to it.
class JobStory {
public:
    JobStory(const domain::Project& project, int build, Time at, const std::string& task = "train", int replicas = 1,
             const domain::UserId& owner = {});

    JobStory& happens(domain::JobEventBody body, Time at);
    JobStory& is_admitted(Time at);
    JobStory& is_prepared(Time at);
    JobStory& starts(Time at, int attempt = 1);
    JobStory& exits(int exit_code, Time at, int attempt = 1);
    JobStory& ends(domain::JobState state, Time at);
    /// Submitted, ran well, complete: all at `at`.
    JobStory& completes(Time at);

    /// What the core would give the store: the job, and the events since the last save.
    [[nodiscard]] domain::change::JobSaved save();
    [[nodiscard]] const domain::Job& job() const { return job_; }
    [[nodiscard]] const std::vector<domain::JobEvent>& events() const { return events_; }

private:
    domain::Job job_;
    std::vector<domain::JobEvent> events_;
    std::size_t saved_ = 0;
};

/// An id that sorts and reads as one; the same for the same number.
[[nodiscard]] std::string id_of(char kind, int number);

}  // namespace pintle::store
