#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/account.hpp"
#include "os/child.hpp"
#include "os/subprocess.hpp"
#include "source/addresses.hpp"
#include "source/limits.hpp"

namespace pintle::source {

using Progress = std::function<void(std::string)>;

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
    /// `home` is a folder of ours that stands for the user's home; `timeout` bounds one call, or the silence of one
    /// that may take long.
    /// Once `give_up` is true, which must outlive this, calls are ended.
    Git(std::string home, Duration timeout, const std::atomic<bool>* give_up = nullptr)
        : home_(std::move(home)), timeout_(timeout), limits_{give_up, {}} {}

    /// The same, ended by these limits too.
    [[nodiscard]] Git within(const Limits& limits) const;
    /// The same, which asks this where a host is before it is reached, and does not let HTTP servers send it on
    /// elsewhere. Over HTTP the host is reached at that address; ssh and git:// look it up once more. Empty: the same.
    [[nodiscard]] Git asking(AddressOf address_of) const;
    /// The same, whose calls hold the lock for as long as they or what they started live, also without us.
    [[nodiscard]] Git holding(int lock) const;

    /// A call that stays on this machine; its failure is unexpected. Returns the output.
    [[nodiscard]] Result<std::string> local(std::vector<std::string> args) const;
    /// The same, whose output is taken while it runs; the time limit is the caller's to keep. `input` becomes its
    /// standard input.
    [[nodiscard]] Result<os::Child> start(std::vector<std::string> args, int input = -1) const;
    /// What a call that was started and has failed says.
    [[nodiscard]] static std::string reason_of(const os::Child& child);
    /// The same for a call that moves much data, and takes as long as the disk does.
    [[nodiscard]] Result<void> local_long(std::vector<std::string> args) const;
    /// Copies what is in a folder into another. Where the file system can, nothing is written until one changes.
    [[nodiscard]] Result<void> copy_folder(const std::string& from, const std::string& to) const;
    /// A call that talks to the repository at `url`; its failure is told by what git says about it: kUnavailable,
    /// kNotFound, kDenied, kTimeout, kExhausted.
    [[nodiscard]] Result<std::string> remote(std::vector<std::string> args, const std::string& url,
                                             const GitAccess* access = nullptr) const;
    /// The same for a call whose output is large and of no use. `input` becomes its standard input.
    [[nodiscard]] Result<void> remote_discarding(std::vector<std::string> args, const std::string& url,
                                                 const GitAccess* access, int input) const;
    /// A call that brings something from there, with --progress: it may take long while something comes. Failure: as
    /// remote().
    [[nodiscard]] Result<void> fetch(std::vector<std::string> args, const std::string& url, const GitAccess* access,
                                     const Progress& progress) const;
    /// Waits a moment for somebody else to be done with the repository. Fails once the limits end it.
    [[nodiscard]] Result<void> wait_for_others(std::chrono::steady_clock::time_point since,
                                               const std::string& url) const;
    /// Where it is kept what hosts showed when the account was first used with them.
    [[nodiscard]] std::string known_hosts_of(const domain::OpenAccount& account) const;
    /// Refuses a URL whose host is not to be reached, see asking().
    [[nodiscard]] Result<void> check_reachable(const std::string& url) const;
    /// Whether a local call succeeds; for questions to git.
    [[nodiscard]] bool succeeds(std::vector<std::string> args) const;

private:
    struct Outcome {
        int exit_code = 0;
        std::string output;
    };
    [[nodiscard]] os::Command command(std::vector<std::string> args, const GitAccess* access = nullptr) const;
    [[nodiscard]] Result<os::Command> remote_command(std::vector<std::string> args, const std::string& url,
                                                     const GitAccess* access) const;
    [[nodiscard]] Result<Outcome> run(os::Command command) const;
    [[nodiscard]] Result<std::string> run_local(os::Command command) const;
    [[nodiscard]] Result<std::string> run_remote(os::Command command, const std::string& url,
                                                 const GitAccess* access) const;
    [[nodiscard]] bool is_over() const;
    [[nodiscard]] Result<void> prepare_home() const;

    std::string home_;
    Duration timeout_;
    Limits limits_;
    AddressOf address_of_;
    int lock_ = -1;
};

}  // namespace pintle::source
