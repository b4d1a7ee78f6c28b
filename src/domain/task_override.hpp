#pragma once

#include <string>
#include <string_view>

#include "domain/task.hpp"
#include "base/result.hpp"

namespace pintle::domain {

/// Changes one value of a task for one job, as `pintle run --set` asks:
///
///     LR=0.1                     an environment variable of every resource
///     worker.LR=0.1              an environment variable of one resource
///     worker.memory=16Gi         a field: replicas, cpu, memory, gpus (limits), command, args, work_dir,
///                                requests.cpu, requests.memory, max_restart_count, port
///     timeout=5m                 how long the job waits
///     run_time=2h                how long it is expected to run
///     gpu_model=A100             only GPUs of this model
///     sample_interval=1s         how often what the job uses is sampled
///
/// A name in capitals is a variable, anything else a field. Fails with the list of what can be set.
[[nodiscard]] Result<void> override_task(Task& task, std::string_view key, std::string_view value);

}  // namespace pintle::domain
