#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/call.hpp"

namespace pintle::api {

/// Times in queries, as they are or as how long ago: "2026-03-01T12:00:00Z", "90m", "7d". Any thread; pure.

/// Nothing for a text that is neither.
[[nodiscard]] std::optional<Time> moment_from(std::string_view text, Time now);
/// The parameter, or nothing when it is not given.
[[nodiscard]] Result<std::optional<Time>> read_moment(const Call& call, std::string_view parameter);

}  // namespace pintle::api
