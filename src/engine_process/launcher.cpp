#include "engine_process/launcher.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine_process/privileges.hpp"
#include "engine_process/supervisor.hpp"
#include "os/file.hpp"

extern char** environ;

namespace pintle::engine_process {
namespace {

constexpr std::size_t kRequestMax = 8192;

struct Reply {
    int error = 0;
    pid_t pid = 0;
};

int pidfd_open(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

/// Closes every descriptor from `first` on, except one.
void close_all_from(int first, int except) {
    const int limit = static_cast<int>(::sysconf(_SC_OPEN_MAX));
    const auto close_range = [&](int from, int to) {
        if (from > to) return;
#ifdef SYS_close_range
        if (::syscall(SYS_close_range, static_cast<unsigned>(from), static_cast<unsigned>(to), 0U) == 0) return;
#endif
        for (int fd = from; fd <= std::min(to, limit); ++fd) ::close(fd);
    };
    constexpr int kLast = 0x7fffffff;
    if (except < first) return close_range(first, kLast);
    close_range(first, except - 1);
    close_range(except + 1, kLast);
}

void connect_to_nowhere() {
    const int null = ::open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3 && null >= 0; ++fd) ::dup2(null, fd);
    if (null > 2) ::close(null);
}

/// A message with a descriptor attached, unless that is negative.
bool send_reply(int socket, const Reply& reply, int handle) {
    iovec part{const_cast<Reply*>(&reply), sizeof reply};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (handle >= 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(header), &handle, sizeof handle);
    }
    ssize_t sent = 0;
    do {
        sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == static_cast<ssize_t>(sizeof reply);
}

/// The reply and its descriptor; false when the other side has gone.
bool receive_reply(int socket, Reply& reply, os::UniqueFd& handle) {
    iovec part{&reply, sizeof reply};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    ssize_t got = 0;
    do {
        got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); got > 0 && header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        int fd = -1;
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
        handle.reset(fd);
    }
    return got == static_cast<ssize_t>(sizeof reply);
}

bool serve(int socket) {
    char request[kRequestMax];
    ssize_t got = 0;
    do {
        got = ::recv(socket, request, sizeof request, 0);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return false;
    const std::string_view text(request, static_cast<std::size_t>(got));
    const std::size_t middle = text.find('\0');
    if (middle == std::string_view::npos) return send_reply(socket, {EINVAL, 0}, -1);
    const std::string run_folder(text.substr(0, middle)), id(text.substr(middle + 1));
    const pid_t pid = ::fork();
    if (pid == 0) {
        close_all_from(3, -1);
        connect_to_nowhere();
        ::_exit(run_supervisor(run_folder, id));
    }
    if (pid < 0) return send_reply(socket, {errno, 0}, -1);
    // The pid cannot be taken by another process before we have waited for this one.
    const os::UniqueFd handle(pidfd_open(pid));
    return send_reply(socket, {0, pid}, handle.get());
}

/// Runs a program whose file is in memory. Returns only when the system does not let us; safe after a fork.
void run_image(std::string_view image, char* const* words, char* const* environment) {
    constexpr unsigned kExecutable = 0x10;  // MFD_EXEC, since Linux 6.3
    int fd = ::memfd_create("pintle-launcher", MFD_CLOEXEC | kExecutable);
    if (fd < 0) fd = ::memfd_create("pintle-launcher", MFD_CLOEXEC);
    if (fd < 0) return;
    while (!image.empty()) {
        const ssize_t written = ::write(fd, image.data(), image.size());
        if (written <= 0) return;
        image.remove_prefix(static_cast<std::size_t>(written));
    }
    ::syscall(SYS_execveat, fd, "", words, environment, AT_EMPTY_PATH);
}

void reap_supervisors(int signals) {
    signalfd_siginfo info{};
    while (::read(signals, &info, sizeof info) > 0) {
    }
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
}

}  // namespace

int run_launcher(int socket_fd) {
    hide_process();
    ::setsid();  // A Ctrl-C is meant for the server.
    ::prctl(PR_SET_NAME, "pintle-launcher");
    block_supervisor_signals();
    close_all_from(3, socket_fd);
    // Supervisors may outlive whoever reads our output.
    connect_to_nowhere();
    if (::chdir("/") != 0) return 1;
    sigset_t children;
    ::sigemptyset(&children);
    ::sigaddset(&children, SIGCHLD);
    const os::UniqueFd signals(::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
    while (true) {
        pollfd polled[] = {{socket_fd, POLLIN, 0}, {signals.get(), POLLIN, 0}};
        if (::poll(polled, 2, -1) < 0 && errno != EINTR) return 1;
        if (polled[1].revents != 0) reap_supervisors(signals.get());
        if (polled[0].revents != 0 && !serve(socket_fd)) return 0;
    }
}

Launcher::~Launcher() { end(); }

void Launcher::end() {
    socket_.reset();
    if (pid_ <= 0) return;
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
}

Result<void> Launcher::start() {
    end();
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return fail(os::errno_error("make", "a socket for the launcher", errno));
    }
    os::UniqueFd ours(ends[0]), theirs(ends[1]);
    std::vector<std::string> words = command_;
    std::string name = "pintle-launcher", number = fmt::format("{}", theirs.get());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(number.data());
    argv.push_back(nullptr);
    char* const image_argv[] = {name.data(), number.data(), nullptr};
    std::string bind_now = "LD_BIND_NOW=1";  // Symbols are looked up once, instead of in each supervisor.
    std::vector<char*> environment{bind_now.data()};
    for (char** line = environ; *line != nullptr; ++line) environment.push_back(*line);
    environment.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid < 0) return fail(os::errno_error("start", "the launcher", errno));
    if (pid == 0) {
        if (command_.empty()) ::_exit(run_launcher(theirs.get()));
        ::fcntl(theirs.get(), F_SETFD, 0);
        if (!image_.empty()) run_image(image_, image_argv, environment.data());
        ::execve(argv[0], argv.data(), environment.data());
        ::_exit(127);
    }
    socket_ = std::move(ours);
    pid_ = pid;
    return {};
}

Result<Launcher::Supervisor> Launcher::ask(const std::string& request) {
    ssize_t sent = 0;
    do {
        sent = ::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    Reply reply;
    Supervisor supervisor;
    if (sent != static_cast<ssize_t>(request.size()) || !receive_reply(socket_.get(), reply, supervisor.handle)) {
        return fail(ErrorCode::kUnavailable, "the launcher of replicas has ended");
    }
    if (reply.error != 0) {
        return fail(ErrorCode::kExhausted, "no process could be started for the replica: {}",
                    std::strerror(reply.error));
    }
    supervisor.pid = reply.pid;
    return supervisor;
}

Result<Launcher::Supervisor> Launcher::start_supervisor(const std::string& run_folder, const std::string& id) {
    const std::string request = run_folder + '\0' + id;
    if (request.size() > kRequestMax) {
        return fail(ErrorCode::kInvalid, "the name of the folder {} is too long", run_folder);
    }
    if (pid_ > 0) {
        // The same attempt never runs twice, so that asking a second launcher is safe whatever the first one did.
        auto answer = ask(request);
        if (answer || answer.error().code != ErrorCode::kUnavailable) return answer;
    }
    TRY(start());
    return ask(request);
}

}  // namespace pintle::engine_process
