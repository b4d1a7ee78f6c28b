#pragma once

#include "domain/pool.hpp"
#include "store/sqlite.hpp"

/// The SQL of pools and of the devices in them. Private to this module.
namespace pintle::store {

/// With exactly these devices; one that was in another pool leaves it.
[[nodiscard]] Result<void> save_pool(Connection& connection, const domain::Pool& pool);
[[nodiscard]] Result<void> delete_pool(Connection& connection, const domain::PoolId& id);
/// All of them, by name.
[[nodiscard]] Result<std::vector<domain::Pool>> load_pools(Connection& connection);

}  // namespace pintle::store
