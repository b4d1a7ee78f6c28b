#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/call.hpp"

namespace pintle::api {

/// What stands between a request and its handler, in this order. Any thread; reads the store.

/// Refuses a Host that is no name of this server: a web page that had its own name point here (DNS rebinding) would
/// otherwise reach it through its visitor's browser.
[[nodiscard]] Result<void> check_host(const net::Request& request, const std::vector<std::string>& host_names);

/// Whose token the request carries. A job's is good only while the job is live.
[[nodiscard]] Result<auth::Identity> identify(const ApiDeps& deps, const net::Request& request);

/// Every parameter is one that the route names, once, and reads as what it is.
[[nodiscard]] Result<void> check_query(const Route& route, const net::QueryParams& query);

/// Looks up what {project} and {job} name and whether the caller may do this with it. What a caller may not know of
/// is not found.
[[nodiscard]] Result<void> resolve_and_permit(Call& call);

/// A project by name or id, as far as the caller may know of it.
[[nodiscard]] Result<domain::Project> find_project(Call& call, const std::string& name_or_id);
/// A job by id or "project/task:build".
[[nodiscard]] Result<domain::Job> find_job(Call& call, const std::string& name_or_id);

/// "30s", "500ms", "1m", or seconds alone.
[[nodiscard]] Result<Duration> parse_wait(std::string_view text);

}  // namespace pintle::api
