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

/// The first operator, "root", as whom the server's own token acts; made by the first call.
[[nodiscard]] Person first_operator(TestServer& server);
/// A new user; makes the first operator too when there is none.
[[nodiscard]] Person a_person(TestServer& server, const std::string& name,
                              const domain::GroupId& group = domain::kDefaultGroup,
                              domain::Role role = domain::Role::kDataScientist);
/// A new group with a new pool of the same name, which takes so many GPUs from the Default Pool.
[[nodiscard]] domain::GroupId a_group(TestServer& server, const std::string& name, int gpus = 0);

}  // namespace pintle::api
