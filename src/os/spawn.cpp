#include "os/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "os/file.hpp"

namespace pintle::os {
namespace {

constexpr int kKeptAs = 3;

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> out;
    for (std::string& word : words) out.push_back(word.data());
    out.push_back(nullptr);
    return out;
}

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

/// What the new process does before it becomes the program.
class Actions {
public:
    explicit Actions(const SpawnPlan& plan) {
        ::posix_spawn_file_actions_init(&actions_);
        if (plan.input < 0) ::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
        put(plan.input, 0);
        put(plan.output, 1);
        put(plan.complaints, 2);
        put(plan.kept_open, kKeptAs);
        if (!plan.folder.empty()) ::posix_spawn_file_actions_addchdir_np(&actions_, plan.folder.c_str());
    }
    Actions(const Actions&) = delete;
    Actions& operator=(const Actions&) = delete;
    ~Actions() { ::posix_spawn_file_actions_destroy(&actions_); }
    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    void put(int descriptor, int as) {
        if (descriptor >= 0) ::posix_spawn_file_actions_adddup2(&actions_, descriptor, as);
    }
    posix_spawn_file_actions_t actions_;
};

class Attributes {
public:
    explicit Attributes(SpawnPlan::Leads leads) {
        ::posix_spawnattr_init(&attributes_);
        sigset_t none, usual;
        ::sigemptyset(&none);
        ::sigemptyset(&usual);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) ::sigaddset(&usual, signal);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &usual);
        const bool is_session = leads == SpawnPlan::Leads::kSession;
        ::posix_spawnattr_setflags(&attributes_, static_cast<short>((is_session ? POSIX_SPAWN_SETSID
                                                                                : POSIX_SPAWN_SETPGROUP) |
                                                                    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
    ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
    [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

private:
    posix_spawnattr_t attributes_;
};

}  // namespace

Result<pid_t> spawn(const SpawnPlan& plan) {
    const Actions actions(plan);
    const Attributes attributes(plan.leads);
    std::vector<std::string> argv = plan.argv, environment = environment_lines(plan.environment);
    pid_t process = 0;
    const int spawned = ::posix_spawnp(&process, argv.at(0).c_str(), actions.get(), attributes.get(),
                                       pointers(argv).data(), pointers(environment).data());
    if (spawned != 0) return fail(errno_error("start", argv[0], spawned));
    return process;
}

Result<UniqueFd> input_of(std::string_view text) {
    UniqueFd fd(::memfd_create("input", MFD_CLOEXEC));
    if (!fd || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::lseek(fd.get(), 0, SEEK_SET) != 0)
        return fail(errno_error("write", "the input of a program", errno));
    return fd;
}

}  // namespace pintle::os
