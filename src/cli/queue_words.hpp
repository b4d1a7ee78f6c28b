#pragma once

#include <string>
#include <vector>

#include "base/time.hpp"
#include "json/value.hpp"

namespace pintle::cli {

/// What the API tells of waiting, in words for people. Pure; whatever is absent gives an empty text.

/// "now", "in 30 s", "in 12 min", "in 3 h"; exact: "at 2026-03-01 12:00:00".
[[nodiscard]] std::string in_future(Time now, Time then, bool exact);
/// "in 12 min", with "(by 45 min in 9 of 10 cases)" where the two differ.
[[nodiscard]] std::string forecast_in_words(const json::Value& forecast, Time now, bool exact);
/// "vision/train:38 (2 GPUs, ends in 12 min)", as far as one can tell; one for each job that it waits for, and "3
/// more".
[[nodiscard]] std::vector<std::string> blockers_in_words(const json::Value& explanation, Time now, bool exact);
/// "3 min ago: its GPUs were lent by another group"; nothing for a job that was never sent back to the queue.
[[nodiscard]] std::string requeue_in_words(const json::Value& requeued, Time now, bool exact);
/// "with 1 GPU, or with priority 11".
[[nodiscard]] std::string remedies_in_words(const json::Value& explanation);
/// "research has 8 A100: 6 in use, 1 free, 1 unhealthy"
[[nodiscard]] std::string pool_numbers_in_words(const json::Value& pool);
/// "pool research", "the Default Pool"
[[nodiscard]] std::string pool_name_in_words(const std::string& name);
/// "a, b and c"
[[nodiscard]] std::string enumeration(std::vector<std::string> parts);
/// "It needs …." of "it needs …"
[[nodiscard]] std::string as_sentence(std::string text);

}  // namespace pintle::cli
