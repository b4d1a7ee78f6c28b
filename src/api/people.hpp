#pragma once

#include <string>

#include "api/call.hpp"

namespace pintle::api {

/// People, groups and pools as a path or a body names them, by id or by name, as far as the caller may know of them:
/// operators of all, everybody else of their own group. What a caller may not know of is not there. Any thread but the
/// core's.

[[nodiscard]] bool may_know_group(const auth::Identity& identity, const domain::GroupId& group);
/// Off-boarded ones too.
[[nodiscard]] Result<domain::User> find_known_user(Call& call, const std::string& name_or_id);
[[nodiscard]] Result<domain::Group> find_known_group(Call& call, const std::string& name_or_id);
/// Without its list of devices, which may be long.
[[nodiscard]] Result<domain::Pool> find_known_pool(Call& call, const std::string& name_or_id);

/// The names of groups, of which only those that the caller may know of are there.
using GroupNames = std::map<domain::GroupId, std::string>;
[[nodiscard]] GroupNames known_group_names(Call& call);
/// Empty for one that is not there.
[[nodiscard]] std::string name_in(const GroupNames& names, const domain::GroupId& group);

/// What is asked of the core about people in one answer.
struct Standing {
    std::map<domain::GroupId, std::string> group_names;
    std::map<domain::UserId, core::UserUse> uses;
};
[[nodiscard]] Standing standing_now(Call& call);
/// User. Only an operator is told how they sign in.
[[nodiscard]] json::Value user_value(const Call& call, const domain::User& user, const Standing& standing);

/// A thing by id and name.
[[nodiscard]] json::Value named_value(const std::string& id, const std::string& name);

}  // namespace pintle::api
