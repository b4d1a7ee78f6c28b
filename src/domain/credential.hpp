#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "domain/ids.hpp"

namespace pintle::domain {

/// What a token may be used for. Each includes nothing of the others but kRead, which all have.
enum class Scope {
    kRead,     ///< See what its user sees.
    kRun,      ///< Start and stop jobs.
    kWrite,    ///< Make, edit and delete what is its user's.
    kOperate,  ///< What an operator may do; worth nothing in the hands of anybody else.
};
[[nodiscard]] std::string_view to_string(Scope scope);  ///< "read", "run", "write", "operate"
[[nodiscard]] std::optional<Scope> scope_from(std::string_view text);

/// A personal access token. Only its hash is kept: the text is shown once, when it is made.
struct AccessToken {
    TokenId id;
    UserId user;
    std::string name;
    std::string hash;  ///< SHA-256 of the text, in hexadecimal.
    std::vector<Scope> scopes;
    Time created_at{};
    Time expires_at{};  ///< 0: never.
    bool operator==(const AccessToken&) const = default;
};

/// A browser that has signed in.
struct Session {
    std::string hash;  ///< SHA-256 of the cookie, in hexadecimal.
    UserId user;
    std::string csrf;     ///< What a page must send along with every change.
    std::string address;  ///< From where it was begun.
    std::string agent;    ///< Which browser it says it is.
    Time created_at{};
    Time expires_at{};
    bool operator==(const Session&) const = default;
};

/// Lets somebody set a password once: the first operator, a new user, one who forgot theirs.
struct Invite {
    std::string hash;  ///< SHA-256 of the code, in hexadecimal.
    UserId user;
    Time expires_at{};
    bool operator==(const Invite&) const = default;
};

}  // namespace pintle::domain
