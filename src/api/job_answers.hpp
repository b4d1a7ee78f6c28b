#pragma once

#include "api/call.hpp"

namespace pintle::api {

/// Answers that show one job. Any thread but the core's.

/// The job as it is stored now, for answers to commands. It does not say why the job waits: to find out takes the core
/// thread a time that grows with the queue, which must not slow down those who submit many.
[[nodiscard]] Result<net::Response> stored_job_answer(Call& call, const std::string& id, int status = 200);

/// Answers with the job as soon as its revision is greater than `after`, or as it is when `patience` ends. Holds
/// no thread meanwhile. Says why a job waits.
void answer_when_changed(const std::shared_ptr<Call>& call, std::int64_t after, Duration patience);

}  // namespace pintle::api
