#include "server/run_folder.hpp"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "os/file.hpp"

namespace pintle::server {
namespace {

namespace fs = std::filesystem;

bool is_in_memory(const char* folder) {
    struct statfs info {};
    return ::statfs(folder, &info) == 0 && info.f_type == TMPFS_MAGIC;
}

// A folder that is ours alone, made again if need be; anybody may have made one of this name in /dev/shm.
bool make_own_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return false;
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::geteuid() &&
           (info.st_mode & 077) == 0;
}

// With a name of its own; the link in the data folder finds it again.
std::optional<std::string> folder_in_memory() {
    if (::geteuid() != 0) return std::nullopt;
    for (const char* parent : {"/run", "/dev/shm"}) {
        std::string path = fmt::format("{}/pintle-XXXXXX", parent);
        if (is_in_memory(parent) && ::mkdtemp(path.data()) != nullptr) return path;
    }
    return std::nullopt;
}

bool holds_attempts(const std::string& folder) {
    const auto names = os::list_folder(folder + "/attempts");
    return names && !names->empty();
}

Result<void> link_scratch(const std::string& folder, const std::string& data) {
    TRY(os::make_folders(data + "/scratch", 0755));
    if (::symlink((data + "/scratch").c_str(), (folder + "/scratch").c_str()) != 0 && errno != EEXIST) {
        return fail(os::errno_error("make the link", folder + "/scratch", errno));
    }
    return {};
}

}  // namespace

Result<std::string> open_run_folder(const std::string& data) {
    const std::string path = data + "/run";
    std::error_code error;
    if (fs::is_symlink(path, error)) {
        const std::string target = fs::read_symlink(path, error).string();
        // After a restart of the machine the link leads nowhere until its target is made again.
        if (!error && make_own_folder(target)) {
            TRY(link_scratch(target, data));
            return target;
        }
        ::unlink(path.c_str());
    }
    if (const auto memory = holds_attempts(path) ? std::nullopt : folder_in_memory()) {
        TRY(os::remove_tree(path));
        if (::symlink(memory->c_str(), path.c_str()) != 0) return fail(os::errno_error("make the link", path, errno));
        TRY(link_scratch(*memory, data));
        return *memory;
    }
    TRY(os::make_folders(path, 0700));
    return path;
}

}  // namespace pintle::server
