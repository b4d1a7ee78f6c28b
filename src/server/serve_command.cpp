#include "server/serve_command.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <thread>

#include "base/text.hpp"
#include "engine_process/privileges.hpp"
#include "json/json_text.hpp"
#include "os/file.hpp"
#include "server/server.hpp"
#include "server/server_config.hpp"

extern char** environ;

namespace pintle::server {
namespace {

using Steady = std::chrono::steady_clock;

struct ServeOptions {
    std::optional<std::string> data, listen, config;
    bool background = false, stop = false, help = false;
};

Result<ServeOptions> parse(const std::vector<std::string>& arguments) {
    ServeOptions options;
    const std::vector<std::string> known{"--data", "--listen", "--config", "--background", "--stop", "--help"};
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::string word = arguments[i];
        std::optional<std::string> value;
        if (const std::size_t equals = word.find('='); word.starts_with("--") && equals != std::string::npos) {
            value = word.substr(equals + 1);
            word = word.substr(0, equals);
        }
        std::optional<std::string>* target = word == "--data"     ? &options.data
                                             : word == "--listen" ? &options.listen
                                             : word == "--config" ? &options.config
                                                                  : nullptr;
        if (target != nullptr) {
            if (!value && i + 1 < arguments.size()) value = arguments[++i];
            if (!value || value->empty())
                return fail(ErrorCode::kInvalid, "{} needs a value; see pintle serve --help", word);
            *target = value;
        } else if (word == "--background") {
            options.background = true;
        } else if (word == "--stop") {
            options.stop = true;
        } else if (word == "--help" || word == "-h") {
            options.help = true;
        } else {
            const auto near = nearest(word, known);
            return fail(ErrorCode::kInvalid, "unknown option {}{}; see pintle serve --help", word,
                        near ? fmt::format(", did you mean {}?", *near) : std::string());
        }
    }
    return options;
}

Result<ServerConfig> configured(const ServeOptions& options) {
    ServerConfig config;
    config.data = default_data_folder();
    if (options.config) {
        const std::string text = TRY(os::read_file(*options.config, 1 << 20));
        if (auto read = read_config(text, config); !read) return fail(read.error().context(*options.config));
    }
    if (options.data) config.data = *options.data;
    if (options.listen) config.listen = *options.listen;
    return config;
}

int complain(const Error& error) {
    std::fprintf(stderr, "pintle serve: %s\n", describe(error).c_str());
    return exit_code(error.code);
}

struct Running {
    std::string address;
    pid_t pid = 0;
};

// What the server on the data folder says of itself; nothing when none holds the folder.
std::optional<Running> running_server(const std::string& data) {
    const os::UniqueFd lock(::open((data + "/lock").c_str(), O_RDWR | O_CLOEXEC));
    if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return std::nullopt;
    const auto text = os::read_file(data + "/server.json", 4096);
    const auto value = text ? json::parse_json(*text) : Result<json::Value>(fail(text.error()));
    if (!value || !(*value)["pid"].is_int() || !(*value)["address"].is_string()) return Running{};
    return Running{(*value)["address"].as_string(), static_cast<pid_t>((*value)["pid"].as_int())};
}

int stop_running(const std::string& data) {
    const auto running = running_server(data);
    if (!running) {
        std::printf("No server runs on %s.\n", data.c_str());
        return 0;
    }
    if (running->pid <= 1 || ::kill(running->pid, SIGTERM) != 0) {
        return complain({ErrorCode::kUnavailable,
                         fmt::format("the server on {} could not be asked to stop: {}", data, std::strerror(errno)),
                         {},
                         {}});
    }
    const auto deadline = Steady::now() + std::chrono::seconds(30);
    while (running_server(data)) {
        if (Steady::now() > deadline)
            return complain({ErrorCode::kTimeout,
                             fmt::format("the server (process {}) has not stopped within 30 s", running->pid),
                             {},
                             {}});
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    std::printf("Stopped. Jobs that were running go on and are found again at the next start.\n");
    return 0;
}

Result<pid_t> spawn_server(const ServerConfig& config, const ServeOptions& options, const std::string& log) {
    std::vector<std::string> words{"pintle", "serve", "--data", config.data, "--listen", config.listen};
    if (options.config) words.insert(words.end(), {"--config", *options.config});
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    pid_t pid = 0;
    const int spawned = ::posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (spawned != 0) return fail(os::errno_error("start", "the server", spawned));
    return pid;
}

int serve_in_background(const ServerConfig& config, const ServeOptions& options) {
    if (const auto running = running_server(config.data)) {
        std::printf("A server already runs on %s: http://%s\n", config.data.c_str(), running->address.c_str());
        return 0;
    }
    if (auto made = os::make_folders(config.data, 0700); !made) return complain(made.error());
    const std::string log = config.data + "/server.log";
    const auto begun = Steady::now();
    const auto pid = spawn_server(config, options, log);
    if (!pid) return complain(pid.error());
    while (true) {
        const auto running = running_server(config.data);
        if (running && running->pid == *pid) {
            const auto took = std::chrono::duration<double>(Steady::now() - begun).count();
            std::printf("Pintle listens on http://%s, ready in %.2f s; data in %s, log in %s\n",
                        running->address.c_str(), took, config.data.c_str(), log.c_str());
            if (const auto welcome = os::read_file(config.data + "/welcome", 4096))
                std::fputs(welcome->c_str(), stdout);
            return 0;
        }
        int status = 0;
        if (::waitpid(*pid, &status, WNOHANG) == *pid) {
            const std::string text = os::read_file(log).value_or("");
            std::fprintf(stderr, "pintle serve: the server has not started; its last words (%s):\n%s\n", log.c_str(),
                         text.substr(text.size() > 2000 ? text.size() - 2000 : 0).c_str());
            return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

int serve_in_foreground(ServerConfig config) {
    engine_process::hide_process();  // Programs of jobs may be of the same user.
    // Signals are taken by sigwait below and blocked everywhere else; threads inherit the mask.
    sigset_t ending;
    ::sigemptyset(&ending);
    ::sigaddset(&ending, SIGTERM);
    ::sigaddset(&ending, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    auto server = Server::start(std::move(config));
    if (!server) return complain(server.error());
    std::printf("Pintle listens on http://%s; data in %s\n", (*server)->address().c_str(),
                (*server)->data_folder().c_str());
    if (const auto& welcome = (*server)->welcome()) std::fputs(welcome->c_str(), stdout);
    std::fflush(stdout);
    int signal = 0;
    ::sigwait(&ending, &signal);
    (*server)->stop();
    std::fflush(nullptr);
    // A package installation may still be under way on a thread; everything decided is on disk.
    ::_exit(0);
}

}  // namespace

std::string serve_help() {
    return "Usage: pintle serve [--data DIR] [--listen ADDRESS:PORT] [--config FILE] [--background]\n"
           "       pintle serve --stop [--data DIR]\n"
           "\n"
           "Runs the server until it is interrupted. Jobs that run then go on, and are found again at the next start.\n"
           "\n"
           "  --data DIR        its data folder           (default: $PINTLE_DATA or ~/.local/share/pintle)\n"
           "  --listen ADDRESS  where it listens          (default: 127.0.0.1:7171; port 0 takes a free one)\n"
           "  --config FILE     settings, see docs/user-guide.md, \"The server's configuration\"\n"
           "  --background      start it, wait until it answers, and return\n"
           "  --stop            stop the one that runs on the data folder\n"
           "\n"
           "Example: pintle serve --data /srv/pintle --background\n";
}

int serve_command(const std::vector<std::string>& arguments) {
    const auto options = parse(arguments);
    if (!options) return complain(options.error());
    if (options->help) {
        std::fputs(serve_help().c_str(), stdout);
        return 0;
    }
    auto config = configured(*options);
    if (!config) return complain(config.error());
    if (options->stop) return stop_running(config->data);
    if (options->background) return serve_in_background(*config, *options);
    return serve_in_foreground(std::move(*config));
}

}  // namespace pintle::server
