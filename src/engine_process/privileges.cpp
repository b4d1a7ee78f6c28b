#include "engine_process/privileges.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <sstream>
#include <string>

#include "os/file.hpp"

namespace pintle::engine_process {
namespace {

// Not among them, beside all that speaks to devices and the kernel: CAP_SYS_ADMIN, which undoes mounts; CAP_SYS_PTRACE
// and CAP_DAC_READ_SEARCH, which look past them; CAP_MKNOD, which reads the disk; CAP_NET_RAW, which hears what others
// send to the server.
constexpr std::array kKept{CAP_CHOWN,      CAP_DAC_OVERRIDE, CAP_FOWNER,  CAP_FSETID,
                           CAP_KILL,       CAP_SETGID,       CAP_SETUID,  CAP_SETPCAP,
                           CAP_SYS_CHROOT, CAP_AUDIT_WRITE,  CAP_NET_BIND_SERVICE};
constexpr int kCapabilitiesMax = 64;

// What is said between a process in a new user namespace and the one that gives it its users.
constexpr char kAsked = 'a', kGiven = 'g', kRefused = 'r';

constexpr std::uint64_t kept_mask() {
    std::uint64_t mask = 0;
    for (const int capability : kKept) mask |= std::uint64_t{1} << capability;
    return mask;
}

/// The ids that there are, each as itself: the lines of /proc/self/uid_map with their first number twice.
std::string same_ids(const std::string& own_map) {
    std::istringstream lines(own_map);
    std::string text;
    std::uint64_t inside = 0, outside = 0, count = 0;
    while (lines >> inside >> outside >> count) text += fmt::format("{0} {0} {1}\n", inside, count);
    return text;
}

bool write_all(const std::string& path, const std::string& text) {
    const os::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

bool map_ids_of(pid_t process) {
    const auto users = os::read_file("/proc/self/uid_map"), groups = os::read_file("/proc/self/gid_map");
    if (!users || !groups) return false;
    const std::string folder = fmt::format("/proc/{}/", process);
    return write_all(folder + "uid_map", same_ids(*users)) && write_all(folder + "gid_map", same_ids(*groups));
}

bool send_byte(int socket, char byte) { return ::send(socket, &byte, 1, MSG_NOSIGNAL) == 1; }

/// Nothing when the other end has gone.
std::optional<char> receive_byte(int socket) {
    char byte = 0;
    ssize_t got = 0;
    do {
        got = ::recv(socket, &byte, 1, 0);
    } while (got < 0 && errno == EINTR);
    return got == 1 ? std::optional(byte) : std::nullopt;
}

}  // namespace

void hide_process() { ::prctl(PR_SET_DUMPABLE, 0); }
void show_process() { ::prctl(PR_SET_DUMPABLE, 1); }

Result<void> enter_own_user_namespace(int outside) {
    if (::unshare(CLONE_NEWUSER) != 0) return fail(os::errno_error("make", "a user namespace", errno));
    if (!send_byte(outside, kAsked) || receive_byte(outside) != kGiven) {
        return fail(ErrorCode::kUnavailable, "the users of a user namespace could not be set");
    }
    return {};
}

void admit_users(pid_t process, int inside) {
    if (receive_byte(inside) != kAsked) return;
    // Should it have ended meanwhile, nobody waits for the answer.
    (void)send_byte(inside, map_ids_of(process) ? kGiven : kRefused);
}

Result<void> drop_privileges() {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return fail(os::errno_error("give up", "the gaining of rights", errno));
    }
    if (::geteuid() != 0) return {};  // Without rights beyond its user's, once a program is executed.
    const std::uint64_t kept = kept_mask();
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (int capability = 0; capability < kCapabilitiesMax; ++capability) {
        if ((kept >> capability & 1) != 0 || ::prctl(PR_CAPBSET_READ, capability) != 1) continue;
        if (::prctl(PR_CAPBSET_DROP, capability) == 0) continue;
        return fail(os::errno_error("give up", "a right of root", errno));
    }
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct rights[2]{};
    if (::syscall(SYS_capget, &header, rights) != 0) return fail(os::errno_error("read", "the rights of root", errno));
    for (int half = 0; half < 2; ++half) {
        const auto mask = static_cast<std::uint32_t>(kept >> (32 * half));
        rights[half].permitted &= mask;
        rights[half].effective &= mask;
        rights[half].inheritable = 0;
    }
    if (::syscall(SYS_capset, &header, rights) != 0) return fail(os::errno_error("give up", "rights of root", errno));
    return {};
}

}  // namespace pintle::engine_process
