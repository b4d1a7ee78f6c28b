#pragma once

#include "domain/group.hpp"
#include "store/sqlite.hpp"

/// The SQL of groups. Private to this module.
namespace pintle::store {

[[nodiscard]] Result<void> save_group(Connection& connection, const domain::Group& group);
[[nodiscard]] Result<void> delete_group(Connection& connection, const domain::GroupId& id);
/// All of them, by name.
[[nodiscard]] Result<std::vector<domain::Group>> load_groups(Connection& connection);

}  // namespace pintle::store
