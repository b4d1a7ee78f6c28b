#include "store/migration.hpp"

#include <cstdio>

#include "os/file.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kLedger =
    "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT "
    "NULL, applied_at INTEGER NOT NULL) STRICT";

Result<bool> has_ledger(Connection& connection) {
    return TRY(connection.integer("SELECT count(*) FROM sqlite_master WHERE name = 'schema_migrations'")).value_or(0) >
           0;
}

Result<void> refuse_foreign(Connection& connection) {
    if (TRY(connection.integer("SELECT count(*) FROM sqlite_master")).value_or(0) == 0) return {};
    return fail(ErrorCode::kConflict, "the database was made by another program; choose another data directory");
}

// The number of migrations that are in the database and are the ones we know.
Result<int> applied(Connection& connection, std::span<const Migration> migrations) {
    if (!TRY(has_ledger(connection))) return 0;
    Statement rows = TRY(connection.prepare("SELECT version, name, sha256 FROM schema_migrations ORDER BY version"));
    int count = 0;
    while (TRY(rows.step())) {
        const std::int64_t version = rows.integer(0);
        if (version > static_cast<std::int64_t>(migrations.size())) {
            return fail(ErrorCode::kConflict,
                        "the database is of version {}, and this program knows versions up to {}: it was written by a "
                        "newer Pintle; start that one again, or go "
                        "back to a copy of the database from before the upgrade",
                        TRY(connection.integer("SELECT max(version) FROM schema_migrations")).value_or(0),
                        migrations.size());
        }
        if (version != count + 1) {
            return fail(ErrorCode::kCorrupt,
                        "the database does not say how it came to version {}; restore a copy of it", version);
        }
        const Migration& known = migrations[static_cast<std::size_t>(count)];
        if (rows.view(1) != known.name || rows.view(2) != known.sha256) {
            return fail(ErrorCode::kConflict,
                        "the database was made by another build of Pintle: its migration {} is not this program's {}",
                        rows.text(1), known.name);
        }
        ++count;
    }
    return count;
}

// Written beside and renamed, so that a copy is whole or not there.
Result<void> back_up(Connection& connection, const std::string& path) {
    const std::string unfinished = path + ".unfinished";
    TRY(os::remove_tree(unfinished));
    TRY(connection.run("VACUUM INTO ?1", unfinished));
    if (std::rename(unfinished.c_str(), path.c_str()) != 0) return fail(os::errno_error("rename", unfinished, errno));
    return {};
}

Result<void> apply(Connection& connection, std::span<const Migration> migrations, const Migration& migration,
                   Time now) {
    Transaction transaction = TRY(Transaction::begin(connection, Transaction::Kind::kWrite));
    // Another program may have been faster.
    if (TRY(applied(connection, migrations)) >= migration.version) return {};
    TRY(connection.run_script(std::string(kLedger)));
    TRY(connection.run_script(std::string(migration.sql)));
    TRY(connection.run("INSERT INTO schema_migrations (version, name, sha256, applied_at) VALUES (?1, ?2, ?3, ?4)",
                       migration.version, migration.name, migration.sha256, now));
    return transaction.commit();
}

}  // namespace

Result<void> migrate(Connection& connection, std::span<const Migration> migrations, const std::string& backup_stem,
                     Time now) {
    if (!TRY(has_ledger(connection))) TRY(refuse_foreign(connection));
    const auto done = static_cast<std::size_t>(TRY(applied(connection, migrations)));
    if (done == migrations.size()) return {};
    if (done > 0 && !backup_stem.empty()) TRY(back_up(connection, fmt::format("{}.before-{}", backup_stem, done + 1)));
    for (const Migration& migration : migrations.subspan(done)) {
        auto status = apply(connection, migrations, migration, now);
        if (!status) return fail(status.error().context(fmt::format("migration {}", migration.name)));
    }
    return {};
}

}  // namespace pintle::store
