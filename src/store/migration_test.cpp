#include "store/migration.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "os/file.hpp"
#include "store/sample_jobs.hpp"
#include "store/store.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::store;

namespace {

constexpr Migration kFirst{1, "0001_first", "aa",
                           "CREATE TABLE fruit (name TEXT) STRICT; INSERT INTO fruit VALUES ('apple')"};
constexpr Migration kSecond{2, "0002_second", "bb",
                            "ALTER TABLE fruit ADD COLUMN colour TEXT; UPDATE fruit SET colour = 'red'"};
constexpr Migration kOne[] = {kFirst};
constexpr Migration kTwo[] = {kFirst, kSecond};

struct Database {
    testing::TempFolder folder;
    std::string path = folder.path() + "/state.db";
    std::unique_ptr<Connection> connection =
        std::move(Connection::open(path, Connection::Mode::kReadWrite, Duration(100))).value();
    [[nodiscard]] Result<void> migrate(std::span<const Migration> migrations) {
        return store::migrate(*connection, migrations, path, time_from_ms(7));
    }
    [[nodiscard]] std::int64_t number(const std::string& sql) { return connection->integer(sql).value().value(); }
};

}  // namespace

TEST_CASE("a migration that was released never changes") {
    const std::string sums = os::read_file(PINTLE_SOURCE_DIR "/src/store/migrations/SHA256SUMS").value();
    std::string expected;
    for (const Migration& migration : all_migrations()) {
        expected += fmt::format("{}  {}.sql\n", migration.sha256, migration.name);
    }
    CHECK_MESSAGE(sums == expected,
                  "a changed migration needs a new file; a new file needs its line in SHA256SUMS (sha256sum *.sql)");
}

TEST_CASE("migrations are applied in order and only once") {
    Database database;
    REQUIRE(database.migrate(kOne).has_value());
    REQUIRE(database.migrate(kTwo).has_value());
    REQUIRE(database.migrate(kTwo).has_value());
    CHECK(database.number("SELECT count(*) FROM fruit WHERE colour = 'red'") == 1);
    CHECK(database.number("SELECT count(*) FROM schema_migrations WHERE applied_at = 7") == 2);
}

TEST_CASE("before an upgrade the database is copied") {
    Database database;
    REQUIRE(database.migrate(kOne).has_value());
    CHECK_FALSE(os::exists(database.path + ".before-2"));
    REQUIRE(os::write_file_atomic(database.path + ".before-2.unfinished", "left by a crash").has_value());
    REQUIRE(database.migrate(kTwo).has_value());
    CHECK_FALSE(os::exists(database.path + ".before-2.unfinished"));
    auto copy =
        std::move(Connection::open(database.path + ".before-2", Connection::Mode::kReadOnly, Duration(100))).value();
    CHECK(copy->integer("SELECT count(*) FROM fruit").value() == 1);
    CHECK(copy->integer("SELECT max(version) FROM schema_migrations").value() == 1);
}

TEST_CASE("a migration that fails changes nothing") {
    Database database;
    const Migration broken[] = {
        kFirst, {2, "0002_broken", "bb", "DELETE FROM fruit; ALTER TABLE vegetable ADD COLUMN colour TEXT"}};
    const auto outcome = database.migrate(broken);
    REQUIRE_FALSE(outcome.has_value());
    CHECK(outcome.error().message.find("0002_broken") != std::string::npos);
    CHECK(database.number("SELECT count(*) FROM fruit") == 1);
    CHECK(database.number("SELECT max(version) FROM schema_migrations") == 1);
    CHECK(database.migrate(kTwo).has_value());
}

TEST_CASE("a database of a newer version is refused and left alone") {
    const testing::TempFolder folder;
    const Store::Options options{.path = folder.path() + "/state.db"};
    {
        auto store = std::move(Store::open(options)).value();
        REQUIRE(
            store->connection().run("INSERT INTO schema_migrations VALUES (99, '0099_future', 'cc', 0)").has_value());
    }
    const Error error = Store::open(options).error();
    CHECK(error.code == ErrorCode::kConflict);
    CHECK(error.message.find("written by a newer Pintle") != std::string::npos);
    CHECK(error.message.find("version 99") != std::string::npos);
    CHECK(os::list_folder(folder.path()).value() == std::vector<std::string>{"state.db"});
}

TEST_CASE("a database of another build or another program is refused") {
    Database database;
    REQUIRE(database.migrate(kOne).has_value());
    const Migration other[] = {{1, "0001_first", "different", kFirst.sql}};
    CHECK(database.migrate(other).error().message.find("another build") != std::string::npos);
    Database foreign;
    REQUIRE(foreign.connection->run_script("CREATE TABLE theirs (a)").has_value());
    CHECK(foreign.migrate(kOne).error().message.find("another program") != std::string::npos);
}

TEST_CASE("two programs that upgrade at once do it once") {
    Database database;
    REQUIRE(database.migrate(kOne).has_value());
    auto other = std::move(Connection::open(database.path, Connection::Mode::kReadWrite, Duration(10))).value();
    {
        const Transaction busy = Transaction::begin(*other, Transaction::Kind::kWrite).value();
        CHECK(database.migrate(kTwo).error().code == ErrorCode::kUnavailable);
    }
    REQUIRE(store::migrate(*other, kTwo, database.path, time_from_ms(8)).has_value());
    REQUIRE(database.migrate(kTwo).has_value());
    CHECK(database.number("SELECT count(*) FROM schema_migrations") == 2);
}
