#pragma once

#include "domain/change.hpp"
#include "store/sqlite.hpp"

/// The SQL of chores. Private to this module.
namespace pintle::store {

[[nodiscard]] Result<void> save_chore(Connection& connection, const domain::Chore& chore);
[[nodiscard]] Result<void> delete_chore(Connection& connection, std::string_view id);
/// In the order in which they were added.
[[nodiscard]] Result<std::vector<domain::Chore>> load_chores(Connection& connection);

}  // namespace pintle::store
