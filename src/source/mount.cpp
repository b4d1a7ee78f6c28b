#include "source/mount.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "os/file.hpp"
#include "os/spawn.hpp"
#include "os/subprocess.hpp"
#include "os/unique_fd.hpp"

namespace pintle::source {
namespace {

constexpr auto kGlance = std::chrono::milliseconds(20);

// The kernel writes spaces and the like in octal: "\040".
std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_code = text[i] == '\\' && i + 3 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '3';
        if (!is_code) {
            out += text[i];
            continue;
        }
        out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
        i += 3;
    }
    return out;
}

std::string mount_table() {
    auto table = os::read_file("/proc/self/mountinfo", 64 << 20);
    return table ? std::move(*table) : std::string();
}

// When the process began, by the kernel's clock: with the number it names a process for ever.
std::string start_of(pid_t process) {
    const auto stat = os::read_file(fmt::format("/proc/{}/stat", process), 1 << 16);
    if (!stat) return {};
    const std::size_t name_end = stat->rfind(')');
    if (name_end == std::string::npos) return {};
    const std::vector<std::string> fields = split(std::string_view(*stat).substr(name_end + 1), ' ');
    constexpr std::size_t kState = 1, kStart = 20;
    return fields.size() > kStart && fields[kState] != "Z" ? fields[kStart] : std::string();
}

// The living process of the mount, or 0.
pid_t process_of(const std::string& mount_point) {
    const auto text = os::read_file(mount_point + ".pid", 100);
    if (!text) return 0;
    const std::vector<std::string> words = split(trim(*text), ' ');
    const auto number = parse_int(words[0]);
    if (words.size() != 2 || !number || *number <= 1) return 0;
    const auto process = static_cast<pid_t>(*number);
    return start_of(process) == words[1] ? process : 0;
}

bool wait_for_end(pid_t process, Duration time) {
    const os::UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
    if (!fd) return true;
    pollfd ends{fd.get(), POLLIN, 0};
    return ::poll(&ends, 1, static_cast<int>(time.count())) > 0;
}

// It is our child only if this very server started it.
void reap(pid_t process) { ::waitpid(process, nullptr, WNOHANG); }

std::string last_line_of(const std::string& log) {
    const auto text = os::read_file(log, 1 << 20);
    if (!text) return {};
    std::string last;
    for (const std::string& line : split(*text, '\n')) {
        if (!trim(line).empty()) last = trim(line);
    }
    return to_valid_utf8(last.substr(0, 1000));
}

ErrorCode code_of(int exit_code) {
    return exit_code == 3 ? ErrorCode::kNotFound : exit_code == 4 ? ErrorCode::kDenied : ErrorCode::kUnavailable;
}

// In a session of its own, so that nothing that ends the server ends it.
Result<pid_t> spawn_detached(const MountCommand& command) {
    const std::string path = command.mount_point + ".log";
    const os::UniqueFd log(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
    if (!log) return fail(os::errno_error("open", path, errno));
    os::SpawnPlan plan;
    plan.argv = command.argv;
    plan.environment = command.environment;
    plan.output = plan.complaints = log.get();
    plan.leads = os::SpawnPlan::Leads::kSession;
    return os::spawn(plan);
}

Result<void> detach(const std::string& mount_point) {
    if (::umount2(mount_point.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0 || errno == EINVAL) return {};
    if (errno != EPERM) return fail(os::errno_error("unmount", mount_point, errno));
    os::Command command;
    command.argv = {"fusermount3", "-u", "-z", "--", mount_point};
    command.timeout = std::chrono::seconds(10);
    const os::CommandOutput output = TRY(os::run(command));
    if (output.exit_code == 0) return {};
    return fail(ErrorCode::kUnavailable, "could not unmount {}: {}", mount_point, trim(output.output));
}

}  // namespace

std::vector<std::string> mounts_in(std::string_view mountinfo, const std::string& folder) {
    std::vector<std::string> found;
    for (const std::string& line : split(mountinfo, '\n')) {
        const std::vector<std::string> fields = split(line, ' ');
        constexpr std::size_t kMountPoint = 4;
        if (fields.size() <= kMountPoint) continue;
        std::string path = unescaped(fields[kMountPoint]);
        if (path == folder || path.starts_with(folder + "/")) found.push_back(std::move(path));
    }
    std::reverse(found.begin(), found.end());
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
    return found;
}

std::vector<std::string> mounts_within(const std::string& folder) { return mounts_in(mount_table(), folder); }

bool is_mounted(const std::string& mount_point) {
    const std::vector<std::string> found = mounts_within(mount_point);
    return std::find(found.begin(), found.end(), mount_point) != found.end();
}

bool is_mount_alive(const std::string& mount_point) {
    if (!is_mounted(mount_point)) return false;
    return !os::exists(mount_point + ".pid") || process_of(mount_point) != 0;
}

Result<void> start_mount(const MountCommand& command) {
    TRY(os::make_folders(command.mount_point, 0700));
    const pid_t process = TRY(spawn_detached(command));
    const std::string pid_file = command.mount_point + ".pid";
    auto written = os::write_file_atomic(pid_file, fmt::format("{} {}\n", process, start_of(process)), 0600, false);
    const auto deadline = std::chrono::steady_clock::now() + command.patience;
    while (written && std::chrono::steady_clock::now() < deadline) {
        if (wait_for_end(process, kGlance)) {
            int status = 0;
            while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
            }
            const std::string said = last_line_of(command.mount_point + ".log");
            (void)undo_mount(command.mount_point, Duration(0));
            return fail(Error{code_of(WIFEXITED(status) ? WEXITSTATUS(status) : 1),
                              said.empty() ? fmt::format("{} ended at once", command.argv[0]) : said,
                              {},
                              {}});
        }
        if (is_mounted(command.mount_point)) return {};
    }
    const std::string said = last_line_of(command.mount_point + ".log");
    (void)undo_mount(command.mount_point, Duration(0));
    if (!written) return written;
    return fail(ErrorCode::kTimeout, "no answer within {}{}{}", to_words(command.patience), said.empty() ? "" : ": ",
                said);
}

Result<void> undo_mount(const std::string& mount_point, Duration grace) {
    const pid_t process = process_of(mount_point);
    const bool was_mounted = is_mounted(mount_point);
    Result<void> detached;
    if (was_mounted) detached = detach(mount_point);
    if (process != 0) {
        if (!was_mounted) ::kill(process, SIGTERM);
        if (!wait_for_end(process, grace)) {
            ::kill(-process, SIGKILL);
            ::kill(process, SIGKILL);
            // Whoever waits for it is let go by its end; the process itself is the kernel's to clear away.
            (void)wait_for_end(process, std::chrono::seconds(2));
        }
    }
    if (const auto text = os::read_file(mount_point + ".pid", 100)) {
        if (const auto number = parse_int(split(trim(*text), ' ')[0]); number && *number > 1)
            reap(static_cast<pid_t>(*number));
    }
    if (is_mounted(mount_point)) {
        return detached ? fail(ErrorCode::kUnavailable, "{} is still mounted", mount_point) : detached;
    }
    for (const char* ending : {".pid", ".log"}) ::unlink((mount_point + ending).c_str());
    ::rmdir(mount_point.c_str());
    return {};
}

std::string fuse_fault() {
    if (!os::exists("/dev/fuse")) return "this machine has no /dev/fuse: its kernel offers no file systems of programs";
    const os::UniqueFd device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    if (!device) return fmt::format("/dev/fuse cannot be opened: {}", std::strerror(errno));
    if (::geteuid() == 0) return {};
    for (const char* path : {"/usr/bin/fusermount3", "/bin/fusermount3", "/usr/local/bin/fusermount3"}) {
        if (::access(path, X_OK) == 0) return {};
    }
    return "fusermount3 is missing; it is in the package fuse3";
}

}  // namespace pintle::source
