#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "store/sqlite.hpp"

namespace pintle::store {

/// A step from one version of the schema to the next. Versions count from 1; a released one never changes.
struct Migration {
    int version = 0;
    std::string_view name;    ///< "0001_initial"
    std::string_view sha256;  ///< Of the file.
    std::string_view sql;
};

/// Those in src/store/migrations, in order.
[[nodiscard]] std::span<const Migration> all_migrations();

/// Brings the database to the newest version, each migration in a transaction of its own. A database that already
/// holds data is first copied to `<backup_stem>.before-<version>`; without a stem no copy is made. Refuses a
/// database of a newer version, one whose migrations are not those of this program, and one of another program.
[[nodiscard]] Result<void> migrate(Connection& connection, std::span<const Migration> migrations,
                                   const std::string& backup_stem, Time now);

}  // namespace pintle::store
