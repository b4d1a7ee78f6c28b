#include "source/folder_size.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <unordered_set>
#include <vector>

#include "os/file.hpp"
#include "source/beneath.hpp"

namespace pintle::source {
namespace {

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};
using OpenFolder = std::unique_ptr<DIR, CloseFolder>;

constexpr std::size_t kDeepest = 200;             // Each level keeps a descriptor.
constexpr std::size_t kManyNamed = 1'000'000;     // Files with several names that are remembered.
constexpr std::int64_t kEntriesBetween = 256;
constexpr std::int64_t kBlockBytes = 512;         // The unit of st_blocks, whatever the file system's blocks are.

bool is_dots(const char* name) { return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0')); }

class Walk {
public:
    Walk(const Pace& pace, bool deep) : pace_(pace), deep_(deep) {}

    Result<FolderSize> run(os::UniqueFd start) {
        struct stat info {};
        if (::fstat(start.get(), &info) != 0) return fail(os::errno_error("look at", "the folder", errno));
        device_ = info.st_dev;
        if (!enter(start.release())) return fail(os::errno_error("read", "the folder", errno));
        while (!open_.empty()) {
            errno = 0;
            const dirent* entry = ::readdir(open_.back().get());
            if (entry == nullptr) {
                if (errno != 0 && errno != ENOENT) size_.is_complete = false;
                open_.pop_back();
                continue;
            }
            if (++entries_ % kEntriesBetween == 0 && !pace_())
                return fail(ErrorCode::kCancelled, "measuring was given up");
            if (!is_dots(entry->d_name)) look_at(entry->d_name);
        }
        return size_;
    }

private:
    // Takes the descriptor.
    bool enter(int fd) {
        OpenFolder folder(::fdopendir(fd));
        if (!folder) {
            const os::UniqueFd unused(fd);
            return false;
        }
        open_.push_back(std::move(folder));
        return true;
    }

    void look_at(const char* name) {
        const int within = ::dirfd(open_.back().get());
        struct stat info {};
        if (::fstatat(within, name, &info, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) {
            if (errno != ENOENT) size_.is_complete = false;
            return;
        }
        if (S_ISDIR(info.st_mode)) return go_into(within, name, info);
        if (info.st_nlink > 1 && is_known(info)) return;
        size_.files += 1;
        size_.bytes += std::int64_t{info.st_blocks} * kBlockBytes;
    }

    void go_into(int within, const char* name, const struct stat& info) {
        if (!deep_ || info.st_dev != device_) return;
        if (open_.size() >= kDeepest) {
            size_.is_complete = false;
            return;
        }
        const int fd = ::openat(within, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0 && enter(fd)) return;
        // It vanished, or is something else by now.
        if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) size_.is_complete = false;
    }

    bool is_known(const struct stat& info) {
        if (seen_.count(info.st_ino) > 0) return true;
        if (seen_.size() < kManyNamed) seen_.insert(info.st_ino);
        return false;
    }

    const Pace& pace_;
    const bool deep_;
    dev_t device_ = 0;
    FolderSize size_;
    std::int64_t entries_ = 0;
    std::vector<OpenFolder> open_;
    std::unordered_set<ino_t> seen_;  // Of one device: others are not entered.
};

Result<FolderSize> measure(const std::string& root, const std::string& folder, const Pace& pace, bool deep) {
    // Not open_root(), which would make a storage that is away.
    const os::UniqueFd at(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!at) return fail(os::errno_error("open the folder", root, errno));
    os::UniqueFd start = TRY(open_beneath(at.get(), folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    return Walk(pace, deep).run(std::move(start));
}

}  // namespace

Result<FolderSize> measure_folder(const std::string& root, const std::string& folder, const Pace& pace) {
    return measure(root, folder, pace, true);
}

Result<FolderSize> measure_loose_files(const std::string& root, const std::string& folder, const Pace& pace) {
    return measure(root, folder, pace, false);
}

}  // namespace pintle::source
