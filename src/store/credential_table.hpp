#pragma once

#include "store/records.hpp"
#include "store/sqlite.hpp"

/// The SQL of what proves who somebody is: tokens, sessions and invites. Private to this module.
namespace pintle::store {

[[nodiscard]] Result<void> save_token(Connection& connection, const domain::AccessToken& token);
[[nodiscard]] Result<void> delete_token(Connection& connection, const domain::TokenId& id);
[[nodiscard]] Result<std::vector<domain::AccessToken>> load_tokens(Connection& connection);
/// The newest first.
[[nodiscard]] Result<std::vector<domain::AccessToken>> list_tokens(Connection& connection, const domain::UserId& user);
/// Nothing for a user who is not there any more, here and below; whether it has expired is for the caller.
[[nodiscard]] Result<std::optional<TokenRecord>> find_token(Connection& connection, std::string_view hash);

[[nodiscard]] Result<void> save_session(Connection& connection, const domain::Session& session);
[[nodiscard]] Result<void> end_session(Connection& connection, std::string_view hash);
[[nodiscard]] Result<void> end_sessions(Connection& connection, const domain::UserId& user);
[[nodiscard]] Result<std::vector<domain::Session>> list_sessions(Connection& connection, const domain::UserId& user);
[[nodiscard]] Result<std::optional<SessionRecord>> find_session(Connection& connection, std::string_view hash);

[[nodiscard]] Result<void> save_invite(Connection& connection, const domain::Invite& invite);
[[nodiscard]] Result<void> delete_invite(Connection& connection, std::string_view hash);
[[nodiscard]] Result<std::vector<domain::Invite>> load_invites(Connection& connection);
[[nodiscard]] Result<std::optional<domain::Invite>> find_invite(Connection& connection, std::string_view hash);

/// Every token, session and invite of somebody who is offboarded.
[[nodiscard]] Result<void> delete_credentials(Connection& connection, const domain::UserId& user);
/// Deletes at most `most` sessions, and as many invites, that ended before `before`. True when there may be more.
[[nodiscard]] Result<bool> delete_expired(Connection& connection, Time before, std::int64_t most);

}  // namespace pintle::store
