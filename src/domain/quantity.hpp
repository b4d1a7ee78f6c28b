#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace pintle::domain {

/// CPU as Kubernetes writes it: `100m`, `2`, `0.5`. Returns millicores (1000 = one core).
[[nodiscard]] Result<std::int64_t> parse_cpu(std::string_view text);
/// Memory as Kubernetes writes it: `64Mi`, `8Gi`, `512M`, `1e9`, a bare number of bytes. Returns bytes.
[[nodiscard]] Result<std::int64_t> parse_memory(std::string_view text);
/// A time to wait: a bare number counts minutes; `300s`, `5m`, `1h`, `500ms` are explicit.
[[nodiscard]] Result<Duration> parse_timeout(std::string_view text);

/// The shortest text that parse_cpu() reads back to the same value: 1000 is "1", 100 is "100m".
[[nodiscard]] std::string format_cpu(std::int64_t millicores);
/// The shortest text that parse_memory() reads back: 8589934592 is "8Gi".
[[nodiscard]] std::string format_memory(std::int64_t bytes);
[[nodiscard]] std::string format_timeout(Duration timeout);

}  // namespace pintle::domain
