#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace pintle::auth {

/// What a Host header names. Pure; any thread.

/// "pintle.example:8443" → "pintle.example", "[::1]:80" → "[::1]"; in lower case.
[[nodiscard]] std::string host_name(std::string_view host);
/// Whether the name is a number that nobody can own: "10.0.0.1", "[::1]".
[[nodiscard]] bool is_ip_literal(std::string_view name);
/// Refuses (kDenied, in words) a Host that is no name of this server: a web page that had its own name point here (DNS
/// rebinding) would otherwise reach it through its visitor's browser. Addresses and localhost are always right.
[[nodiscard]] Result<void> check_host(std::string_view host, const std::vector<std::string>& names);

}  // namespace pintle::auth
