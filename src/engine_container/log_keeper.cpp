#include "engine_container/log_keeper.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <thread>

#include "base/text.hpp"
#include "os/file.hpp"
#include "os/subprocess.hpp"
#include "os/unique_fd.hpp"
#include "series/log_writer.hpp"

namespace pintle::engine_container {
namespace {

constexpr std::size_t kReadBytes = 64 << 10;
constexpr std::size_t kReportMax = 4096;
constexpr int kFlushEveryMs = 1000;  ///< For what a full disk made the log owe.

Time now() { return SystemClock().now(); }

Result<os::UniqueFd> open_pipe(const std::string& path) {
    os::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!fd) return fail(os::errno_error("open the pipe", path, errno));
    return fd;
}

/// Open, and locked unless another process has it.
Result<os::UniqueFd> lock(const std::string& attempt_folder, bool& is_ours) {
    const std::string path = attempt_folder + "/keeper";
    os::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) return fail(os::errno_error("open", path, errno));
    is_ours = ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
    return fd;
}

void connect_to_nowhere() {
    const int null = ::open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3 && null >= 0; ++fd) ::dup2(null, fd);
    if (null > 2) ::close(null);
}

/// What the server has open, such as the socket it listens on, must not stay open for as long as the container.
void close_inherited() {
    constexpr int kFirst = 3;
#ifdef SYS_close_range
    if (::syscall(SYS_close_range, static_cast<unsigned>(kFirst), ~0U, 0U) == 0) return;
#endif
    const int limit = static_cast<int>(::sysconf(_SC_OPEN_MAX));
    for (int fd = kFirst; fd < limit; ++fd) ::close(fd);
}

class Keeper {
public:
    static Result<Keeper> open(const KeptLog& kept, os::UniqueFd lock) {
        series::LogWriterOptions options;
        options.segment_bytes = kept.segment_bytes;
        options.total_limit_bytes = kept.total_bytes;
        auto log = TRY(series::LogWriter::open(kept.log_folder, options));
        auto output = TRY(open_pipe(kept.attempt_folder + "/box/output"));
        auto report = TRY(open_pipe(kept.attempt_folder + "/box/report"));
        return Keeper(kept, std::move(lock), std::move(log), std::move(output), std::move(report));
    }

    void run() {
        bool open = true;
        while (open) {
            pollfd polled{output_.get(), POLLIN, 0};
            const int ready = ::poll(&polled, 1, log_.dropped_bytes() > 0 ? kFlushEveryMs : -1);
            if (ready < 0 && errno != EINTR) break;
            if (ready == 0) log_.flush(now());
            if (ready > 0) open = read_output();
        }
        save_report();
        log_.close();
        lock_.reset();
        ring();
    }

private:
    Keeper(const KeptLog& kept, os::UniqueFd lock, series::LogWriter log, os::UniqueFd output, os::UniqueFd report)
        : kept_(kept),
          lock_(std::move(lock)),
          log_(std::move(log)),
          output_(std::move(output)),
          report_(std::move(report)),
          buffer_(std::make_unique_for_overwrite<char[]>(kReadBytes)) {}

    /// False at the end.
    bool read_output() {
        const ssize_t got = ::read(output_.get(), buffer_.get(), kReadBytes);
        if (got > 0) log_.append({buffer_.get(), static_cast<std::size_t>(got)}, now());
        return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
    }

    void save_report() {
        char text[kReportMax];
        const ssize_t got = ::read(report_.get(), text, sizeof text);
        if (got <= 0) return;
        // On a full disk the container's exit code must do.
        (void)os::write_file_atomic(kept_.attempt_folder + "/report", {text, static_cast<std::size_t>(got)}, 0600,
                                    false);
    }

    /// Nobody listens while there is no server; the next one looks for itself.
    void ring() const {
        const os::UniqueFd bell(::open(kept_.bell.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
        const std::string line = kept_.attempt + "\n";
        if (bell && ::write(bell.get(), line.data(), line.size()) < 0) return;
    }

    const KeptLog& kept_;
    os::UniqueFd lock_;
    series::LogWriter log_;
    os::UniqueFd output_, report_;
    std::unique_ptr<char[]> buffer_;
};

int complain(const std::string& message) {
    std::fprintf(stderr, "%s\n", message.c_str());
    return 1;
}

}  // namespace

Result<void> start_log_keeper(const std::vector<std::string>& command, const KeptLog& log) {
    os::Command run;
    run.argv = command;
    run.argv.insert(run.argv.end(), {log.attempt, log.attempt_folder, log.bell, log.log_folder,
                                     fmt::format("{}", log.segment_bytes), fmt::format("{}", log.total_bytes)});
    run.timeout = std::chrono::seconds(60);
    const os::CommandOutput done = TRY(os::run(run));
    if (done.exit_code == 0) return {};
    const std::string words(trim(to_valid_utf8(done.output)));
    return fail(ErrorCode::kInternal, "the keeper of its log could not be started: {}",
                words.empty() ? fmt::format("exit code {}", done.exit_code) : words);
}

int run_log_keeper(const std::vector<std::string>& arguments) {
    if (arguments.size() != 6) return 2;
    close_inherited();
    KeptLog kept{arguments[0], arguments[1], arguments[2], arguments[3], 0, 0};
    kept.segment_bytes = static_cast<std::uint64_t>(parse_int(arguments[4]).value_or(0));
    kept.total_bytes = static_cast<std::uint64_t>(parse_int(arguments[5]).value_or(0));
    bool is_ours = false;
    auto held = lock(kept.attempt_folder, is_ours);
    if (!held) return complain(held.error().message);
    if (!is_ours) return 0;
    auto keeper = Keeper::open(kept, std::move(*held));
    if (!keeper) return complain(keeper.error().message);
    // From here on somebody reads; who started us need not wait for the rest.
    const pid_t pid = ::fork();
    if (pid < 0) return complain("no process could be made");
    if (pid > 0) ::_exit(0);
    ::setsid();
    ::prctl(PR_SET_NAME, "pintle-log");
    connect_to_nowhere();
    for (const int each : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) ::signal(each, SIG_IGN);
    if (::chdir("/") != 0) return 1;
    keeper->run();
    return 0;
}

void wake_log_keeper(const std::string& attempt_folder) {
    const std::string path = attempt_folder + "/box/output";
    const os::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
}

bool wait_for_log(const std::string& attempt_folder, Duration patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (true) {
        bool is_free = false;
        const auto held = lock(attempt_folder, is_free);
        if (!held || is_free) return true;
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

}  // namespace pintle::engine_container
