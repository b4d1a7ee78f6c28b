#pragma once

#include "store/records.hpp"
#include "store/sqlite.hpp"

/// The SQL of users. Private to this module.
namespace pintle::store {

/// Makes the user or changes it. Whatever belongs to nobody and cannot be adopted by the core, because it has ended,
/// becomes the first operator's.
[[nodiscard]] Result<void> save_user(Connection& connection, const domain::User& user);
[[nodiscard]] Result<std::vector<domain::User>> load_users(Connection& connection);

[[nodiscard]] Result<std::optional<domain::User>> find_user(Connection& connection, const domain::UserId& id);
/// Of those who are not offboarded, the one who came first.
[[nodiscard]] Result<std::optional<domain::User>> find_first_operator(Connection& connection);
/// Of several with this name, the one that is not offboarded.
[[nodiscard]] Result<std::optional<domain::User>> find_user_named(Connection& connection, std::string_view name);
[[nodiscard]] Result<std::optional<domain::User>> find_user_external(Connection& connection,
                                                                     const domain::ExternalIdentity& identity);
[[nodiscard]] Result<Page<domain::User>> list_users(Connection& connection, const UserFilter& filter,
                                                    const PageRequest& page);

/// Names for lists, each looked up once.
class UserNames {
public:
    explicit UserNames(Connection& connection) : connection_(connection) {}
    /// Empty for nobody and for a user who is not stored.
    [[nodiscard]] Result<std::string> of(const domain::UserId& id);

private:
    Connection& connection_;
    std::map<domain::UserId, std::string> known_;
};

}  // namespace pintle::store
