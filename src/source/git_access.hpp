#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "domain/account.hpp"

namespace pintle::source {

/// What git needs to reach one repository with an account. The secret stands in files that only we can read, never in
/// an argument, a variable, a URL or the configuration of a repository:
///
///     FOLDER/config        which says where the rest is; git is told of it by -c include.path
///     FOLDER/credential    user name and token, for the repository's host alone
///     FOLDER/key           the private key
///
/// Threading: one thread. Ownership: the files are ours and go with this value.
/// Failure: kInvalid or kDenied when the account is of another kind than the repository's address asks for, or for
/// another server; the error says which would do.
class GitAccess {
public:
    /// `known_hosts` is where the keys of hosts are kept that the account does not name.
    [[nodiscard]] static Result<GitAccess> open(const std::string& folder, const std::string& url,
                                                const domain::OpenAccount& account, const std::string& known_hosts);
    GitAccess(GitAccess&& other) noexcept;
    GitAccess& operator=(GitAccess&&) = delete;
    ~GitAccess();

    /// Words for git's command line, before its command.
    [[nodiscard]] std::vector<std::string> settings() const;
    /// What stands for ssh, when it is needed.
    [[nodiscard]] const std::optional<std::string>& ssh_command() const { return ssh_command_; }
    /// The name of the account, for people.
    [[nodiscard]] const std::string& account() const { return account_; }
    /// The text without what only the account's owner knows.
    [[nodiscard]] std::string masked(std::string text) const;

private:
    GitAccess() = default;

    std::string folder_;
    std::string account_;
    std::string secret_;
    std::optional<std::string> ssh_command_;
};

/// Whether the account can open a repository at that address at all: its kind, and its server if it has one.
[[nodiscard]] Result<void> check_fits(const domain::OpenAccount& account, const std::string& url);

/// Gives a job's clone what it needs to push with the account: the same files in `.git/pintle`, and a line in the
/// clone's configuration that names them. They go with the clone. `known_hosts` as above.
[[nodiscard]] Result<void> give_access(const std::string& clone, const std::string& url,
                                       const domain::OpenAccount& account, const std::string& known_hosts);

}  // namespace pintle::source
