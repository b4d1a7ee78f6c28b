#include "engine_process/privileges.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
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

/// The body of a child that stays outside, where the right to map all ids is, until its parent has gone inside.
int map_ids_of(pid_t process, int told) {
    const auto users = os::read_file("/proc/self/uid_map"), groups = os::read_file("/proc/self/gid_map");
    char byte = 0;
    if (!users || !groups || ::read(told, &byte, 1) != 1) return 1;
    const std::string folder = fmt::format("/proc/{}/", process);
    return write_all(folder + "uid_map", same_ids(*users)) && write_all(folder + "gid_map", same_ids(*groups)) ? 0 : 1;
}

bool wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return false;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

void hide_process() { ::prctl(PR_SET_DUMPABLE, 0); }
void show_process() { ::prctl(PR_SET_DUMPABLE, 1); }

Result<void> enter_own_user_namespace() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail(os::errno_error("make", "a pipe for the user namespace", errno));
    os::UniqueFd told(ends[0]), teller(ends[1]);
    const pid_t process = ::getpid();
    const pid_t helper = ::fork();
    if (helper < 0) return fail(os::errno_error("start", "a process for the user namespace", errno));
    if (helper == 0) {
        teller.reset();
        ::_exit(map_ids_of(process, told.get()));
    }
    const bool inside = ::unshare(CLONE_NEWUSER) == 0;
    const int error = errno;
    const bool sent = inside && ::write(teller.get(), "x", 1) == 1;
    teller.reset();
    const bool mapped = wait_for(helper);
    if (!inside) return fail(os::errno_error("make", "a user namespace", error));
    if (!sent || !mapped) return fail(ErrorCode::kUnavailable, "the users of a user namespace could not be set");
    return {};
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
