#include "store/storage_quota_table.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kSave =
    "INSERT OR REPLACE INTO storage_quotas (storage, project_id, group_id, bytes) VALUES (?1, ?2, ?3, ?4)";
constexpr std::string_view kDelete =
    "DELETE FROM storage_quotas WHERE storage = ?1 AND project_id = ?2 AND group_id = ?3";
constexpr std::string_view kLoad =
    "SELECT storage, project_id, group_id, bytes FROM storage_quotas ORDER BY storage, project_id, group_id";

}  // namespace

Result<void> save_storage_quota(Connection& connection, const domain::StorageQuota& quota) {
    return connection.run(kSave, quota.owner.storage, quota.owner.project.str(), quota.owner.group.str(), quota.bytes);
}

Result<void> delete_storage_quota(Connection& connection, const domain::StorageOwner& owner) {
    return connection.run(kDelete, owner.storage, owner.project.str(), owner.group.str());
}

Result<std::vector<domain::StorageQuota>> load_storage_quotas(Connection& connection) {
    Statement rows = TRY(connection.prepare(kLoad));
    std::vector<domain::StorageQuota> quotas;
    while (TRY(rows.step())) {
        domain::StorageQuota quota{{rows.text(0), domain::ProjectId(rows.text(1)), domain::GroupId(rows.text(2))},
                                   std::nullopt};
        if (!rows.is_null(3)) quota.bytes = rows.integer(3);
        quotas.push_back(std::move(quota));
    }
    return quotas;
}

}  // namespace pintle::store
