// The first process of every container: a small program without shared libraries, so that it runs in any image.
//
//     /run/pintle/init SCRIPT
//
// It runs `bash -c SCRIPT` (or sh, where the image has no bash) with its output in the pipe /run/pintle/output, hands
// TERM to every process of the container, waits for what the shell leaves behind, and says through the pipe
// /run/pintle/report how it ended, in lines for report.hpp:
//
//     setup WORDS      the shell never ran, and why
//     status N         of the shell, as waitpid() gives it
//     oom N            how many processes the kernel ended at the memory limit
//     cpu N            processor time that all of them used, in microseconds
//
// The program of the job could write there too; it can only lie about itself.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

namespace {

constexpr int kCannotStart = 126;
constexpr int kLeftoverGraceSeconds = 2;

int report_fd = -1;

void report(const char* word, const char* text) {
    char line[512];
    const int size = snprintf(line, sizeof line, "%s %.480s\n", word, text);
    if (report_fd >= 0 && size > 0 && write(report_fd, line, static_cast<size_t>(size)) < 0) return;
}

void report(const char* word, long number) {
    char text[32];
    snprintf(text, sizeof text, "%ld", number);
    report(word, text);
}

[[noreturn]] void cannot_start(const char* what, int error_number) {
    char text[300];
    snprintf(text, sizeof text, "%s%s%s", what, error_number != 0 ? ": " : "",
             error_number != 0 ? strerror(error_number) : "");
    report("setup", text);
    _exit(kCannotStart);
}

/// The first number of the file; -1 when it is not there.
long first_number(const char* path, const char* format) {
    FILE* file = fopen(path, "re");
    if (file == nullptr) return -1;
    long number = -1;
    const bool found = fscanf(file, format, &number) == 1;
    fclose(file);
    return found ? number : -1;
}

/// What the kernel counted for our own container, as others read it while it runs; else what was waited for.
long processor_microseconds() {
    const long microseconds = first_number("/sys/fs/cgroup/cpu.stat", "usage_usec %ld");
    if (microseconds >= 0) return microseconds;
    const long nanoseconds = first_number("/sys/fs/cgroup/cpuacct/cpuacct.usage", "%ld");
    if (nanoseconds >= 0) return nanoseconds / 1000;
    rusage waited{};
    if (getrusage(RUSAGE_CHILDREN, &waited) != 0) return 0;
    const long seconds = static_cast<long>(waited.ru_utime.tv_sec + waited.ru_stime.tv_sec);
    return seconds * 1000000 + static_cast<long>(waited.ru_utime.tv_usec + waited.ru_stime.tv_usec);
}

/// Of our own container, in the place of cgroups version 2 or version 1.
long oom_kills() {
    for (const char* path : {"/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"}) {
        FILE* file = fopen(path, "re");
        if (file == nullptr) continue;
        char key[64];
        long count = 0, found = 0;
        while (fscanf(file, "%63s %ld", key, &count) == 2) {
            if (strcmp(key, "oom_kill") == 0) found = count;
        }
        fclose(file);
        return found;
    }
    return 0;
}

void connect_streams() {
    // For reading too, so that a moment without a reader neither blocks the opening nor ends the program.
    const int output = open("/run/pintle/output", O_RDWR | O_CLOEXEC);
    if (output < 0) cannot_start("the pipe for its output could not be opened", errno);
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null >= 0) dup2(null, 0);
    dup2(output, 1);
    dup2(output, 2);
}

const char* find_shell(bool& is_bash) {
    is_bash = true;
    for (const char* path : {"/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"}) {
        if (access(path, X_OK) == 0) return path;
    }
    is_bash = false;
    for (const char* path : {"/bin/sh", "/usr/bin/sh", "/bin/busybox"}) {
        if (access(path, X_OK) == 0) return path;
    }
    return nullptr;
}

/// Every process of the container but us; of a container that shares its host's processes only our own group.
void signal_all(pid_t shell, int signal) {
    if (getpid() == 1) kill(-1, signal);
    else kill(-shell, signal);
}

pid_t start_shell(char* script, const sigset_t& mask) {
    bool is_bash = false;
    const char* shell = find_shell(is_bash);
    if (shell == nullptr) cannot_start("the image has neither bash nor sh to run the command with", 0);
    if (!is_bash) {
        const char words[] = "[pintle: the image has no bash; sh runs the command]\n";
        if (write(1, words, sizeof words - 1) < 0) return -1;
    }
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) cannot_start("a pipe could not be made", errno);
    const pid_t pid = fork();
    if (pid < 0) cannot_start("no process could be made", errno);
    if (pid == 0) {
        setsid();
        sigprocmask(SIG_SETMASK, &mask, nullptr);
        char name[] = "bash", option[] = "-c";
        char plain[] = "sh";
        char* words[] = {is_bash ? name : plain, option, script, nullptr};
        execv(shell, words);
        const int reason = errno;
        if (write(ends[1], &reason, sizeof reason) < 0) _exit(kCannotStart);
        _exit(kCannotStart);
    }
    close(ends[1]);
    int reason = 0;
    if (read(ends[0], &reason, sizeof reason) == static_cast<ssize_t>(sizeof reason)) {
        char text[160];
        snprintf(text, sizeof text, "%s of the image could not be run", shell);
        cannot_start(text, reason);
    }
    close(ends[0]);
    return pid;
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    report_fd = open("/run/pintle/report", O_RDWR | O_CLOEXEC);
    connect_streams();
    prctl(PR_SET_CHILD_SUBREAPER, 1);

    // The kernel keeps signals from the first process of a container unless it blocks them or has a handler.
    sigset_t heard, before;
    sigemptyset(&heard);
    for (const int each : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT}) sigaddset(&heard, each);
    sigprocmask(SIG_BLOCK, &heard, &before);
    sigset_t for_shell = before;
    for (const int each : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT}) sigdelset(&for_shell, each);
    const pid_t shell = start_shell(words[1], for_shell);

    int status = 0;
    bool shell_ended = false, killing = false;
    int rounds_left = kLeftoverGraceSeconds * 10;
    while (true) {
        int each = 0;
        pid_t pid = 0;
        while ((pid = waitpid(-1, &each, WNOHANG)) > 0) {
            if (pid != shell) continue;
            shell_ended = true;
            status = each;
            // What it leaves behind is asked to end, and after a moment made to.
            signal_all(shell, SIGTERM);
            signal_all(shell, SIGCONT);
        }
        if (pid < 0 && errno == ECHILD) break;
        siginfo_t info{};
        const timespec moment{0, 100'000'000};
        const int signal_number = shell_ended ? sigtimedwait(&heard, &info, &moment) : sigwaitinfo(&heard, &info);
        if (signal_number == SIGTERM || signal_number == SIGINT || signal_number == SIGHUP ||
            signal_number == SIGQUIT) {
            signal_all(shell, signal_number);
            signal_all(shell, SIGCONT);
        }
        if (shell_ended && signal_number < 0 && --rounds_left <= 0) killing = true;
        if (killing) signal_all(shell, SIGKILL);
    }
    report("oom", oom_kills());
    report("cpu", processor_microseconds());
    report("status", static_cast<long>(status));
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
