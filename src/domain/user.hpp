#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "domain/ids.hpp"

namespace pintle::domain {

enum class Role {
    kDataScientist,  ///< Runs work of one's own, sees that of one's group.
    kOperator,       ///< That, and manages users, groups, pools and the queue.
};
[[nodiscard]] std::string_view to_string(Role role);  ///< "data scientist"
[[nodiscard]] std::optional<Role> role_from(std::string_view text);

enum class UserStatus {
    kOnboarding,  ///< Invited; has not signed in yet.
    kOnboarded,
    kOffboarded,  ///< May do nothing any more. Stays on record, with what it owns, under its name.
};
[[nodiscard]] std::string_view to_string(UserStatus status);
[[nodiscard]] std::optional<UserStatus> user_status_from(std::string_view text);

/// Somebody as an OpenID Connect provider knows them. Issuer and subject together never change and are never given
/// to another person; an address or a name may be.
struct ExternalIdentity {
    std::string issuer;
    std::string subject;
    bool operator==(const ExternalIdentity&) const = default;
};

/// A person. Everybody is in exactly one group.
struct User {
    UserId id;
    std::string name;
    Role role = Role::kDataScientist;
    UserStatus status = UserStatus::kOnboarding;
    GroupId group;
    std::string password_hash;  ///< argon2id, as libsodium writes it; empty: no password.
    std::optional<ExternalIdentity> external;
    Time created_at{};
    Time updated_at{};
    bool operator==(const User&) const = default;
};

}  // namespace pintle::domain
