#pragma once

#include <string>

#include "api/call.hpp"
#include "api/sign_in_desk.hpp"

namespace pintle::api {

/// What the routes of sessions, passwords and providers have in common. Any thread that may block.

/// Runs the handler on an executor of the desk and answers with what it gives; kExhausted when too many wait.
void run_at_desk(LimitedExecutor& executor, const std::shared_ptr<Call>& call, ReadHandler handler);

/// Refuses what another site's page sends in the name of its visitor: it could sign them in as somebody else.
[[nodiscard]] Result<void> check_sign_in_origin(const Call& call);

/// The user of that name and password. Whatever is wrong, the error is the same and takes the same time. Failures go to
/// the audit log and make the next attempt wait: kExhausted, with call.retry_after.
[[nodiscard]] Result<domain::User> check_password(Call& call, const std::string& name, const std::string& password);

/// For the audit log: somebody tried, and why it failed.
void note_failed_sign_in(Call& call, const std::string& name, const std::string& detail);

struct BegunSession {
    std::string set_cookie;
    std::string csrf;
    Time expires_at{};
};
/// Signs the user in for this browser. `via` is how they have shown who they are: "password", "provider keycloak".
[[nodiscard]] Result<BegunSession> begin_session(Call& call, const domain::User& user, const std::string& via);
/// The Set-Cookie that makes the browser forget its session.
[[nodiscard]] std::string forget_session(const Call& call);

/// Whether the browser reaches this server by https: then its cookies go that way only.
[[nodiscard]] bool is_https(const Call& call);
/// "https://pintle.example", as the browser knows this server.
[[nodiscard]] std::string own_url(const Call& call);


}  // namespace pintle::api
