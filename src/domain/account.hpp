#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/ids.hpp"

namespace pintle::domain {

/// What an account opens.
enum class AccountKind {
    kGitKey,    ///< Git over ssh, by a private key.
    kGitToken,  ///< Git over http(s), by a user name and a token or password.
    kS3,        ///< An S3 server, by an access key and its secret.
    kRegistry,  ///< A registry of container images, by a user name and a password.
};
inline constexpr std::array kAccountKinds{AccountKind::kGitKey, AccountKind::kGitToken, AccountKind::kS3,
                                          AccountKind::kRegistry};
[[nodiscard]] std::string_view to_string(AccountKind kind);  ///< "git_key", "git_token", "s3", "registry"
[[nodiscard]] std::optional<AccountKind> account_kind_from(std::string_view text);
/// What its secret is, for people: "private key", "token", "secret key", "password".
[[nodiscard]] std::string_view secret_word(AccountKind kind);

/// A secret as the database has it: worth nothing without the server's key for accounts. All in hexadecimal.
struct SealedSecret {
    std::string key;  ///< The mark of the key that sealed it.
    std::string nonce;
    std::string ciphertext;
    bool operator==(const SealedSecret&) const = default;
};

/// What opens a private repository, a bucket or a registry. Whoever makes it owns it; with a group, its members may
/// use it. A project names it by its name; for each job that is the account of the job's owner, or else the one of
/// the owner's group.
struct Account {
    AccountId id;
    std::string name;
    AccountKind kind = AccountKind::kGitToken;
    UserId owner;
    GroupId group;            ///< Empty: its owner's alone.
    std::string server;       ///< Host, with a port if it is not the usual one; empty: any.
    std::string user;         ///< User name or access key; no secret.
    std::string fingerprint;  ///< Of a private key: "SHA256:…".
    std::string known_hosts;  ///< kGitKey: lines as ssh has them; empty: whatever a host shows at first.
    SealedSecret secret;
    Time created_at{};
    Time updated_at{};
    bool operator==(const Account&) const = default;
};

/// An account with its secret, on its way to what needs it. Never stored, logged or sent.
struct OpenAccount {
    AccountId id;
    std::string name;
    AccountKind kind = AccountKind::kGitToken;
    std::string server;
    std::string user;
    std::string known_hosts;
    std::string secret;
};

/// Everything that can be checked without its secret: its name, and that it has what its kind needs and nothing else.
[[nodiscard]] Result<void> check_account(const Account& account);

/// A host as people write it, "github.com" or "git.example:8443"; of a URL, its host.
[[nodiscard]] std::string server_name_of(std::string_view text);

}  // namespace pintle::domain
