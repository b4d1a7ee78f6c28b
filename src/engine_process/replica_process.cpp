#include "engine_process/replica_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine_process/mount_namespace.hpp"
#include "engine_process/privileges.hpp"
#include "os/file.hpp"

namespace pintle::engine_process {
namespace {

constexpr int kPipeBytes = 256 << 10;
constexpr const char* kShell = "/bin/bash";

void reset_signals() {
    for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// A replica without its supervisor would run unseen, and until it is a shell nothing marks it as a replica.
void follow_into_death(pid_t supervisor) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != supervisor) ::_exit(125);
}

/// When the whole machine runs out of memory, replicas go before the server and its supervisors.
void offer_to_oom_killer() {
    const os::UniqueFd fd(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
    if (fd && ::write(fd.get(), "500", 3) != 3) return;  // A preference only.
}

Result<void> set_limits(const LaunchPlan& plan) {
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    if (plan.data_limit_bytes <= 0) return {};
    const auto bytes = static_cast<rlim_t>(plan.data_limit_bytes);
    const rlimit limit{bytes, bytes};
    if (::setrlimit(RLIMIT_DATA, &limit) != 0) {
        return fail(os::errno_error("limit", "the memory of the replica", errno));
    }
    return {};
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> out;
    for (std::string& word : words) out.push_back(word.data());
    out.push_back(nullptr);
    return out;
}

/// Returns only with the reason why the shell does not run.
Error become_replica(const LaunchPlan& plan, const std::string& root_folder, int output, int users, pid_t supervisor) {
    ::setsid();
    show_process();  // Or an ordinary user's /proc/self would be root's.
    follow_into_death(supervisor);
    reset_signals();
    offer_to_oom_killer();
    if (!join_cgroups(plan.cgroups)) return os::errno_error("join", "the cgroup that limits the replica", errno);
    hide_process();
    if (auto entered = enter_namespaces(plan, root_folder); !entered) return entered.error();
    if (::chdir(plan.folder.c_str()) != 0) return os::errno_error("enter", plan.folder, errno);

    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0 || ::dup2(null, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) {
        return os::errno_error("connect", "the replica's output", errno);
    }
#ifdef SYS_close_range
    constexpr unsigned kCloseOnExec = 4;
    ::syscall(SYS_close_range, 3U, ~0U, kCloseOnExec);
#endif
    if (plan.own_users) {
        if (auto entered = enter_own_user_namespace(users); !entered) return entered.error();
    }
    if (auto dropped = drop_privileges(); !dropped) return dropped.error();
    follow_into_death(supervisor);  // Again, because entering a user namespace undoes it.
    std::vector<std::string> argv{"bash", "-c", plan.script}, environment;
    for (const auto& [name, value] : plan.environment) environment.push_back(name + "=" + value);
    const std::vector<char*> argv_pointers = pointers(argv), environment_pointers = pointers(environment);
    // Last, since the limit counts what this copy of the supervisor holds too: a sanitizer's shadow is above any limit.
    if (auto limited = set_limits(plan); !limited) return limited.error();
    ::execve(kShell, argv_pointers.data(), environment_pointers.data());
    if (errno == E2BIG) {
        return Error{ErrorCode::kExhausted,
                     "the command and its environment are larger than the system lets a program be given",
                     {},
                     {}};
    }
    return os::errno_error("run", kShell, errno);
}

}  // namespace

Result<ReplicaProcess> spawn_replica(const LaunchPlan& plan, const std::string& root_folder) {
    int output[2], setup[2];
    if (::pipe2(output, O_CLOEXEC) != 0) return fail(os::errno_error("make", "a pipe for the output", errno));
    os::UniqueFd output_read(output[0]), output_write(output[1]);
    if (::pipe2(setup, O_CLOEXEC) != 0) return fail(os::errno_error("make", "a pipe for the start", errno));
    os::UniqueFd setup_read(setup[0]), setup_write(setup[1]);
    os::UniqueFd users_outside, users_inside;
    if (plan.own_users) {
        int users[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, users) != 0) {
            return fail(os::errno_error("make", "a socket for the user namespace", errno));
        }
        users_outside.reset(users[0]);
        users_inside.reset(users[1]);
    }
    ::fcntl(output_read.get(), F_SETPIPE_SZ, kPipeBytes);  // A wish; an ordinary user has a quota.
    // Only our own ends: a program may not expect its output to refuse bytes.
    ::fcntl(output_read.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(setup_read.get(), F_SETFL, O_NONBLOCK);

    const pid_t supervisor = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return fail(os::errno_error("start", "a process for the replica", errno));
    if (pid == 0) {
        users_outside.reset();
        const Error error = become_replica(plan, root_folder, output_write.get(), users_inside.get(), supervisor);
        const ssize_t told =
            ::write(setup_write.get(), error.message.data(), std::min<std::size_t>(error.message.size(), 4096));
        ::_exit(told < 0 ? 125 : 126);
    }
    return ReplicaProcess{pid, std::move(output_read), std::move(setup_read), std::move(users_outside)};
}

}  // namespace pintle::engine_process
