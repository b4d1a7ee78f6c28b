#include "store/account_table.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kColumns =
    "id, name, kind, owner, group_id, server, user, fingerprint, known_hosts, sealed_by, nonce, ciphertext, "
    "created_at, "
    "updated_at";
constexpr std::string_view kSave =
    "INSERT INTO accounts (id, name, kind, owner, group_id, server, user, fingerprint, known_hosts, sealed_by, nonce, "
    "ciphertext, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) "
    "ON CONFLICT (id) DO UPDATE SET name = ?2, server = ?6, user = ?7, fingerprint = ?8, known_hosts = ?9, "
    "sealed_by = ?10, nonce = ?11, ciphertext = ?12, updated_at = ?14";
constexpr std::string_view kDelete = "DELETE FROM accounts WHERE id = ?1";
constexpr std::string_view kOne = "WHERE id = ?1";
constexpr std::string_view kOwn = "INDEXED BY accounts_by_holder WHERE group_id = '' AND owner = ?1";
constexpr std::string_view kOfGroup = "INDEXED BY accounts_by_group WHERE group_id = ?1 AND group_id <> ''";

Result<Statement> prepare_list(Connection& connection, std::string_view which) {
    return connection.prepare(fmt::format("SELECT {} FROM accounts {}", kColumns, which));
}

Result<domain::Account> read_account(const Statement& row) {
    domain::Account account;
    account.id = domain::AccountId(row.text(0));
    account.name = row.text(1);
    const auto kind = domain::account_kind_from(row.view(2));
    if (!kind) {
        return fail(ErrorCode::kCorrupt, "the database holds an account of the unknown kind \"{}\"",
                    to_valid_utf8(row.view(2).substr(0, 80)));
    }
    account.kind = *kind;
    account.owner = domain::UserId(row.text(3));
    account.group = domain::GroupId(row.text(4));
    account.server = row.text(5);
    account.user = row.text(6);
    account.fingerprint = row.text(7);
    account.known_hosts = row.text(8);
    account.secret = {row.text(9), row.text(10), row.text(11)};
    account.created_at = row.time(12);
    account.updated_at = row.time(13);
    return account;
}

Result<void> read_all(Statement rows, std::vector<domain::Account>& into) {
    while (TRY(rows.step())) into.push_back(TRY(read_account(rows)));
    return {};
}

// Of a group's, who made one owns it.
bool is_looked_at(const domain::Account& account, const Viewer& viewer) {
    if (viewer.scope == Viewer::Scope::kAll) return true;
    return (account.owner == viewer.user) == (viewer.scope == Viewer::Scope::kOwned);
}

}  // namespace

Result<void> save_account(Connection& connection, const domain::Account& account) {
    return connection.run(kSave, account.id.str(), account.name, domain::to_string(account.kind), account.owner.str(),
                          account.group.str(), account.server, account.user, account.fingerprint, account.known_hosts,
                          account.secret.key, account.secret.nonce, account.secret.ciphertext, account.created_at,
                          account.updated_at);
}

Result<void> delete_account(Connection& connection, const domain::AccountId& id) {
    return connection.run(kDelete, id.str());
}

Result<std::vector<domain::Account>> load_accounts(Connection& connection) {
    std::vector<domain::Account> accounts;
    TRY(read_all(TRY(prepare_list(connection, "")), accounts));
    return accounts;
}

Result<std::optional<domain::Account>> find_account(Connection& connection, const domain::AccountId& id) {
    Statement row = TRY(prepare_list(connection, kOne));
    if (!TRY(row.bind(id.str()).step())) return std::nullopt;
    return TRY(read_account(row));
}

Result<std::vector<domain::Account>> list_accounts(Connection& connection, const Viewer& viewer) {
    using Scope = Viewer::Scope;
    std::vector<domain::Account> accounts;
    const auto by_name = [](const domain::Account& a, const domain::Account& b) {
        return std::tie(a.name, a.id) < std::tie(b.name, b.id);
    };
    if (viewer.scope == Scope::kEvery) {
        TRY(read_all(TRY(prepare_list(connection, "")), accounts));
        std::sort(accounts.begin(), accounts.end(), by_name);
        return accounts;
    }
    if (viewer.scope != Scope::kShared && !viewer.user.empty()) {
        Statement rows = TRY(prepare_list(connection, kOwn));
        rows.bind(viewer.user.str());
        TRY(read_all(std::move(rows), accounts));
        std::sort(accounts.begin(), accounts.end(), by_name);
    }
    const auto own = static_cast<std::ptrdiff_t>(accounts.size());
    if (!viewer.group.empty()) {
        Statement rows = TRY(prepare_list(connection, kOfGroup));
        rows.bind(viewer.group.str());
        TRY(read_all(std::move(rows), accounts));
        accounts.erase(std::remove_if(accounts.begin() + own, accounts.end(),
                                      [&](const auto& account) { return !is_looked_at(account, viewer); }),
                       accounts.end());
        std::sort(accounts.begin() + own, accounts.end(), by_name);
    }
    return accounts;
}

}  // namespace pintle::store
