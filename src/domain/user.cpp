#include "domain/user.hpp"

#include "base/check.hpp"

namespace pintle::domain {

std::string_view to_string(Role role) {
    switch (role) {
        case Role::kDataScientist: return "data scientist";
        case Role::kOperator: return "operator";
    }
    unreachable();
}

std::optional<Role> role_from(std::string_view text) {
    if (text == "data scientist" || text == "data-scientist" || text == "datascientist") return Role::kDataScientist;
    if (text == "operator") return Role::kOperator;
    return std::nullopt;
}

std::string_view to_string(UserStatus status) {
    switch (status) {
        case UserStatus::kOnboarding: return "onboarding";
        case UserStatus::kOnboarded: return "onboarded";
        case UserStatus::kOffboarded: return "offboarded";
    }
    unreachable();
}

std::optional<UserStatus> user_status_from(std::string_view text) {
    for (const UserStatus status : {UserStatus::kOnboarding, UserStatus::kOnboarded, UserStatus::kOffboarded}) {
        if (to_string(status) == text) return status;
    }
    return std::nullopt;
}

}  // namespace pintle::domain
