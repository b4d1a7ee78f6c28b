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

/// The cookie of a browser that has signed in.
inline constexpr std::string_view kSessionCookie = "pintle_session";

/// Who asks, by token or cookie; nobody when the request carries neither. A job's token is good only while the job is
/// live; a cookie only from the server's own pages, when something is to be changed.
[[nodiscard]] Result<auth::Identity> identify(const ApiDeps& deps, const net::Request& request);

/// Refuses a token or a password in the address, whoever asks.
[[nodiscard]] Result<void> check_no_secret(const net::QueryParams& query);

/// Refuses nobody wherever one must be somebody; `route` is null where there is none.
[[nodiscard]] Result<void> check_known(const auth::Identity& identity, const Route* route);

/// Every parameter is one that the route names, once, and reads as what it is.
[[nodiscard]] Result<void> check_query(const Route& route, const net::QueryParams& query);

/// Looks up what {project}, {job} and {account} name and whether the caller may do this with it. What a caller may not
/// know of is not found.
[[nodiscard]] Result<void> resolve_and_permit(Call& call);

/// A project by id, by the name it has in one's own group, or as "GROUP:NAME", as far as the caller may know of it.
[[nodiscard]] Result<domain::Project> find_project(Call& call, const std::string& name_or_id);
/// The same, for somebody who wants to do this with it.
[[nodiscard]] Result<domain::Project> find_project_to(Call& call, const std::string& name_or_id,
                                                      auth::Permission permission);
/// A job by id, "project/task:build", or "project/component" for the last one of a component, where the project is as
/// above.
[[nodiscard]] Result<domain::Job> find_job(Call& call, const std::string& name_or_id);

/// Whose a project is; nothing when there is none of that id.
[[nodiscard]] Result<std::optional<auth::Subject>> subject_of_project(store::StoreReader& reader,
                                                                      const domain::ProjectId& id);

/// Whether somebody may open a component: the project's owner, and where it is shared whoever may know of the project.
/// Who opens a notebook acts as its owner, so operators are no exception, and a job's program is nobody here.
[[nodiscard]] bool may_open(const auth::Identity& identity, const auth::Subject& subject, bool shared);

/// "30s", "500ms", "1m", or seconds alone.
[[nodiscard]] Result<Duration> parse_wait(std::string_view text);

}  // namespace pintle::api
