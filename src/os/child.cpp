#include "os/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "os/file.hpp"
#include "os/spawn.hpp"

namespace pintle::os {
namespace {

constexpr off_t kComplaintsMost = 64 << 10;
constexpr int kPipeBytes = 1 << 20;

int milliseconds_until(Child::Deadline deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
}

}  // namespace

Result<Child> Child::start(const Options& options) {
    Child child;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail(errno_error("make a pipe for", options.argv.at(0), errno));
    child.output_.reset(ends[0]);
    child.writer_.reset(ends[1]);
    // Fewer turns for large files; where the system allows no more, less does as well.
    (void)::fcntl(child.output_.get(), F_SETPIPE_SZ, kPipeBytes);
    // The end that the program writes to stays blocking.
    ::fcntl(child.output_.get(), F_SETFL, O_NONBLOCK);
    child.complaints_.reset(::memfd_create("complaints", MFD_CLOEXEC));
    if (!child.complaints_) return fail(errno_error("make a file for", options.argv[0], errno));

    SpawnPlan plan;
    plan.argv = options.argv;
    plan.environment = options.environment;
    plan.input = options.input;
    plan.output = child.writer_.get();
    plan.complaints = child.complaints_.get();
    const pid_t process = TRY(spawn(plan));
    child.process_ = process;
    child.process_fd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
    if (!child.process_fd_) return fail(errno_error("watch", options.argv[0], errno));
    return child;
}

Child::Child(Child&& other) noexcept
    : process_(std::exchange(other.process_, 0)),
      exit_code_(other.exit_code_),
      process_fd_(std::move(other.process_fd_)),
      output_(std::move(other.output_)),
      writer_(std::move(other.writer_)),
      complaints_(std::move(other.complaints_)) {}

Child::~Child() {
    if (process_ == 0) return;
    kill();
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

bool Child::wait_for_output(Deadline deadline) {
    while (true) {
        pollfd both[2] = {{output_.get(), POLLIN, 0}, {process_fd_.get(), POLLIN, 0}};
        const int ready = ::poll(both, 2, milliseconds_until(deadline));
        if (ready > 0) return true;
        if (ready == 0 && std::chrono::steady_clock::now() >= deadline) return false;
    }
}

bool Child::read(const std::function<bool(std::string_view)>& take, Deadline deadline) {
    writer_.reset();
    char buffer[65536];
    while (std::chrono::steady_clock::now() < deadline) {
        const ssize_t got = ::read(output_.get(), buffer, sizeof buffer);
        if (got == 0) return true;
        if (got > 0) {
            if (!take({buffer, static_cast<std::size_t>(got)})) return true;
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return true;
        pollfd ready{output_.get(), POLLIN, 0};
        ::poll(&ready, 1, milliseconds_until(deadline));
    }
    return false;
}

std::optional<int> Child::exit_code() {
    if (process_ == 0) return exit_code_;
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) != process_) return std::nullopt;
    process_ = 0;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return exit_code_;
}

std::optional<int> Child::wait(Deadline deadline) {
    while (true) {
        if (const auto code = exit_code()) return code;
        if (std::chrono::steady_clock::now() >= deadline) return std::nullopt;
        pollfd ends{process_fd_.get(), POLLIN, 0};
        ::poll(&ends, 1, milliseconds_until(deadline));
    }
}

void Child::kill() {
    if (process_ != 0) ::kill(-process_, SIGKILL);
}

std::string Child::complaints() const {
    struct stat info {};
    if (::fstat(complaints_.get(), &info) != 0) return {};
    const off_t size = std::min<off_t>(info.st_size, kComplaintsMost);
    std::string text(static_cast<std::size_t>(size), '\0');
    const ssize_t got = ::pread(complaints_.get(), text.data(), text.size(), info.st_size - size);
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
}

}  // namespace pintle::os
