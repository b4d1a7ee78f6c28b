#include "store/pool_table.hpp"

#include <algorithm>

namespace pintle::store {
namespace {

constexpr std::string_view kSave =
    "INSERT INTO pools (id, name, model, created_at) VALUES (?1, ?2, ?3, ?4) "
    "ON CONFLICT (id) DO UPDATE SET name = ?2, model = ?3";
constexpr std::string_view kEmpty = "DELETE FROM pool_devices WHERE pool_id = ?1";
constexpr std::string_view kAdd = "INSERT OR REPLACE INTO pool_devices (node, uuid, pool_id) VALUES (?1, ?2, ?3)";
constexpr std::string_view kDelete = "DELETE FROM pools WHERE id = ?1";
constexpr std::string_view kLoad = "SELECT id, name, model, created_at FROM pools";
constexpr std::string_view kLoadDevices = "SELECT pool_id, node, uuid FROM pool_devices";

}  // namespace

Result<void> save_pool(Connection& connection, const domain::Pool& pool) {
    TRY(connection.run(kSave, pool.id.str(), pool.name, pool.model, pool.created_at));
    TRY(connection.run(kEmpty, pool.id.str()));
    for (const domain::DeviceKey& device : pool.devices) {
        TRY(connection.run(kAdd, device.node, device.uuid, pool.id.str()));
    }
    return {};
}

Result<void> delete_pool(Connection& connection, const domain::PoolId& id) { return connection.run(kDelete, id.str()); }

Result<std::vector<domain::Pool>> load_pools(Connection& connection) {
    std::map<domain::PoolId, std::set<domain::DeviceKey>> devices;
    Statement in_pools = TRY(connection.prepare(kLoadDevices));
    while (TRY(in_pools.step())) {
        devices[domain::PoolId(in_pools.text(0))].insert({in_pools.text(1), in_pools.text(2)});
    }
    Statement rows = TRY(connection.prepare(kLoad));
    std::vector<domain::Pool> pools;
    while (TRY(rows.step())) {
        const domain::PoolId id(rows.text(0));
        pools.push_back({id, rows.text(1), rows.text(2), std::move(devices[id]), rows.time(3)});
    }
    std::sort(pools.begin(), pools.end(), [](const domain::Pool& a, const domain::Pool& b) {
        return std::tie(a.name, a.id) < std::tie(b.name, b.id);
    });
    return pools;
}

}  // namespace pintle::store
