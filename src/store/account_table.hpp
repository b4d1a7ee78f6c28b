#pragma once

#include "store/records.hpp"
#include "store/sqlite.hpp"

/// The SQL of accounts. Private to this module.
namespace pintle::store {

[[nodiscard]] Result<void> save_account(Connection& connection, const domain::Account& account);
[[nodiscard]] Result<void> delete_account(Connection& connection, const domain::AccountId& id);
[[nodiscard]] Result<std::vector<domain::Account>> load_accounts(Connection& connection);
[[nodiscard]] Result<std::optional<domain::Account>> find_account(Connection& connection, const domain::AccountId& id);
/// What the viewer looks at: their own by name, then those of their group by name.
[[nodiscard]] Result<std::vector<domain::Account>> list_accounts(Connection& connection, const Viewer& viewer);

}  // namespace pintle::store
