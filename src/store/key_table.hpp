#pragma once

#include "domain/change.hpp"
#include "store/sqlite.hpp"

/// The SQL of idempotency keys. Private to this module.
namespace pintle::store {

[[nodiscard]] Result<void> save_key(Connection& connection, const domain::change::KeyUsed& key);
/// Deletes at most `most` of those used before `before` and says how many went.
[[nodiscard]] Result<std::int64_t> delete_old_keys(Connection& connection, Time before, std::int64_t most);
/// The newest `most`, oldest first.
[[nodiscard]] Result<std::vector<domain::change::KeyUsed>> load_keys(Connection& connection, std::int64_t most);
[[nodiscard]] Result<std::optional<domain::change::KeyUsed>> find_key(Connection& connection, std::string_view key);

}  // namespace pintle::store
