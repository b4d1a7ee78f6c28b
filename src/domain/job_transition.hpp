#pragma once

#include <string>

#include "domain/job_event.hpp"

namespace pintle::domain {

/// The job after the event. Pure and total: every (state, event) pair either gives the next job or a conflict
/// that says why not; job_transition_test.cpp enumerates them all. A Submitted event makes the job and ignores
/// the one given.
///
///     Queued ─▶ Waiting for GPUs ─▶ Starting ─▶ Running ─▶ Training
///        └──────────┴─────────────────┴───────────┴──────────┴─▶ Stopping ─▶ Complete │ Error │ Stopped
[[nodiscard]] Result<Job> apply(Job job, const JobEvent& event);

/// The diagram of docs/job-states.md as Mermaid text, made by trying every event in every state.
[[nodiscard]] std::string job_state_diagram();

}  // namespace pintle::domain
