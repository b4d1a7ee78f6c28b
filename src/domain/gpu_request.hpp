#pragma once

#include <optional>

#include "base/result.hpp"
#include "domain/task.hpp"

namespace pintle::domain {

/// Asks for `gpus` GPUs in all, instead of what the task says, and, where `workers` is given (the Advanced option),
/// divides them over as many replicas; a replica has all of its GPUs on one node. It is the task's one resource with
/// GPUs that is changed, or its one resource that is not permanent where none has any.
///
/// kInvalid when there is no such resource or more than one, with fewer GPUs than workers, and when they do not
/// divide evenly; the error says which numbers would do.
[[nodiscard]] Result<void> request_gpus(Task& task, std::optional<int> gpus, std::optional<int> workers);

}  // namespace pintle::domain
