#pragma once

#include "api/call.hpp"
#include "api/log_set.hpp"

namespace pintle::api {

/// A page of a log as the client asked for it: from a line on, before a line, the last lines, or those that match an
/// expression. Any thread; blocks on the disk.
[[nodiscard]] Result<json::Value> log_page(Call& call, const LogSet& logs, const std::string& which);

}  // namespace pintle::api
