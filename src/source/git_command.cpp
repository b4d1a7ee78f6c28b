#include "source/git_command.hpp"

#include <array>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"
#include "os/file.hpp"
#include "os/subprocess.hpp"
#include "source/git_access.hpp"

namespace pintle::source {
namespace {

constexpr std::size_t kLineMost = 300;
constexpr std::size_t kOutputMost = 16 << 20;

// Given with every call. Hooks and filters of a repository are programs of whoever wrote it.
constexpr std::array kSettings{
    "core.hooksPath=/dev/null",   "core.fsmonitor=false",        "credential.helper=",
    "protocol.allow=never",       "protocol.file.allow=always",  "protocol.git.allow=always",
    "protocol.http.allow=always", "protocol.https.allow=always", "protocol.ssh.allow=always",
    "http.lowSpeedLimit=1000",    "http.lowSpeedTime=60",        "gc.autoDetach=false",
    "advice.detachedHead=false",  "submodule.recurse=false",     "fetch.recurseSubmodules=false",
    "init.defaultBranch=main"};

// What reaching the outside depends on at the operator's site.
constexpr std::array kPassedOn{"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                               "ALL_PROXY",  "no_proxy",    "NO_PROXY",    "GIT_SSL_CAINFO"};

constexpr const char* kSshWithoutAccount = "ssh -o BatchMode=yes -o ConnectTimeout=20 -o StrictHostKeyChecking=accept-new";

std::vector<std::pair<std::string, std::string>> clean_environment(const std::string& home, const GitAccess* access) {
    const bool has_key = access != nullptr && access->ssh_command();
    std::vector<std::pair<std::string, std::string>> environment{
        {"HOME", home},
        {"XDG_CONFIG_HOME", home},
        {"LC_ALL", "C"},
        {"GIT_CONFIG_NOSYSTEM", "1"},
        {"GIT_TERMINAL_PROMPT", "0"},
        {"GIT_SSH_COMMAND", has_key ? *access->ssh_command() : kSshWithoutAccount},
    };
    for (const char* name : kPassedOn) {
        if (const char* value = std::getenv(name); value != nullptr) environment.emplace_back(name, value);
    }
    return environment;
}

bool says_anything(std::string_view line) {
    constexpr std::array kBoilerplate{"fatal: Could not read from remote repository.",
                                      "Please make sure you have the correct access rights",
                                      "and the repository exists."};
    for (const char* known : kBoilerplate) {
        if (line == known) return false;
    }
    return !line.empty();
}

// The last line that tells something, without git's own prefix.
std::string telling_line(const std::string& output) {
    std::string found;
    for (const std::string& line : split(output, '\n')) {
        if (says_anything(trim(line))) found = std::string(trim(line));
    }
    for (const std::string_view prefix : {"fatal: ", "error: "}) {
        if (found.starts_with(prefix)) found.erase(0, prefix.size());
    }
    return found.empty() ? "git gave no reason" : mask_secrets(to_valid_utf8(found.substr(0, kLineMost)));
}

bool says(const std::string& output, std::initializer_list<std::string_view> phrases) {
    for (const std::string_view phrase : phrases) {
        if (output.find(phrase) != std::string::npos) return true;
    }
    return false;
}

// What to do depends on whether somebody was named, and on whether the host could be trusted at all.
Error denied_error(const std::string& shown, const std::string& line, const GitAccess* access) {
    if (access == nullptr) {
        constexpr auto kText =
            "the git repository {} asks for a user name or key: it is private, or does not exist. Name an account in the "
            "source that may read it; pintle account create makes one ({})";
        return {ErrorCode::kDenied, fmt::format(kText, shown, line), {}, {}};
    }
    constexpr auto kText =
        "the git repository {} does not let the account {} in: its {} is wrong, has expired, or has no right on this "
        "repository. Give it another with: pintle account update {} ({})";
    const char* secret = access->ssh_command() ? "key" : "token";
    return {ErrorCode::kDenied, fmt::format(kText, shown, access->account(), secret, access->account(), line), {}, {}};
}

Error unknown_host_error(const std::string& shown, const GitAccess* access) {
    const std::string advice = access == nullptr
                                   ? std::string("have the known hosts of the server's user put right")
                                   : fmt::format("give the account {} the right lines with --known-hosts", access->account());
    return {ErrorCode::kDenied,
            fmt::format("the host of {} does not show the key that is known of it: it was changed, or somebody stands in "
                        "between. If it was changed, {}; ssh-keyscan HOST prints them", shown, advice),
            {},
            {}};
}

Error remote_error(const std::string& output, const std::string& url, const GitAccess* access) {
    const std::string shown = mask_secrets(url);
    const std::string line = access == nullptr ? telling_line(output) : access->masked(telling_line(output));
    if (says(output, {"No space left on device", "Disk quota exceeded"})) {
        return {ErrorCode::kExhausted, fmt::format("no disk space is left for {}: {}", shown, line), {}, {}};
    }
    if (says(output, {"Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED"})) return unknown_host_error(shown, access);
    if (says(output, {"could not read Username", "could not read Password", "Authentication failed",
                      "Permission denied (", "Authentication required", "returned error: 401", "returned error: 403"})) {
        return denied_error(shown, line, access);
    }
    // "cannot run ssh: No such file …" is about this machine.
    if (!says(output, {"cannot run "}) &&
        says(output, {"not found", "does not exist", "does not appear to be a git repository",
                      "No such file or directory", "returned error: 404", "could not be found"})) {
        // Hosts do not tell those who may not see a repository that it is there.
        const std::string or_hidden = access == nullptr ? "" : fmt::format(", or the account {} may not see it", access->account());
        return {ErrorCode::kNotFound, fmt::format("there is no git repository at {}{}: {}", shown, or_hidden, line), {}, {}};
    }
    return {ErrorCode::kUnavailable, fmt::format("could not reach the git repository {}: {}", shown, line), {}, {}};
}

void mask_one(std::string& text, std::size_t scheme_end) {
    const std::size_t begin = scheme_end + 3;
    const std::size_t end = text.find_first_of("/ \t\r\n'\"", begin);
    const std::string_view authority =
        std::string_view(text).substr(begin, end == std::string::npos ? end : end - begin);
    const std::size_t at = authority.rfind('@');
    if (at == std::string_view::npos) return;
    const bool is_ssh_user = scheme_end >= 3 && text.compare(scheme_end - 3, 3, "ssh") == 0 &&
                             authority.substr(0, at).find(':') == std::string_view::npos;
    if (!is_ssh_user) text.replace(begin, at, "***");
}

}  // namespace

std::string mask_secrets(std::string_view given) {
    std::string text(given);
    for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) mask_one(text, at);
    return text;
}

std::string Git::known_hosts_of(const domain::OpenAccount& account) const {
    return fmt::format("{}/known_hosts_{}", home_, account.id.str());
}

Result<void> Git::prepare_home() const {
    const std::string path = home_ + "/.gitconfig";
    if (os::exists(path)) return {};
    TRY(os::make_folders(home_, 0700));
    // A file URL may name a repository of somebody else. This must stand in a file: settings of the command line
    // do not reach the git that serves the file URL.
    return os::write_file_atomic(path, "[safe]\n\tdirectory = *\n", 0600, false);
}

Result<Git::Outcome> Git::run(std::vector<std::string> args, const GitAccess* access) const {
    TRY(prepare_home());
    os::Command command;
    command.argv = {"git"};
    for (const char* setting : kSettings) command.argv.insert(command.argv.end(), {"-c", setting});
    if (access != nullptr) {
        const std::vector<std::string> settings = access->settings();
        command.argv.insert(command.argv.end(), settings.begin(), settings.end());
    }
    command.argv.insert(command.argv.end(), std::make_move_iterator(args.begin()), std::make_move_iterator(args.end()));
    command.folder = home_;
    command.environment = clean_environment(home_, access);
    command.timeout = timeout_;
    command.give_up = give_up_;
    command.output_limit_bytes = kOutputMost;
    Result<os::CommandOutput> result = os::run(command);
    // The command's own text is not repeated: it may hold a URL with a secret.
    if (!result && result.error().code == ErrorCode::kTimeout) {
        return fail(ErrorCode::kTimeout, "git did not end within {}", to_words(timeout_));
    }
    if (!result && result.error().code == ErrorCode::kNotFound) {
        return fail(
            ErrorCode::kUnavailable,
            "the program git is missing on the server's machine; install it, for example with apt-get install git");
    }
    if (!result) return fail(result.error());
    return Outcome{result->exit_code, std::move(result->output)};
}

Result<std::string> Git::local(std::vector<std::string> args) const {
    Outcome outcome = TRY(run(std::move(args)));
    if (outcome.exit_code == 0) return std::move(outcome.output);
    const bool full = says(outcome.output, {"No space left on device", "Disk quota exceeded"});
    return fail(full ? ErrorCode::kExhausted : ErrorCode::kInternal, "git failed: {}", telling_line(outcome.output));
}

Result<std::string> Git::remote(std::vector<std::string> args, const std::string& url, const GitAccess* access) const {
    Result<Outcome> outcome = run(std::move(args), access);
    if (!outcome && outcome.error().code == ErrorCode::kTimeout) {
        return fail(ErrorCode::kTimeout, "the git repository {} did not answer in full within {}", mask_secrets(url),
                    to_words(timeout_));
    }
    if (!outcome) return fail(outcome.error());
    if (outcome->exit_code != 0) return fail(remote_error(outcome->output, url, access));
    return std::move(outcome->output);
}

bool Git::succeeds(std::vector<std::string> args) const {
    const auto outcome = run(std::move(args));
    return outcome && outcome->exit_code == 0;
}

}  // namespace pintle::source
