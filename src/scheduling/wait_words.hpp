#pragma once

#include <string>

#include "scheduling/snapshot_impl.hpp"

namespace pintle::scheduling {

/// "pool research", "the Default Pool".
[[nodiscard]] std::string pool_in_words(const domain::Pool& pool);
/// "4 A100", "1 GPU": what it asks for.
[[nodiscard]] std::string asked_in_words(const Workload& workload);
/// "0.5 CPU"
[[nodiscard]] std::string cpu_in_words(std::int64_t cpu_millis);

/// Whether GPUs are what keeps it from starting in its own pool, whatever CPU and memory there is.
[[nodiscard]] bool lacks_gpus(const Snapshot::Impl& impl, const Waiting& waiting);

/// "it needs 4 A100 and 1 of 8 in pool research is free (6 in use, 1 unhealthy)"
[[nodiscard]] std::string gpus_in_words(const Snapshot::Impl& impl, const Waiting& waiting);
/// Of one that its group's share forbids: "it needs 4 GPUs; its group vision uses 8 and may use 10, of which 2
/// borrowed".
[[nodiscard]] std::string quota_in_words(const Snapshot::Impl& impl, const Waiting& waiting);
/// To the owner of what is reclaimed, who need not know of other groups' jobs.
inline constexpr const char* kReclaimInWords = "the group that lent the GPUs needs them back";
/// A job's name, for who may know of it: "digits/train:3", or "a job of another group" than `group`.
[[nodiscard]] std::string job_in_words(const Waiting& job, int group);

}  // namespace pintle::scheduling
