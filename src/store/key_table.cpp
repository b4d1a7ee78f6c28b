#include "store/key_table.hpp"

#include <algorithm>

namespace pintle::store {
namespace {

// Replacing gives the row a new number, so that rows of one time keep the order of use.
constexpr std::string_view kSave =
    "INSERT OR REPLACE INTO idempotency_keys (key, fingerprint, result, at) VALUES (?1, ?2, ?3, ?4)";
constexpr std::string_view kDeleteOld =
    "DELETE FROM idempotency_keys "
    "WHERE rowid IN (SELECT rowid FROM idempotency_keys WHERE at < ?1 ORDER BY at LIMIT ?2)";
constexpr std::string_view kLoad =
    "SELECT key, fingerprint, result, at FROM idempotency_keys ORDER BY at DESC, rowid DESC LIMIT ?1";
constexpr std::string_view kFind = "SELECT key, fingerprint, result, at FROM idempotency_keys WHERE key = ?1";

domain::change::KeyUsed read_key(const Statement& row) { return {row.text(0), row.text(1), row.text(2), row.time(3)}; }

}  // namespace

Result<void> save_key(Connection& connection, const domain::change::KeyUsed& key) {
    return connection.run(kSave, key.key, key.fingerprint, key.result, key.at);
}

Result<std::int64_t> delete_old_keys(Connection& connection, Time before, std::int64_t most) {
    TRY(connection.run(kDeleteOld, before, most));
    return connection.changes();
}

Result<std::vector<domain::change::KeyUsed>> load_keys(Connection& connection, std::int64_t most) {
    Statement rows = TRY(connection.prepare(kLoad));
    rows.bind(most);
    std::vector<domain::change::KeyUsed> keys;
    while (TRY(rows.step())) keys.push_back(read_key(rows));
    std::reverse(keys.begin(), keys.end());
    return keys;
}

Result<std::optional<domain::change::KeyUsed>> find_key(Connection& connection, std::string_view key) {
    Statement row = TRY(connection.prepare(kFind));
    if (!TRY(row.bind(key).step())) return std::nullopt;
    return read_key(row);
}

}  // namespace pintle::store
