#include "source/git_command.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "domain/source.hpp"
#include "os/file.hpp"
#include "source/git_access.hpp"
#include "source/git_progress.hpp"

namespace pintle::source {
namespace {

constexpr std::size_t kLineMost = 300;
constexpr std::size_t kOutputMost = 16 << 20;
// What only the disk makes wait.
constexpr Duration kLong = std::chrono::hours(24);
constexpr const char* kEndsWithUs = "/usr/bin/setpriv";

// Given with every call. Hooks and filters of a repository are programs of whoever wrote it.
constexpr std::array kSettings{
    "core.hooksPath=/dev/null",   "core.fsmonitor=false",        "credential.helper=",
    "protocol.allow=never",       "protocol.file.allow=always",  "protocol.git.allow=always",
    "protocol.http.allow=always", "protocol.https.allow=always", "protocol.ssh.allow=always",
    "http.lowSpeedLimit=1000",    "http.lowSpeedTime=60",        "gc.autoDetach=false",
    "advice.detachedHead=false",  "submodule.recurse=false",     "fetch.recurseSubmodules=false",
    "init.defaultBranch=main",
    // A pack is kept as it comes, instead of being packed anew object by object.
    "fetch.unpackLimit=1",
    // Memory must not grow with the files of a repository: larger ones are never held as a whole.
    "core.bigFileThreshold=16m",  "core.packedGitLimit=256m",    "core.packedGitWindowSize=16m",
    "pack.windowMemory=64m",      "gc.bigPackThreshold=1g"};

// What reaching the outside depends on at the operator's site.
constexpr std::array kPassedOn{"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                               "ALL_PROXY",  "no_proxy",    "NO_PROXY",    "GIT_SSL_CAINFO"};

constexpr const char* kSshWithoutAccount =
    "ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=30 -o StrictHostKeyChecking=accept-new";

std::vector<std::pair<std::string, std::string>> clean_environment(const std::string& home, const GitAccess* access) {
    const bool has_key = access != nullptr && access->ssh_command();
    std::vector<std::pair<std::string, std::string>> environment{
        {"HOME", home},
        {"XDG_CONFIG_HOME", home},
        {"LC_ALL", "C"},
        {"GIT_CONFIG_NOSYSTEM", "1"},
        {"GIT_TERMINAL_PROMPT", "0"},
        {"GIT_LFS_FORCE_PROGRESS", "1"},
        {"GIT_SSH_COMMAND", has_key ? *access->ssh_command() : kSshWithoutAccount},
    };
    for (const char* name : kPassedOn) {
        if (const char* value = std::getenv(name); value != nullptr) environment.emplace_back(name, value);
    }
    return environment;
}

std::vector<std::string> command_line(std::vector<std::string> args, const GitAccess* access) {
    std::vector<std::string> argv{"git"};
    for (const char* setting : kSettings) argv.insert(argv.end(), {"-c", setting});
    if (access != nullptr) {
        const std::vector<std::string> settings = access->settings();
        argv.insert(argv.end(), settings.begin(), settings.end());
    }
    argv.insert(argv.end(), std::make_move_iterator(args.begin()), std::make_move_iterator(args.end()));
    return argv;
}

Error missing_program() {
    return {ErrorCode::kUnavailable,
            "the program git is missing on the server's machine; install it, for example with apt-get install git",
            {},
            {}};
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
    for (const std::string& line : split(replace_all(output, "\r", "\n"), '\n')) {
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

bool says_disk_is_full(const std::string& output) {
    return says(output, {"No space left on device", "Disk quota exceeded"});
}

// What to do depends on whether somebody was named, and on whether the host could be trusted at all.
Error denied_error(const std::string& shown, const std::string& line, const GitAccess* access) {
    if (access == nullptr) {
        constexpr auto kText =
            "the git repository {} asks for a user name or key: it is private, or does not exist. Name an account in "
            "the "
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
    const std::string advice =
        access == nullptr ? std::string("have the known hosts of the server's user put right")
                          : fmt::format("give the account {} the right lines with --known-hosts", access->account());
    return {
        ErrorCode::kDenied,
        fmt::format("the host of {} does not show the key that is known of it: it was changed, or somebody stands in "
                    "between. If it was changed, {}; ssh-keyscan HOST prints them",
                    shown, advice),
        {},
        {}};
}

Error remote_error(const std::string& output, const std::string& url, const GitAccess* access) {
    const std::string shown = mask_secrets(url);
    const std::string line = access == nullptr ? telling_line(output) : access->masked(telling_line(output));
    if (says_disk_is_full(output)) {
        return {ErrorCode::kExhausted, fmt::format("no disk space is left for {}: {}", shown, line), {}, {}};
    }
    if (says(output, {"Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED"}))
        return unknown_host_error(shown, access);
    if (says(output,
             {"could not read Username", "could not read Password", "Authentication failed", "Permission denied (",
              "Authentication required", "returned error: 401", "returned error: 403"})) {
        return denied_error(shown, line, access);
    }
    // Of redirections git follows the first question's at most, and none where Git::asking() guards.
    if (says(output, {"returned error: 301", "returned error: 302", "returned error: 303", "returned error: 307",
                      "returned error: 308"})) {
        return {ErrorCode::kDenied,
                fmt::format("the server of {} sends git on to another address, which is not followed; give the "
                            "repository's own address ({})",
                            shown, line),
                {},
                {}};
    }
    // "cannot run ssh: No such file …" is about this machine.
    if (!says(output, {"cannot run "}) &&
        says(output, {"not found", "does not exist", "does not appear to be a git repository",
                      "No such file or directory", "returned error: 404", "could not be found"})) {
        // Hosts do not tell those who may not see a repository that it is there.
        const std::string or_hidden =
            access == nullptr ? "" : fmt::format(", or the account {} may not see it", access->account());
        return {ErrorCode::kNotFound,
                fmt::format("there is no git repository at {}{}: {}", shown, or_hidden, line),
                {},
                {}};
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

Git Git::within(const Limits& limits) const {
    Git other = *this;
    other.limits_.deadline = limits.deadline;
    other.limits_.patience = limits.patience;
    if (limits.give_up != nullptr) other.limits_.give_up = limits.give_up;
    return other;
}

Git Git::asking(AddressOf address_of) const {
    Git other = *this;
    other.address_of_ = std::move(address_of);
    return other;
}

Git Git::holding(int lock) const {
    Git other = *this;
    other.lock_ = lock;
    return other;
}

bool Git::is_over() const { return limits_.deadline && std::chrono::steady_clock::now() >= *limits_.deadline; }

os::Command Git::command(std::vector<std::string> args, const GitAccess* access) const {
    os::Command command;
    command.argv = command_line(std::move(args), access);
    command.folder = home_;
    command.environment = clean_environment(home_, access);
    command.timeout = timeout_;
    command.output_limit_bytes = kOutputMost;
    return command;
}

Result<void> Git::check_reachable(const std::string& url) const {
    const std::string host = TRY(domain::repository_server(url)).host;
    if (address_of_ && !host.empty()) TRY(address_of_(host));
    return {};
}

Result<os::Command> Git::remote_command(std::vector<std::string> args, const std::string& url,
                                        const GitAccess* access) const {
    if (!address_of_) return command(std::move(args), access);
    const domain::ServerAddress server = TRY(domain::repository_server(url));
    if (server.host.empty()) return command(std::move(args), access);
    const std::string address = TRY(address_of_(server.host));
    const int port = server.port != 0 ? server.port : url.starts_with("https:") ? 443 : 80;
    const std::string pinned =
        fmt::format("http.curloptResolve={}:{}:{}", server.host, port, domain::host_in_url({address, 0}));
    std::vector<std::string> guarded{"-c", "http.followRedirects=false"};
    // A host that is an address already needs no other.
    if (server.host != address) guarded.insert(guarded.end(), {"-c", pinned});
    guarded.insert(guarded.end(), std::make_move_iterator(args.begin()), std::make_move_iterator(args.end()));
    return command(std::move(guarded), access);
}

Result<Git::Outcome> Git::run(os::Command command) const {
    TRY(prepare_home());
    command.give_up = limits_.give_up;
    command.kept_open = lock_;
    if (limits_.deadline) {
        const auto left = *limits_.deadline - std::chrono::steady_clock::now();
        command.timeout = std::clamp(std::chrono::duration_cast<Duration>(left), Duration(0), command.timeout);
    }
    const Duration bound = command.silence.count() > 0 ? command.silence : command.timeout;
    Result<os::CommandOutput> result = os::run(command);
    // The command's own text is not repeated: it may hold a URL with a secret.
    if (!result && result.error().code == ErrorCode::kTimeout) {
        return fail(ErrorCode::kTimeout, "git did not end within {}", to_words(bound));
    }
    if (!result && result.error().code == ErrorCode::kNotFound) return fail(missing_program());
    if (!result) return fail(result.error());
    return Outcome{result->exit_code, std::move(result->output)};
}

Result<os::Child> Git::start(std::vector<std::string> args, int input) const {
    TRY(prepare_home());
    auto child = os::Child::start({command_line(std::move(args), nullptr), clean_environment(home_, nullptr), input});
    if (!child && child.error().code == ErrorCode::kNotFound) return fail(missing_program());
    return child;
}

std::string Git::reason_of(const os::Child& child) { return telling_line(child.complaints()); }

Result<std::string> Git::run_local(os::Command command) const {
    const std::string name = command.argv.front();
    Result<Outcome> outcome = run(std::move(command));
    if (!outcome && outcome.error().code == ErrorCode::kTimeout && is_over())
        return fail(ErrorCode::kTimeout, "the job's time is over");
    if (!outcome) return fail(outcome.error());
    if (outcome->exit_code == 0) return std::move(outcome->output);
    const bool full = says_disk_is_full(outcome->output);
    return fail(full ? ErrorCode::kExhausted : ErrorCode::kInternal, "{} failed: {}", name,
                telling_line(outcome->output));
}

Result<std::string> Git::local(std::vector<std::string> args) const { return run_local(command(std::move(args))); }

Result<void> Git::local_long(std::vector<std::string> args) const {
    os::Command long_one = command(std::move(args));
    long_one.timeout = kLong;
    TRY(run_local(std::move(long_one)));
    return {};
}

Result<void> Git::copy_folder(const std::string& from, const std::string& to) const {
    os::Command copy;
    copy.argv = {"cp", "-R", "--reflink=auto", "--", from + "/.", to};
    copy.environment = {{"LC_ALL", "C"}};
    copy.timeout = kLong;
    TRY(run_local(std::move(copy)));
    return {};
}

Result<std::string> Git::run_remote(os::Command command, const std::string& url, const GitAccess* access) const {
    Result<Outcome> outcome = run(std::move(command));
    if (!outcome && outcome.error().code == ErrorCode::kTimeout) {
        return fail(ErrorCode::kTimeout, "the git repository {} did not answer in full {}", mask_secrets(url),
                    is_over() ? "before the job's time was over" : "within " + to_words(timeout_));
    }
    if (!outcome) return fail(outcome.error());
    if (outcome->exit_code != 0) return fail(remote_error(outcome->output, url, access));
    return std::move(outcome->output);
}

Result<std::string> Git::remote(std::vector<std::string> args, const std::string& url, const GitAccess* access) const {
    return run_remote(TRY(remote_command(std::move(args), url, access)), url, access);
}

Result<void> Git::remote_discarding(std::vector<std::string> args, const std::string& url, const GitAccess* access,
                                    int input) const {
    os::Command asking = TRY(remote_command(std::move(args), url, access));
    asking.input = input;
    // Enough for what it says when it fails.
    asking.output_limit_bytes = 64 << 10;
    TRY(run_remote(std::move(asking), url, access));
    return {};
}

Result<void> Git::fetch(std::vector<std::string> args, const std::string& url, const GitAccess* access,
                        const Progress& progress) const {
    os::Command fetching = TRY(remote_command(std::move(args), url, access));
    // What git has started ends by itself once nobody takes what it paints.
    if (os::exists(kEndsWithUs))
        fetching.argv.insert(fetching.argv.begin(), {kEndsWithUs, "--pdeathsig", "KILL", "--"});
    fetching.timeout = kLong;
    fetching.silence = timeout_;
    const std::string shown = mask_secrets(url);
    GitProgress painted(shown, std::chrono::steady_clock::now(), progress);
    fetching.on_line = [&](std::string_view line) { painted.take(line, std::chrono::steady_clock::now()); };
    const Result<Outcome> outcome = run(std::move(fetching));
    const std::string lost =
        painted.so_far().empty() ? "nothing had come"
        : painted.is_kept()
            ? painted.so_far() + " had come; whole files are kept"
            : painted.so_far() + " had come, which is lost: git begins at the beginning when it tries again";
    if (!outcome && outcome.error().code == ErrorCode::kTimeout) {
        return fail(ErrorCode::kTimeout, "the git repository {} {}; {}", shown,
                    is_over() ? "could not be fetched before the job's time was over"
                              : "has sent nothing for " + to_words(timeout_),
                    lost);
    }
    if (!outcome) return fail(outcome.error());
    if (outcome->exit_code == 0) return {};
    Error error = remote_error(outcome->output, url, access);
    if (!painted.so_far().empty()) error.message += "; " + lost;
    return fail(std::move(error));
}

Result<void> Git::wait_for_others(std::chrono::steady_clock::time_point since, const std::string& url) const {
    constexpr auto kMoment = std::chrono::milliseconds(20);
    if (limits_.give_up != nullptr && *limits_.give_up) return fail(ErrorCode::kCancelled, "git was given up");
    const bool too_long = limits_.patience && std::chrono::steady_clock::now() - since >= *limits_.patience;
    if (too_long || is_over()) {
        return fail(too_long ? ErrorCode::kConflict : ErrorCode::kTimeout,
                    "the git repository {} is being fetched or copied for another job", mask_secrets(url));
    }
    std::this_thread::sleep_for(kMoment);
    return {};
}

bool Git::succeeds(std::vector<std::string> args) const {
    os::Command question = command(std::move(args));
    question.timeout = kLong;
    const auto outcome = run(std::move(question));
    return outcome && outcome->exit_code == 0;
}

}  // namespace pintle::source
