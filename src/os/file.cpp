#include "os/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace pintle::os {
namespace fs = std::filesystem;

Error errno_error(std::string_view doing, std::string_view path, int error_number) {
    ErrorCode code = ErrorCode::kInternal;
    if (error_number == ENOENT || error_number == ENOTDIR) code = ErrorCode::kNotFound;
    if (error_number == EACCES || error_number == EPERM || error_number == EROFS) code = ErrorCode::kDenied;
    if (error_number == ENOSPC || error_number == EDQUOT || error_number == EMFILE || error_number == ENFILE)
        code = ErrorCode::kExhausted;
    if (error_number == EEXIST || error_number == ENOTEMPTY || error_number == EISDIR) code = ErrorCode::kConflict;
    return Error{code, fmt::format("could not {} {}: {}", doing, path, std::strerror(error_number)), {}, {}};
}

Result<std::string> read_file(const std::string& path, std::size_t limit_bytes) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return fail(errno_error("open", path, errno));
    std::string content;
    char buffer[16384];
    while (true) {
        const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(errno_error("read", path, errno));
        if (got == 0) return content;
        content.append(buffer, static_cast<std::size_t>(got));
        if (content.size() > limit_bytes)
            return fail(ErrorCode::kExhausted, "{} is larger than the limit of {} bytes", path, limit_bytes);
    }
}

namespace {

Result<void> write_all(int fd, std::string_view content, const std::string& path) {
    while (!content.empty()) {
        const ssize_t put = ::write(fd, content.data(), content.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return fail(errno_error("write", path, errno));
        content.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

}  // namespace

Result<void> write_file_atomic(const std::string& path, std::string_view content, mode_t mode, bool durable) {
    std::string temporary = path + ".XXXXXX";
    UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd) return fail(errno_error("create a file beside", path, errno));
    ::fchmod(fd.get(), mode);
    Result<void> written = write_all(fd.get(), content, path);
    if (written && durable && ::fsync(fd.get()) != 0) written = fail(errno_error("sync", path, errno));
    if (written && ::rename(temporary.c_str(), path.c_str()) != 0) written = fail(errno_error("replace", path, errno));
    if (!written) {
        ::unlink(temporary.c_str());
        return written;
    }
    if (durable) {
        const std::string folder = fs::path(path).parent_path().string();
        const UniqueFd dir(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (dir) ::fsync(dir.get());
    }
    return {};
}

Result<void> make_folders(const std::string& path, mode_t mode) {
    std::error_code error;
    // Most often only the last one is missing, or none.
    if (::mkdir(path.c_str(), mode) == 0 || (errno == EEXIST && fs::is_directory(path, error))) return {};
    fs::path at;
    for (const fs::path& part : fs::path(path)) {
        at /= part;
        if (at.empty() || fs::is_directory(at, error)) continue;
        if (::mkdir(at.c_str(), mode) != 0 && errno != EEXIST)
            return fail(errno_error("create the folder", at.string(), errno));
    }
    if (!fs::is_directory(path, error)) return fail(errno_error("create the folder", path, ENOTDIR));
    return {};
}

Result<void> remove_tree(const std::string& path) {
    std::error_code error;
    fs::remove_all(path, error);
    if (error) return fail(errno_error("remove", path, error.value()));
    return {};
}

Result<std::vector<std::string>> list_folder(const std::string& path) {
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
        names.push_back(it->path().filename().string());
    if (error) return fail(errno_error("list", path, error.value()));
    std::sort(names.begin(), names.end());
    return names;
}

bool exists(const std::string& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0;
}

Result<DiskSpace> disk_space(const std::string& path) {
    struct statvfs info {};
    if (::statvfs(path.c_str(), &info) != 0) return fail(errno_error("look at", path, errno));
    const auto block = static_cast<std::uint64_t>(info.f_frsize);
    return DiskSpace{info.f_bavail * block, info.f_blocks * block};
}

}  // namespace pintle::os
