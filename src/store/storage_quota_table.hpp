#pragma once

#include "store/records.hpp"
#include "store/sqlite.hpp"

/// The SQL of quotas on storages. Private to this module.
namespace pintle::store {

[[nodiscard]] Result<void> save_storage_quota(Connection& connection, const domain::StorageQuota& quota);
[[nodiscard]] Result<void> delete_storage_quota(Connection& connection, const domain::StorageOwner& owner);
[[nodiscard]] Result<std::vector<domain::StorageQuota>> load_storage_quotas(Connection& connection);

}  // namespace pintle::store
