#pragma once

#include "api/call.hpp"

namespace pintle::api {

/// Answers that show one job. Any thread but the core's.

/// The job, with the reason why it waits when it does.
[[nodiscard]] net::Response job_answer(Call& call, const domain::Job& job, int status = 200);
/// The job as it is stored now.
[[nodiscard]] Result<net::Response> stored_job_answer(Call& call, const std::string& id, int status = 200);

/// Answers with the job as soon as its revision is greater than `after`, or as it is when `patience` ends. Holds
/// no thread meanwhile.
void answer_when_changed(const std::shared_ptr<Call>& call, std::int64_t after, Duration patience);

}  // namespace pintle::api
