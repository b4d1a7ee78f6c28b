#include <fcntl.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>

#include "base/text.hpp"
#include "cli/deps.hpp"

extern char** environ;

namespace pintle::cli {
namespace {

int write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t put = ::write(fd, text.data(), text.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return errno;
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    return 0;
}

/// Reads standard input without taking more than was asked for, up to a limit per line.
std::optional<std::string> read_stdin_line() {
    constexpr std::size_t kLimit = 16u << 20;
    std::string line;
    char c = 0;
    while (line.size() < kLimit) {
        const ssize_t got = ::read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return line.empty() ? std::nullopt : std::optional(line);
        if (c == '\n') return line;
        line += c;
    }
    return line;
}

/// What is typed is not shown. Ctrl-C makes no signal meanwhile, since one would leave the terminal silent: it drops
/// the line instead.
std::optional<std::string> read_stdin_secret() {
    termios before{};
    const bool known = ::tcgetattr(STDIN_FILENO, &before) == 0;
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    if (known) (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    auto line = read_stdin_line();
    if (known) (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    constexpr char kCtrlC = 3;
    if (line && line->find(kCtrlC) != std::string::npos) return std::nullopt;
    return line;
}

std::string own_host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != 0 ? name.data() : "here";
}

int terminal_width() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    const char* columns = std::getenv("COLUMNS");
    const auto number = columns == nullptr ? std::nullopt : parse_int(columns);
    return number && *number > 0 && *number < 10'000 ? static_cast<int>(*number) : 80;
}

int terminal_height() {
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

Result<int> run_in_foreground(const std::vector<std::string>& argv) {
    std::vector<char*> words;
    for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    pid_t pid = 0;
    const int error = ::posix_spawnp(&pid, words[0], nullptr, nullptr, words.data(), environ);
    if (error != 0) return fail(ErrorCode::kNotFound, "could not start {}: {}", argv[0], std::strerror(error));
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return fail(ErrorCode::kInternal, "could not wait for {}: {}", argv[0], std::strerror(errno));
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

CliDeps system_deps() {
    CliDeps deps;
    deps.out = [](std::string_view text) { return write_all(STDOUT_FILENO, text); };
    deps.err = [](std::string_view text) { return write_all(STDERR_FILENO, text); };
    deps.read_line = read_stdin_line;
    deps.read_secret = read_stdin_secret;
    deps.host_name = own_host_name();
    deps.in_is_terminal = ::isatty(STDIN_FILENO) == 1;
    deps.out_is_terminal = ::isatty(STDOUT_FILENO) == 1;
    deps.err_is_terminal = ::isatty(STDERR_FILENO) == 1;
    deps.width = terminal_width();
    deps.height = terminal_height();
    deps.env = [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
    deps.now = [] { return SystemClock().now(); };
    deps.sleep = [](Duration time) { std::this_thread::sleep_for(time); };
    deps.run_program = run_in_foreground;
    deps.handle_signals = true;
    return deps;
}

}  // namespace pintle::cli
