#include "engine_process/mount_namespace.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "engine_process/cover.hpp"
#include "engine_process/privileges.hpp"
#include "os/file.hpp"

namespace pintle::engine_process {
namespace {

constexpr std::size_t kStandInEntriesMax = 1000;
constexpr const char* kStandInOptions = "mode=0755,size=64m,nr_inodes=16k";
constexpr std::size_t kHostNameMax = 64;

Result<void> write_once(const char* path, const std::string& text) {
    const os::UniqueFd fd(::open(path, O_WRONLY | O_CLOEXEC));
    if (!fd || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        return fail(os::errno_error("write", path, errno));
    }
    return {};
}

Result<void> unshare_namespaces(NamespaceMode mode) {
    const int user = mode == NamespaceMode::kUser ? CLONE_NEWUSER : 0;
    const auto uid = ::geteuid();
    const auto gid = ::getegid();
    if (::unshare(user | CLONE_NEWNS | CLONE_NEWUTS) != 0) {
        return fail(os::errno_error("make", "a private view of the file system", errno));
    }
    if (user != 0) {
        show_process();  // Or these files would be root's.
        TRY(write_once("/proc/self/setgroups", "deny"));
        TRY(write_once("/proc/self/uid_map", fmt::format("{0} {0} 1", uid)));
        TRY(write_once("/proc/self/gid_map", fmt::format("{0} {0} 1", gid)));
        hide_process();
    }
    // What the host mounts later still appears here; nothing mounted here appears there.
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) {
        return fail(os::errno_error("separate", "the mounts", errno));
    }
    return {};
}

Result<void> bind_mount(const std::string& from, const std::string& to) {
    if (::mount(from.c_str(), to.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) {
        return fail(ErrorCode::kUnavailable, "could not mount {} at {}: {}", from, to, std::strerror(errno));
    }
    return {};
}

Result<void> show_entry(const std::string& from, const std::string& to) {
    struct stat info {};
    if (::lstat(from.c_str(), &info) != 0) return {};  // It has vanished meanwhile.
    if (S_ISLNK(info.st_mode)) {
        char target[4096];
        const ssize_t size = ::readlink(from.c_str(), target, sizeof target - 1);
        if (size < 0 || ::symlink(std::string(target, static_cast<std::size_t>(size)).c_str(), to.c_str()) != 0) {
            return fail(os::errno_error("copy the link", from, errno));
        }
        return {};
    }
    if (S_ISDIR(info.st_mode)) {
        if (::mkdir(to.c_str(), 0755) != 0) return fail(os::errno_error("create", to, errno));
    } else {
        const os::UniqueFd fd(::open(to.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        if (!fd) return fail(os::errno_error("create", to, errno));
    }
    return bind_mount(from, to);
}

/// Fills `at`, an empty folder of the host, with a stand-in for `folder`.
Result<void> build_stand_in(const std::string& folder, const std::string& at,
                            const std::vector<std::string>& new_folders) {
    const auto names = TRY(os::list_folder(folder));
    if (names.size() > kStandInEntriesMax) {
        return fail(ErrorCode::kExhausted,
                    "{} has too many entries for a mount point to be added; create {} on this machine", folder,
                    new_folders.front());
    }
    if (::mount("pintle", at.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, kStandInOptions) != 0) {
        return fail(os::errno_error("mount a folder in memory at", at, errno));
    }
    const std::string prefix = folder == "/" ? "" : folder;
    for (const std::string& name : names) TRY(show_entry(prefix + "/" + name, at + "/" + name));
    for (const std::string& new_folder : new_folders) {
        const bool inside =
            new_folder.size() > prefix.size() && new_folder.compare(0, prefix.size() + 1, prefix + "/") == 0;
        if (!inside) continue;
        const std::string path = at + new_folder.substr(prefix.size());
        if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return fail(os::errno_error("create", path, errno));
    }
    return {};
}

Result<void> switch_root(const std::string& new_root) {
    if (::chdir(new_root.c_str()) != 0) return fail(os::errno_error("enter", new_root, errno));
    if (::syscall(SYS_pivot_root, ".", ".") == 0) {
        // The old root now lies over the new one.
        if (::umount2(".", MNT_DETACH) != 0) return fail(os::errno_error("detach", "the old root", errno));
    } else if (::mount(".", "/", nullptr, MS_MOVE, nullptr) != 0 || ::chroot(".") != 0) {  // From an initial RAM disk.
        return fail(os::errno_error("make a new root of", new_root, errno));
    }
    if (::chdir("/") != 0) return fail(os::errno_error("enter", "/", errno));
    return {};
}

/// Folders inside "/" get their stand-in first, so that a new root shows it.
Result<void> make_stand_ins(const MountPlan& plan, const std::string& root_folder) {
    for (auto folder = plan.stand_ins.rbegin(); folder != plan.stand_ins.rend(); ++folder) {
        if (*folder == "/") {
            TRY(build_stand_in("/", root_folder, plan.new_folders));
            TRY(switch_root(root_folder));
            continue;
        }
        TRY(build_stand_in(*folder, root_folder, plan.new_folders));
        // What a program wrote here would be lost without a word, so that it had better be refused.
        if (::mount(nullptr, root_folder.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV,
                    nullptr) != 0) {
            return fail(os::errno_error("make read-only", *folder, errno));
        }
        if (::mount(root_folder.c_str(), folder->c_str(), nullptr, MS_MOVE, nullptr) != 0) {
            return fail(os::errno_error("mount over", *folder, errno));
        }
    }
    return {};
}

/// The folders behind mounts are opened before anything is covered: a mount may hide another's origin.
Result<std::vector<os::UniqueFd>> open_origins(const MountPlan& plan) {
    std::vector<os::UniqueFd> origins;
    for (const engine::Mount& mount : plan.mounts) {
        origins.emplace_back(::open(mount.host_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (!origins.back()) return fail(os::errno_error("open", mount.host_path, errno));
    }
    return origins;
}

// What root may write here changes the machine, or has the kernel run a program outside: core_pattern and its like.
Result<void> protect_kernel() {
    for (const char* path : {"/proc/sys", "/proc/sysrq-trigger", "/sys"}) {
        if (look_at_path(path) == PathKind::kAbsent) continue;
        TRY(bind_mount(path, path));
        TRY(make_read_only(path));
    }
    return {};
}

Result<void> make_mounts(const LaunchPlan& launch, const std::string& root_folder) {
    MountPlan plan;
    if (!launch.mounts.empty()) plan = TRY(plan_mounts(launch.mounts, look_at_path));
    TRY(make_stand_ins(plan, root_folder));
    const std::vector<os::UniqueFd> origins = TRY(open_origins(plan));
    Cover cover;
    TRY(cover.open_kept(launch.kept));
    TRY(cover.put(launch.hidden));
    for (const engine::Mount& mount : plan.mounts) TRY(cover.prepare_place(mount.mount_path));
    TRY(cover.finish());
    for (std::size_t i = 0; i < plan.mounts.size(); ++i) {
        const engine::Mount& mount = plan.mounts[i];
        if (::mount(fmt::format("/proc/self/fd/{}", origins[i].get()).c_str(), mount.mount_path.c_str(), nullptr,
                    MS_BIND | MS_REC, nullptr) != 0) {
            return fail(ErrorCode::kUnavailable, "could not mount {} at {}: {}", mount.host_path, mount.mount_path,
                        std::strerror(errno));
        }
        if (mount.read_only) TRY(make_read_only(mount.mount_path));
    }
    return {};
}

/// 1 also when there is no such child.
int exit_code_of(pid_t child) {
    int status = 0;
    while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/// The exit code of a child that tries.
template <class Try>
int try_in_child(Try attempt) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(attempt());
    return exit_code_of(child);
}

/// In a child, with another one that goes inside.
int try_own_users() {
    int users[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, users) != 0) return 1;
    os::UniqueFd outside(users[0]), inside(users[1]);
    const pid_t child = ::fork();
    if (child == 0) {
        outside.reset();
        ::_exit(enter_own_user_namespace(inside.get()) ? 0 : 1);
    }
    inside.reset();
    if (child > 0) admit_users(child, outside.get());
    return exit_code_of(child);
}

}  // namespace

Result<void> make_read_only(const std::string& path) {
    struct Attributes {
        std::uint64_t set = 1, clear = 0, propagation = 0, user_fd = 0;  // MOUNT_ATTR_RDONLY
    } attributes;
#ifdef SYS_mount_setattr
    constexpr unsigned kRecursive = 0x8000;  // AT_RECURSIVE
    if (::syscall(SYS_mount_setattr, AT_FDCWD, path.c_str(), kRecursive, &attributes, sizeof attributes) == 0) {
        return {};
    }
#endif
    // Before Linux 5.12. Flags that are locked within a user namespace have to be repeated.
    struct statvfs info {};
    unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY;
    if (::statvfs(path.c_str(), &info) == 0) {
        if ((info.f_flag & ST_NOSUID) != 0) flags |= MS_NOSUID;
        if ((info.f_flag & ST_NODEV) != 0) flags |= MS_NODEV;
        if ((info.f_flag & ST_NOEXEC) != 0) flags |= MS_NOEXEC;
    }
    if (::mount(nullptr, path.c_str(), nullptr, flags, nullptr) != 0) {
        return fail(os::errno_error("make read-only", path, errno));
    }
    return {};
}

PathKind look_at_path(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) return S_ISDIR(info.st_mode) ? PathKind::kFolder : PathKind::kOther;
    return ::lstat(path.c_str(), &info) == 0 ? PathKind::kOther : PathKind::kAbsent;
}

Result<void> enter_namespaces(const LaunchPlan& plan, const std::string& root_folder) {
    if (plan.namespaces == NamespaceMode::kNone) return {};
    TRY(unshare_namespaces(plan.namespaces));
    if (!plan.hosts_file.empty()) TRY(bind_mount(plan.hosts_file, "/etc/hosts"));
    if (!plan.host_name.empty() && plan.host_name.size() <= kHostNameMax &&
        ::sethostname(plan.host_name.data(), plan.host_name.size()) != 0) {
        return fail(os::errno_error("set the host name to", plan.host_name, errno));
    }
    if (plan.namespaces == NamespaceMode::kRoot && !plan.hidden.empty()) TRY(protect_kernel());
    return make_mounts(plan, root_folder);
}

NamespaceSupport probe_namespaces(const std::string& folder) {
    const bool has_hosts = look_at_path("/etc/hosts") == PathKind::kOther;
    NamespaceSupport support;
    support.reason = "the kernel refuses private mounts here";
    for (const NamespaceMode mode : {NamespaceMode::kRoot, NamespaceMode::kUser}) {
        if ((mode == NamespaceMode::kRoot) != (::geteuid() == 0)) continue;
        const int found = try_in_child([&] {
            if (!unshare_namespaces(mode)) return 1;
            if (::mount("pintle", folder.c_str(), "tmpfs", 0, kStandInOptions) != 0) return 1;
            if (mode == NamespaceMode::kRoot && !protect_kernel()) return 1;
            return has_hosts && !bind_mount("/etc/hosts", "/etc/hosts") ? 2 : 0;
        });
        if (found == 1) continue;
        support.mode = mode;
        support.mounts = true;
        support.names = has_hosts && found == 0;
        support.reason.clear();
#ifdef __SANITIZE_THREAD__
        // The sanitizer has a thread of its own in every process, and who has threads gets no new user namespace.
        support.own_users = false;
#else
        support.own_users =
            mode == NamespaceMode::kRoot && try_in_child(try_own_users) == 0;
#endif
        if (!support.names) {
            support.reason = has_hosts ? "/etc/hosts cannot be replaced" : "this machine has no /etc/hosts";
        }
    }
    return support;
}

}  // namespace pintle::engine_process
