#include "os/subprocess.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/text.hpp"
#include "os/file.hpp"
#include "os/unique_fd.hpp"

namespace pintle::os {
namespace {

constexpr std::int64_t kGiveUpLookMs = 100;

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> out;
    for (std::string& word : words) out.push_back(word.data());
    out.push_back(nullptr);
    return out;
}

// Hands on the whole lines that have come since `begin`, and says where the next one begins.
std::size_t tell_lines(const Command& command, const std::string& output, std::size_t begin) {
    constexpr std::string_view kEnds = "\r\n";
    for (std::size_t end = output.find_first_of(kEnds, begin); end != std::string::npos;
         end = output.find_first_of(kEnds, begin)) {
        const bool is_rest_of_line_end = end == begin && end > 0 && output[end] == '\n' && output[end - 1] == '\r';
        if (!is_rest_of_line_end) command.on_line(std::string_view(output).substr(begin, end - begin));
        begin = end + 1;
    }
    return begin;
}

void keep_tail(std::string& output, std::size_t limit) {
    if (output.size() > 2 * limit) output.erase(0, output.size() - limit);
}

}  // namespace

std::vector<std::string> environment_lines(const std::vector<std::pair<std::string, std::string>>& variables) {
    std::vector<std::string> lines;
    const auto has = [&](std::string_view name) {
        return std::any_of(variables.begin(), variables.end(),
                           [&](const auto& variable) { return variable.first == name; });
    };
    for (const char* kept : {"PATH", "HOME", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "TMPDIR"}) {
        if (const char* value = std::getenv(kept); value != nullptr && !has(kept))
            lines.push_back(std::string(kept) + "=" + value);
    }
    for (const auto& [key, value] : variables) lines.push_back(key + "=" + value);
    return lines;
}

Result<CommandOutput> run(const Command& command) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail(errno_error("make a pipe for", command.argv.at(0), errno));
    UniqueFd read_end(ends[0]), write_end(ends[1]);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, write_end.get(), 1);
    ::posix_spawn_file_actions_adddup2(&actions, write_end.get(), 2);
    if (command.kept_open >= 0) ::posix_spawn_file_actions_adddup2(&actions, command.kept_open, 3);
    if (!command.folder.empty()) ::posix_spawn_file_actions_addchdir_np(&actions, command.folder.c_str());
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);

    std::vector<std::string> argv = command.argv, environment = environment_lines(command.environment);
    pid_t pid = 0;
    const int spawned = ::posix_spawnp(&pid, argv[0].c_str(), &actions, &attributes, pointers(argv).data(),
                                       pointers(environment).data());
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (spawned != 0) return fail(errno_error("start", argv[0], spawned));
    write_end.reset();

    CommandOutput result;
    const auto last = std::chrono::steady_clock::now() + command.timeout;
    const auto next_deadline = [&] {
        return command.silence.count() == 0 ? last
                                            : std::min(last, std::chrono::steady_clock::now() + command.silence);
    };
    auto deadline = next_deadline();
    bool overran = false, given_up = false;
    std::size_t told = 0;
    char buffer[16384];
    while (true) {
        const auto left = std::chrono::duration_cast<Duration>(deadline - std::chrono::steady_clock::now()).count();
        pollfd poll_fd{read_end.get(), POLLIN, 0};
        const int ready = left <= 0 ? 0
                                    : ::poll(&poll_fd, 1,
                                             static_cast<int>(std::min<std::int64_t>(
                                                 left, command.give_up == nullptr ? 1'000'000 : kGiveUpLookMs)));
        if (ready < 0 && errno == EINTR) continue;
        if (command.give_up != nullptr && *command.give_up) {
            given_up = true;
            ::kill(-pid, SIGKILL);
            break;
        }
        if (ready == 0 && std::chrono::steady_clock::now() >= deadline) {
            overran = true;
            ::kill(-pid, SIGKILL);
            break;
        }
        if (ready == 0) continue;
        const ssize_t got = ::read(read_end.get(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        deadline = next_deadline();
        result.output.append(buffer, static_cast<std::size_t>(got));
        if (command.on_line) told = tell_lines(command, result.output, told);
        const std::size_t before = result.output.size();
        keep_tail(result.output, command.output_limit_bytes);
        told -= std::min(told, before - result.output.size());
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (given_up) return fail(ErrorCode::kCancelled, "{} was given up", command.argv.front());
    if (overran && deadline < last)
        return fail(ErrorCode::kTimeout, "{} printed nothing for {}", join(command.argv, " "),
                    to_words(command.silence));
    if (overran)
        return fail(ErrorCode::kTimeout, "{} did not end within {}", join(command.argv, " "),
                    to_words(command.timeout));
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

}  // namespace pintle::os
