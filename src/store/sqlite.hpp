#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace pintle::store {

class Connection;

/// One run of a prepared statement, borrowed from its connection, to which it returns when it goes. Whoever needs
/// the same SQL twice at once gets two of them. Must not outlive the connection.
///
/// Failure: what bind() could not do is reported by the next step().
class Statement {
public:
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;
    ~Statement();

    /// Texts that are bound from now on are not copied: they must stay until the statement goes.
    Statement& borrow_texts() {
        borrows_texts_ = true;
        return *this;
    }
    /// Sets ?1, ?2, …; texts are copied.
    template <class... Args>
    Statement& bind(const Args&... args) {
        int index = 0;
        (bind_one(++index, args), ...);
        return *this;
    }
    Statement& bind_one(int index, std::int64_t value);
    Statement& bind_one(int index, int value) { return bind_one(index, static_cast<std::int64_t>(value)); }
    Statement& bind_one(int index, bool value) { return bind_one(index, static_cast<std::int64_t>(value)); }
    Statement& bind_one(int index, std::string_view value);
    Statement& bind_one(int index, const std::string& value) { return bind_one(index, std::string_view(value)); }
    Statement& bind_one(int index, const char* value) { return bind_one(index, std::string_view(value)); }
    Statement& bind_one(int index, std::nullptr_t);
    /// Whole milliseconds.
    Statement& bind_one(int index, Time value) { return bind_one(index, to_ms(value)); }
    template <class T>
    Statement& bind_one(int index, const std::optional<T>& value) {
        return value ? bind_one(index, *value) : bind_one(index, nullptr);
    }

    /// True with a row to read, false at the end.
    [[nodiscard]] Result<bool> step();
    /// To the end; rows are ignored.
    [[nodiscard]] Result<void> run();

    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] bool boolean(int column) const { return integer(column) != 0; }
    [[nodiscard]] Time time(int column) const { return time_from_ms(integer(column)); }
    /// Valid until the next step.
    [[nodiscard]] std::string_view view(int column) const;
    [[nodiscard]] std::string text(int column) const { return std::string(view(column)); }

private:
    friend class Connection;
    Statement(Connection& connection, const std::string& sql, sqlite3_stmt* handle)
        : connection_(&connection), sql_(&sql), handle_(handle) {}

    Connection* connection_;
    const std::string* sql_;  // the key in the connection's cache
    sqlite3_stmt* handle_;
    int bind_code_ = 0;
    bool borrows_texts_ = false;
};

/// One connection to a database, with its prepared statements.
///
/// Threading: one thread at a time. Failure: kExhausted for a full disk, kUnavailable for a database that is busy
/// or unreachable, kCorrupt for a damaged file, kDenied for missing rights, kInternal for the rest.
class Connection {
public:
    enum class Mode { kReadWrite, kReadOnly };
    /// `location` is a path or a file: URI.
    [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::string& location, Mode mode,
                                                                  Duration busy_timeout);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] Result<Statement> prepare(std::string_view sql);
    /// Prepares, binds and runs to the end.
    template <class... Args>
    [[nodiscard]] Result<void> run(std::string_view sql, const Args&... args) {
        Result<Statement> statement = prepare(sql);
        if (!statement) return fail(std::move(statement).error());
        return statement->borrow_texts().bind(args...).run();
    }
    /// Any number of statements without parameters.
    [[nodiscard]] Result<void> run_script(const std::string& sql);
    /// The first column of the first row, or nothing when there is no row or it holds NULL.
    [[nodiscard]] Result<std::optional<std::int64_t>> integer(std::string_view sql);

    /// Rows that the last statement inserted, changed or deleted.
    [[nodiscard]] std::int64_t changes() const;
    /// The number of the row that was inserted last.
    [[nodiscard]] std::int64_t last_inserted() const;
    [[nodiscard]] bool in_transaction() const;
    /// How SQLite would run every statement prepared so far: "SQL" → lines of EXPLAIN QUERY PLAN.
    [[nodiscard]] Result<std::map<std::string, std::vector<std::string>>> query_plans();

private:
    friend class Statement;
    Connection(std::string location, sqlite3* handle) : location_(std::move(location)), handle_(handle) {}
    [[nodiscard]] Error error(int code) const;
    void give_back(const std::string& sql, sqlite3_stmt* handle);

    std::string location_;
    sqlite3* handle_;
    std::map<std::string, std::vector<sqlite3_stmt*>, std::less<>> idle_;  // statements nobody uses, by their SQL
};

/// A transaction that is rolled back unless it is committed. After a rollback the connection is usable again.
class Transaction {
public:
    enum class Kind { kRead, kWrite };
    [[nodiscard]] static Result<Transaction> begin(Connection& connection, Kind kind);
    Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    [[nodiscard]] Result<void> commit();

private:
    explicit Transaction(Connection& connection) : connection_(&connection) {}
    Connection* connection_;
};

}  // namespace pintle::store
