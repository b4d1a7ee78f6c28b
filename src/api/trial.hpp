#pragma once

#include "api/call.hpp"
#include "api/run_request.hpp"
#include "core/input.hpp"
#include "json/value.hpp"

namespace pintle::api {

/// The rest of a job that is to run a task of the call's project, by who asks.
[[nodiscard]] Result<core::input::SubmitJob> complete_submission(Call& call, core::input::SubmitJob job,
                                                                 RunRequest run);
/// What was wished for beside the task.
void put_wishes(core::input::SubmitJob& job, RunRequest run);

/// What would become of the job if it were submitted now (DryRun); nothing is made. Waits for the core thread.
/// Failure: as a submission's. Faults of a draft have paths that begin with `draft`.
[[nodiscard]] Result<json::Value> try_submission(Call& call, const core::input::SubmitJob& job,
                                                 std::string_view draft = "document");

}  // namespace pintle::api
