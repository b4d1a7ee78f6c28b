#include "store/sqlite.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

#include "base/check.hpp"

namespace pintle::store {
namespace {

// Lists merge several runs of one statement; more idle ones than this would only hold memory.
constexpr std::size_t kIdleMost = 16;

struct Explained {
    ErrorCode code;
    std::string_view text;
};

Explained explain(int extended_code, int system_errno) {
    switch (extended_code & 0xff) {
        case SQLITE_FULL: return {ErrorCode::kExhausted, "the disk is full; free some space and try again"};
        case SQLITE_TOOBIG: return {ErrorCode::kExhausted, "a value is too large to be stored"};
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return {ErrorCode::kUnavailable, "the database is in use by another program"};
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return {ErrorCode::kCorrupt, "the database is damaged or is no database; restore a copy of it"};
        case SQLITE_CANTOPEN:
            return {ErrorCode::kUnavailable,
                    "the database cannot be opened; check that its folder exists and can be written"};
        case SQLITE_PERM:
        case SQLITE_AUTH:
        case SQLITE_READONLY:
            return {ErrorCode::kDenied, "the database cannot be written; check the rights of the file and its folder"};
        case SQLITE_IOERR:
            if (system_errno == ENOSPC || system_errno == EDQUOT) {
                return {ErrorCode::kExhausted, "the disk is full; free some space and try again"};
            }
            return {ErrorCode::kUnavailable, "the disk reports an error"};
        default: return {ErrorCode::kInternal, "the database refused"};
    }
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      sql_(other.sql_),
      handle_(std::exchange(other.handle_, nullptr)),
      bind_code_(other.bind_code_),
      borrows_texts_(other.borrows_texts_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
    std::swap(connection_, other.connection_);
    std::swap(sql_, other.sql_);
    std::swap(handle_, other.handle_);
    std::swap(bind_code_, other.bind_code_);
    std::swap(borrows_texts_, other.borrows_texts_);
    return *this;
}

Statement::~Statement() {
    if (handle_ != nullptr) connection_->give_back(*sql_, handle_);
}

Statement& Statement::bind_one(int index, std::int64_t value) {
    if (const int code = sqlite3_bind_int64(handle_, index, value); code != SQLITE_OK) bind_code_ = code;
    return *this;
}

Statement& Statement::bind_one(int index, std::string_view value) {
    // A null pointer would be bound as NULL.
    const char* data = value.data() == nullptr ? "" : value.data();
    const auto keeper = borrows_texts_ ? SQLITE_STATIC : SQLITE_TRANSIENT;
    const int code = sqlite3_bind_text64(handle_, index, data, value.size(), keeper, SQLITE_UTF8);
    if (code != SQLITE_OK) bind_code_ = code;
    return *this;
}

Statement& Statement::bind_one(int index, std::nullptr_t) {
    if (const int code = sqlite3_bind_null(handle_, index); code != SQLITE_OK) bind_code_ = code;
    return *this;
}

Result<bool> Statement::step() {
    if (bind_code_ != SQLITE_OK) return fail(connection_->error(bind_code_));
    const int code = sqlite3_step(handle_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return fail(connection_->error(code));
}

Result<void> Statement::run() {
    while (TRY(step())) {
    }
    return {};
}

bool Statement::is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::string_view Statement::view(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    return data == nullptr ? std::string_view()
                           : std::string_view(data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)));
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& location, Mode mode, Duration busy_timeout) {
    // Nobody asks SQLite how much memory it has, and counting it takes a lock for each piece. Before the first use
    // only.
    static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(once);
    sqlite3* handle = nullptr;
    const int access = mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int code = sqlite3_open_v2(location.c_str(), &handle,
                                     access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE, nullptr);
    std::unique_ptr<Connection> connection(new Connection(location, handle));
    if (code != SQLITE_OK) return fail(connection->error(code));
    sqlite3_busy_timeout(handle, static_cast<int>(busy_timeout.count()));
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    return connection;
}

Connection::~Connection() {
    for (auto& [sql, handles] : idle_) {
        for (sqlite3_stmt* handle : handles) sqlite3_finalize(handle);
    }
    check(sqlite3_close(handle_) == SQLITE_OK, "every statement goes before its connection");
}

Result<Statement> Connection::prepare(std::string_view sql) {
    auto found = idle_.find(sql);
    if (found == idle_.end()) found = idle_.emplace(std::string(sql), std::vector<sqlite3_stmt*>{}).first;
    std::vector<sqlite3_stmt*>& handles = found->second;
    if (!handles.empty()) {
        sqlite3_stmt* handle = handles.back();
        handles.pop_back();
        return Statement(*this, found->first, handle);
    }
    sqlite3_stmt* handle = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &handle, nullptr);
    if (code != SQLITE_OK) return fail(error(code));
    return Statement(*this, found->first, handle);
}

void Connection::give_back(const std::string& sql, sqlite3_stmt* handle) {
    std::vector<sqlite3_stmt*>& handles = idle_.find(sql)->second;
    if (handles.size() >= kIdleMost) {
        sqlite3_finalize(handle);
        return;
    }
    sqlite3_reset(handle);
    sqlite3_clear_bindings(handle);
    handles.push_back(handle);
}

Result<void> Connection::run_script(const std::string& sql) {
    const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return fail(error(code));
    return {};
}

Result<std::optional<std::int64_t>> Connection::integer(std::string_view sql) {
    Statement statement = TRY(prepare(sql));
    if (!TRY(statement.step()) || statement.is_null(0)) return std::nullopt;
    return statement.integer(0);
}

std::int64_t Connection::changes() const { return sqlite3_changes64(handle_); }
std::int64_t Connection::last_inserted() const { return sqlite3_last_insert_rowid(handle_); }
bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

Result<std::map<std::string, std::vector<std::string>>> Connection::query_plans() {
    std::vector<std::string> known;
    for (const auto& [sql, handles] : idle_) {
        if (!sql.starts_with("EXPLAIN")) known.push_back(sql);
    }
    std::map<std::string, std::vector<std::string>> plans;
    for (const std::string& sql : known) {
        Statement explain = TRY(prepare("EXPLAIN QUERY PLAN " + sql));
        std::vector<std::string>& lines = plans[sql];
        while (TRY(explain.step())) lines.push_back(explain.text(3));
    }
    return plans;
}

Error Connection::error(int code) const {
    if (handle_ == nullptr) return {ErrorCode::kExhausted, "there is no memory for a database connection", {}, {}};
    const auto [kind, text] = explain(code, sqlite3_system_errno(handle_));
    return {kind, fmt::format("{}: {} ({})", location_, text, sqlite3_errmsg(handle_)), {}, {}};
}

Result<Transaction> Transaction::begin(Connection& connection, Kind kind) {
    TRY(connection.run(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN"));
    return Transaction(connection);
}

Transaction::~Transaction() {
    // Some failures, such as a full disk, have rolled back already.
    if (connection_ != nullptr && connection_->in_transaction()) static_cast<void>(connection_->run("ROLLBACK"));
}

Result<void> Transaction::commit() { return connection_->run("COMMIT"); }

}  // namespace pintle::store
