#pragma once

#include <string>

#include "api/test_server.hpp"

namespace pintle::api {

/// People, groups and pools for tests, made as the server itself would make them, without a request. Any failure
/// fails the test.

/// Somebody on record, with an access token for all that their role may do.
struct Person {
    domain::UserId id;
    std::string token;
};

/// The first operator, "root", as whom the server's own token acts.
[[nodiscard]] Person first_operator(TestServer& server);
/// A new user.
[[nodiscard]] Person a_person(TestServer& server, const std::string& name,
                              const domain::GroupId& group = domain::kDefaultGroup,
                              domain::Role role = domain::Role::kDataScientist);
/// What a browser has after signing in.
struct TestSession {
    std::string cookie;
    std::string csrf;
    /// The headers of a request of one of the server's own pages.
    [[nodiscard]] net::Headers headers(const TestServer& server) const;
};
void give_password(TestServer& server, const domain::UserId& user, const std::string& password);
[[nodiscard]] TestSession sign_in(TestServer& server, const std::string& name, const std::string& password);
/// "pse_…" from the answer's Set-Cookie of that name; empty when it sets none.
[[nodiscard]] std::string cookie_of(const Answer& answer, std::string_view name = "pintle_session");

/// A new group with a new pool of the same name, which takes so many GPUs from the Default Pool.
[[nodiscard]] domain::GroupId a_group(TestServer& server, const std::string& name, int gpus = 0);

}  // namespace pintle::api
