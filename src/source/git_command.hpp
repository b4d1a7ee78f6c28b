#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/account.hpp"

namespace pintle::source {

class GitAccess;

/// The text with what may be a secret in a URL replaced: `https://name:secret@host` is shown as
/// `https://***@host`. The user of an ssh URL stays, it is no secret.
[[nodiscard]] std::string mask_secrets(std::string_view text);

/// The git program, called so that only what is written here decides what it does: none of the machine's or the
/// user's configuration, no hooks, no helpers, no questions. Submodules are never followed. Repositories are
/// reached with the account that is given; without one, ssh takes the keys of the user that the server runs as.
///
/// Threading: any thread, several at once; calls block for as long as git runs.
/// Failure: sentences for people, in which URLs carry no secrets.
class Git {
public:
    /// `home` is a folder of ours that stands for the user's home; `timeout` bounds one call.
    /// Once `give_up` is true, which must outlive this, calls are ended.
    Git(std::string home, Duration timeout, const std::atomic<bool>* give_up = nullptr) : home_(std::move(home)), timeout_(timeout), give_up_(give_up) {}

    /// A call that stays on this machine; its failure is unexpected. Returns the output.
    [[nodiscard]] Result<std::string> local(std::vector<std::string> args) const;
    /// A call that talks to the repository at `url`; its failure is told by what git says about it: kUnavailable,
    /// kNotFound, kDenied, kTimeout, kExhausted.
    [[nodiscard]] Result<std::string> remote(std::vector<std::string> args, const std::string& url,
                                             const GitAccess* access = nullptr) const;
    /// Where it is kept what hosts showed when the account was first used with them.
    [[nodiscard]] std::string known_hosts_of(const domain::OpenAccount& account) const;
    /// Whether a local call succeeds; for questions to git.
    [[nodiscard]] bool succeeds(std::vector<std::string> args) const;

private:
    struct Outcome {
        int exit_code = 0;
        std::string output;
    };
    [[nodiscard]] Result<Outcome> run(std::vector<std::string> args, const GitAccess* access = nullptr) const;
    [[nodiscard]] Result<void> prepare_home() const;

    const std::string home_;
    const Duration timeout_;
    const std::atomic<bool>* const give_up_;
};

}  // namespace pintle::source
