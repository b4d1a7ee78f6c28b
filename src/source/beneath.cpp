#include "source/beneath.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "base/text.hpp"
#include "domain/sub_path.hpp"
#include "os/file.hpp"

namespace pintle::source {
namespace {

constexpr std::size_t kPartMost = 255;  // NAME_MAX of every file system in use.

Error reach_error(const std::string& path, int error_number) {
    const std::string shown = path.empty() ? "the folder itself" : fmt::format("\"{}\"", to_valid_utf8(path));
    const auto error = [&](ErrorCode code, std::string_view what) {
        return Error{code, fmt::format("{} {}", shown, what), {}, {}};
    };
    if (error_number == EXDEV || error_number == ELOOP) {
        return error(ErrorCode::kDenied, "is reached through a symbolic link that leads out of its folder");
    }
    if (error_number == ENOTDIR) return error(ErrorCode::kInvalid, "is not a folder, or lies below a file");
    if (error_number == ENOENT) return error(ErrorCode::kNotFound, "is not there");
    return os::errno_error("open", shown, error_number);
}

int openat2_beneath(int root, const char* path, int flags, mode_t mode) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.mode = (flags & O_CREAT) != 0 ? mode : 0;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    // EAGAIN: something on the way was renamed meanwhile, so the kernel cannot tell whether it stayed inside.
    for (int attempt = 0; attempt < 16; ++attempt) {
        const long fd = ::syscall(SYS_openat2, root, path, &how, sizeof how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) return static_cast<int>(fd);
    }
    return -1;
}

bool kernel_lacks_openat2(int error_number) { return error_number == ENOSYS || error_number == EPERM; }

}  // namespace

Result<os::UniqueFd> open_root(const std::string& folder) {
    TRY(os::make_folders(folder));
    os::UniqueFd fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return fail(os::errno_error("open the folder", folder, errno));
    return fd;
}

Result<os::UniqueFd> open_beneath(int root, const std::string& path, int flags, mode_t mode) {
    static std::atomic<bool> lacking{false};
    if (!lacking) {
        os::UniqueFd fd(openat2_beneath(root, path.empty() ? "." : path.c_str(), flags, mode));
        if (fd) return fd;
        // Some sandboxes answer EPERM to calls they do not know; the walk then finds a true EPERM again.
        if (!kernel_lacks_openat2(errno)) return fail(reach_error(path, errno));
        if (errno == ENOSYS) lacking = true;
    }
    return open_beneath_by_walk(root, path, flags, mode);
}

Result<os::UniqueFd> open_beneath_by_walk(int root, const std::string& path, int flags, mode_t mode) {
    os::UniqueFd at(::openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!at) return fail(reach_error(path, errno));
    const std::vector<std::string> parts = split(TRY(clean_relative_path(path)), '/');
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        os::UniqueFd next(::openat(at.get(), parts[i].c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        struct stat info {};
        if (!next || ::fstat(next.get(), &info) != 0) return fail(reach_error(path, errno));
        if (S_ISLNK(info.st_mode)) return fail(reach_error(path, ELOOP));
        if (!S_ISDIR(info.st_mode)) return fail(reach_error(path, ENOTDIR));
        at = std::move(next);
    }
    const std::string last = parts.empty() || parts.back().empty() ? "." : parts.back();
    struct stat info {};
    if (::fstatat(at.get(), last.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode)) {
        return fail(reach_error(path, ELOOP));
    }
    os::UniqueFd fd(::openat(at.get(), last.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!fd) return fail(reach_error(path, errno));
    return fd;
}

Result<os::UniqueFd> make_folders_beneath(int root, const std::string& path) {
    const std::string clean = TRY(clean_relative_path(path));
    os::UniqueFd at = TRY(open_beneath(root, "", O_PATH | O_DIRECTORY));
    if (clean.empty()) return at;
    std::string so_far;
    for (const std::string& part : split(clean, '/')) {
        so_far += so_far.empty() ? part : "/" + part;
        Result<os::UniqueFd> next = open_beneath(root, so_far, O_PATH | O_DIRECTORY);
        if (!next && next.error().code == ErrorCode::kNotFound) {
            if (::mkdirat(at.get(), part.c_str(), 0775) != 0 && errno != EEXIST) {
                return fail(os::errno_error("create the folder", so_far, errno));
            }
            next = open_beneath(root, so_far, O_PATH | O_DIRECTORY);
        }
        at = TRY(std::move(next));
    }
    return at;
}

Result<std::string> clean_relative_path(const std::string& path) {
    if (path.starts_with('/')) {
        return fail(ErrorCode::kInvalid, "\"{}\" must be relative: leave out the \"/\" at its beginning",
                    to_valid_utf8(path.substr(0, 200)));
    }
    std::string clean = TRY(domain::clean_sub_path(path));
    for (const std::string& part : split(clean, '/')) {
        if (part.size() > kPartMost) {
            return fail(ErrorCode::kInvalid, "a file name has at most {} bytes, \"{}…\" has {}", kPartMost,
                        to_valid_utf8(part.substr(0, 40)), part.size());
        }
    }
    return clean;
}

Result<std::string> real_path_of(const os::UniqueFd& fd) {
    const std::string link = fmt::format("/proc/self/fd/{}", fd.get());
    char buffer[4096];
    const ssize_t size = ::readlink(link.c_str(), buffer, sizeof buffer);
    if (size < 0 || size == static_cast<ssize_t>(sizeof buffer)) {
        return fail(os::errno_error("look up", link, size < 0 ? errno : ENAMETOOLONG));
    }
    return std::string(buffer, static_cast<std::size_t>(size));
}

}  // namespace pintle::source
