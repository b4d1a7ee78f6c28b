#include "store/credential_table.hpp"

#include "base/text.hpp"
#include "store/job_table.hpp"
#include "store/user_table.hpp"

namespace pintle::store {
namespace {

constexpr std::string_view kSaveToken =
    "INSERT INTO access_tokens (id, user_id, name, hash, scopes, created_at, expires_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
    "ON CONFLICT (id) DO UPDATE SET name = ?3, scopes = ?5, expires_at = ?7";
constexpr std::string_view kDeleteToken = "DELETE FROM access_tokens WHERE id = ?1";
constexpr std::string_view kLoadTokens =
    "SELECT id, user_id, name, hash, scopes, created_at, expires_at FROM access_tokens";
constexpr std::string_view kListTokens =
    "SELECT id, user_id, name, hash, scopes, created_at, expires_at FROM access_tokens "
    "INDEXED BY access_tokens_by_user WHERE user_id = ?1 ORDER BY created_at DESC, rowid DESC LIMIT ?2";
constexpr std::string_view kFindToken =
    "SELECT id, user_id, name, hash, scopes, created_at, expires_at FROM access_tokens WHERE hash = ?1";

constexpr std::string_view kSaveSession =
    "INSERT INTO sessions (hash, user_id, csrf, address, agent, created_at, expires_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
    "ON CONFLICT (hash) DO UPDATE SET csrf = ?3, address = ?4, agent = ?5, expires_at = ?7";
constexpr std::string_view kEndSession = "DELETE FROM sessions WHERE hash = ?1";
constexpr std::string_view kEndSessions = "DELETE FROM sessions WHERE user_id = ?1";
constexpr std::string_view kListSessions =
    "SELECT hash, user_id, csrf, address, agent, created_at, expires_at FROM sessions "
    "INDEXED BY sessions_by_user WHERE user_id = ?1 ORDER BY created_at DESC, rowid DESC LIMIT ?2";
constexpr std::string_view kFindSession =
    "SELECT hash, user_id, csrf, address, agent, created_at, expires_at FROM sessions WHERE hash = ?1";

constexpr std::string_view kSaveInvite =
    "INSERT INTO invites (hash, user_id, expires_at) VALUES (?1, ?2, ?3) "
    "ON CONFLICT (hash) DO UPDATE SET user_id = ?2, expires_at = ?3";
constexpr std::string_view kDeleteInvite = "DELETE FROM invites WHERE hash = ?1";
constexpr std::string_view kLoadInvites = "SELECT hash, user_id, expires_at FROM invites";
constexpr std::string_view kFindInvite = "SELECT hash, user_id, expires_at FROM invites WHERE hash = ?1";

constexpr std::string_view kDeleteTokensOf = "DELETE FROM access_tokens WHERE user_id = ?1";
constexpr std::string_view kDeleteInvitesOf = "DELETE FROM invites WHERE user_id = ?1";
constexpr std::string_view kSweepSessions =
    "DELETE FROM sessions "
    "WHERE rowid IN (SELECT rowid FROM sessions WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)";
constexpr std::string_view kSweepInvites =
    "DELETE FROM invites WHERE rowid IN (SELECT rowid FROM invites WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)";

constexpr std::int64_t kListedMost = 1000;

std::string write_scopes(const std::vector<domain::Scope>& scopes) {
    std::vector<std::string> words;
    for (const domain::Scope scope : scopes) words.emplace_back(domain::to_string(scope));
    return join(words, ",");
}

Result<std::vector<domain::Scope>> read_scopes(std::string_view text) {
    std::vector<domain::Scope> scopes;
    if (text.empty()) return scopes;
    for (const std::string& word : split(text, ',')) {
        const auto scope = domain::scope_from(word);
        if (!scope) {
            return fail(ErrorCode::kCorrupt, "the database holds the unknown scope of a token \"{}\"",
                        to_valid_utf8(std::string_view(word).substr(0, 80)));
        }
        scopes.push_back(*scope);
    }
    return scopes;
}

Result<domain::AccessToken> read_token(const Statement& row) {
    domain::AccessToken token;
    token.id = domain::TokenId(row.text(0));
    token.user = domain::UserId(row.text(1));
    token.name = row.text(2);
    token.hash = row.text(3);
    token.scopes = TRY(read_scopes(row.view(4)));
    token.created_at = row.time(5);
    token.expires_at = row.time(6);
    return token;
}

domain::Session read_session(const Statement& row) {
    return {row.text(0), domain::UserId(row.text(1)), row.text(2), row.text(3), row.text(4), row.time(5), row.time(6)};
}

domain::Invite read_invite(const Statement& row) { return {row.text(0), domain::UserId(row.text(1)), row.time(2)}; }

// Offboarding deletes credentials; should one be left all the same, it opens nothing.
Result<std::optional<domain::User>> present_user(Connection& connection, const domain::UserId& id) {
    auto user = TRY(find_user(connection, id));
    if (user && user->status == domain::UserStatus::kOffboarded) return std::nullopt;
    return user;
}

Result<bool> sweep(Connection& connection, std::string_view sql, Time before, std::int64_t most) {
    TRY(connection.run(sql, before, most));
    return connection.changes() == most;
}

}  // namespace

Result<void> save_token(Connection& connection, const domain::AccessToken& token) {
    return connection.run(kSaveToken, token.id.str(), token.user.str(), token.name, token.hash,
                          write_scopes(token.scopes), token.created_at, if_come(token.expires_at));
}

Result<void> delete_token(Connection& connection, const domain::TokenId& id) {
    return connection.run(kDeleteToken, id.str());
}

Result<std::vector<domain::AccessToken>> load_tokens(Connection& connection) {
    Statement rows = TRY(connection.prepare(kLoadTokens));
    std::vector<domain::AccessToken> tokens;
    while (TRY(rows.step())) tokens.push_back(TRY(read_token(rows)));
    return tokens;
}

Result<std::vector<domain::AccessToken>> list_tokens(Connection& connection, const domain::UserId& user) {
    Statement rows = TRY(connection.prepare(kListTokens));
    rows.bind(user.str(), kListedMost);
    std::vector<domain::AccessToken> tokens;
    while (TRY(rows.step())) tokens.push_back(TRY(read_token(rows)));
    return tokens;
}

Result<std::optional<TokenRecord>> find_token(Connection& connection, std::string_view hash) {
    Statement row = TRY(connection.prepare(kFindToken));
    if (!TRY(row.bind(hash).step())) return std::nullopt;
    domain::AccessToken token = TRY(read_token(row));
    auto user = TRY(present_user(connection, token.user));
    if (!user) return std::nullopt;
    return TokenRecord{std::move(token), std::move(*user)};
}

Result<void> save_session(Connection& connection, const domain::Session& session) {
    return connection.run(kSaveSession, session.hash, session.user.str(), session.csrf, session.address, session.agent,
                          session.created_at, session.expires_at);
}

Result<void> end_session(Connection& connection, std::string_view hash) { return connection.run(kEndSession, hash); }

Result<void> end_sessions(Connection& connection, const domain::UserId& user) {
    return connection.run(kEndSessions, user.str());
}

Result<std::vector<domain::Session>> list_sessions(Connection& connection, const domain::UserId& user) {
    Statement rows = TRY(connection.prepare(kListSessions));
    rows.bind(user.str(), kListedMost);
    std::vector<domain::Session> sessions;
    while (TRY(rows.step())) sessions.push_back(read_session(rows));
    return sessions;
}

Result<std::optional<SessionRecord>> find_session(Connection& connection, std::string_view hash) {
    Statement row = TRY(connection.prepare(kFindSession));
    if (!TRY(row.bind(hash).step())) return std::nullopt;
    domain::Session session = read_session(row);
    auto user = TRY(present_user(connection, session.user));
    if (!user) return std::nullopt;
    return SessionRecord{std::move(session), std::move(*user)};
}

Result<void> save_invite(Connection& connection, const domain::Invite& invite) {
    return connection.run(kSaveInvite, invite.hash, invite.user.str(), invite.expires_at);
}

Result<void> delete_invite(Connection& connection, std::string_view hash) {
    return connection.run(kDeleteInvite, hash);
}

Result<std::vector<domain::Invite>> load_invites(Connection& connection) {
    Statement rows = TRY(connection.prepare(kLoadInvites));
    std::vector<domain::Invite> invites;
    while (TRY(rows.step())) invites.push_back(read_invite(rows));
    return invites;
}

Result<std::optional<domain::Invite>> find_invite(Connection& connection, std::string_view hash) {
    Statement row = TRY(connection.prepare(kFindInvite));
    if (!TRY(row.bind(hash).step())) return std::nullopt;
    domain::Invite invite = read_invite(row);
    if (!TRY(present_user(connection, invite.user))) return std::nullopt;
    return invite;
}

Result<void> delete_credentials(Connection& connection, const domain::UserId& user) {
    for (const std::string_view sql : {kEndSessions, kDeleteTokensOf, kDeleteInvitesOf}) {
        TRY(connection.run(sql, user.str()));
    }
    return {};
}

Result<bool> delete_expired(Connection& connection, Time before, std::int64_t most) {
    const bool sessions = TRY(sweep(connection, kSweepSessions, before, most));
    const bool invites = TRY(sweep(connection, kSweepInvites, before, most));
    return sessions || invites;
}

}  // namespace pintle::store
