#pragma once

#include "store/records.hpp"
#include "store/sqlite.hpp"

/// The SQL of the audit log. Private to this module.
namespace pintle::store {

/// Returns the number of the row; numbers are never given twice.
[[nodiscard]] Result<std::int64_t> add_audit(Connection& connection, const domain::AuditEntry& entry);
/// 0 when there is none.
[[nodiscard]] Result<std::int64_t> last_audit(Connection& connection);
[[nodiscard]] Result<void> trim_audit(Connection& connection, std::int64_t through);
/// Newest first.
[[nodiscard]] Result<Page<domain::AuditEntry>> list_audit(Connection& connection, const AuditFilter& filter,
                                                          const PageRequest& page);

}  // namespace pintle::store
