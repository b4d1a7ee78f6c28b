#pragma once

#include <optional>
#include <vector>

#include "api/call.hpp"
#include "api/wait_history.hpp"

namespace pintle::api {

/// What happened to one job, for answers that tell of it. Any thread but the core's.

/// Every event of the job; of a job with very many, those of its first waits.
[[nodiscard]] Result<std::vector<domain::JobEvent>> events_of(store::StoreReader& reader, const domain::JobId& job);

/// When the job was last sent back to the queue, and why as far as the caller may know; nothing for one that never was,
/// and where its events cannot be read. Takes a reader of its own.
[[nodiscard]] std::optional<RequeuedAt> last_requeue_of(Call& call, const domain::Job& job);

}  // namespace pintle::api
