#pragma once

#include <string>

#include "auth/identity.hpp"
#include "base/result.hpp"

namespace pintle::api {

struct Services;

/// What GET /metrics tells in Prometheus' text format: the server, its queue, its machines and their GPUs. Who is no
/// operator is told of pools and jobs what they may know, which for nobody are only numbers.
[[nodiscard]] Result<std::string> prometheus_text(Services& services, const auth::Identity& identity);

}  // namespace pintle::api
