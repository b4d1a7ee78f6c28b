#include "os/subprocess.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "os/file.hpp"
#include "os/spawn.hpp"
#include "os/unique_fd.hpp"

namespace pintle::os {
namespace {

constexpr std::int64_t kGiveUpLookMs = 100;

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

Result<CommandOutput> run(const Command& command) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail(errno_error("make a pipe for", command.argv.at(0), errno));
    UniqueFd read_end(ends[0]), write_end(ends[1]);

    SpawnPlan plan;
    plan.argv = command.argv;
    plan.environment = command.environment;
    plan.folder = command.folder;
    plan.input = command.input;
    plan.output = plan.complaints = write_end.get();
    plan.kept_open = command.kept_open;
    const pid_t pid = TRY(spawn(plan));
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
