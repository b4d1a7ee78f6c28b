#include "source/storage_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <memory>
#include <utility>

#include "base/text.hpp"
#include "os/file.hpp"
#include "source/beneath.hpp"

namespace pintle::source {
namespace {

constexpr std::string_view kUploadPrefix = ".pintle-upload-";
constexpr std::time_t kAbandonedAfterSeconds = 24 * 3600;
constexpr int kDepthMost = 200;  // Of folders that are removed: each level holds a descriptor.

bool is_upload(std::string_view name) { return name.starts_with(kUploadPrefix); }

Time modified_at(const struct stat& info) {
    return time_from_ms(info.st_mtim.tv_sec * 1000LL + info.st_mtim.tv_nsec / 1'000'000);
}

FileEntry::Kind kind_of(mode_t mode) {
    if (S_ISREG(mode)) return FileEntry::Kind::kFile;
    if (S_ISDIR(mode)) return FileEntry::Kind::kFolder;
    return S_ISLNK(mode) ? FileEntry::Kind::kLink : FileEntry::Kind::kOther;
}

struct CloseFolder {
    void operator()(DIR* dir) const { ::closedir(dir); }
};

Result<std::vector<std::string>> names_in(int folder, std::size_t most) {
    os::UniqueFd fd(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return fail(os::errno_error("list", "the folder", errno));
    const std::unique_ptr<DIR, CloseFolder> dir(::fdopendir(fd.get()));
    if (!dir) return fail(os::errno_error("list", "the folder", errno));
    static_cast<void>(fd.release());
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(dir.get())) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        if (names.size() == most) {
            return fail(ErrorCode::kExhausted, "the folder has more than {} entries, which is more than can be listed",
                        most);
        }
        names.emplace_back(name);
    }
    return names;
}

Result<void> remove_at(int folder, const std::string& name, int depth) {
    if (depth > kDepthMost) {
        return fail(ErrorCode::kExhausted, "folders lie more than {} deep in each other; remove the inner ones first",
                    kDepthMost);
    }
    if (::unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT) return {};
    if (errno != EISDIR && errno != EPERM) return fail(os::errno_error("remove", name, errno));
    const int unlink_error = errno;
    const os::UniqueFd inside(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!inside) {
        return fail(os::errno_error("remove", name, errno == ENOTDIR || errno == ELOOP ? unlink_error : errno));
    }
    for (const std::string& child : TRY(names_in(inside.get(), StorageFiles::kFolderMost))) {
        TRY(remove_at(inside.get(), child, depth + 1));
    }
    if (::unlinkat(folder, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
        return fail(os::errno_error("remove", name, errno));
    }
    return {};
}

// The folder of a path, open, and the last part.
struct Place {
    os::UniqueFd folder;
    std::string name;
};

Result<std::string> clean_file_path(const std::string& path) {
    std::string clean = TRY(clean_relative_path(path));
    if (clean.empty()) return fail(ErrorCode::kInvalid, "the path of a file or folder is missing");
    const std::size_t cut = clean.rfind('/');
    if (is_upload(clean.substr(cut == std::string::npos ? 0 : cut + 1))) {
        return fail(ErrorCode::kInvalid, "names that begin with {} are taken for uploads on their way", kUploadPrefix);
    }
    return clean;
}

Result<Place> place_of(const std::string& root_folder, const std::string& path, bool make) {
    const std::string clean = TRY(clean_file_path(path));
    const std::size_t cut = clean.rfind('/');
    const std::string parent = cut == std::string::npos ? "" : clean.substr(0, cut);
    const os::UniqueFd root = TRY(open_root(root_folder));
    os::UniqueFd folder =
        TRY(make ? make_folders_beneath(root.get(), parent) : open_beneath(root.get(), parent, O_PATH | O_DIRECTORY));
    return Place{std::move(folder), cut == std::string::npos ? clean : clean.substr(cut + 1)};
}

void remove_abandoned_uploads(int folder) {
    const auto names = names_in(folder, StorageFiles::kFolderMost);
    if (!names) return;
    const std::time_t now = std::time(nullptr);
    for (const std::string& name : *names) {
        struct stat info {};
        if (!is_upload(name) || ::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (info.st_mtim.tv_sec + kAbandonedAfterSeconds < now) ::unlinkat(folder, name.c_str(), 0);
    }
}

Result<void> copy_all(int from, int to, const std::string& name, const std::atomic<bool>* give_up) {
    while (true) {
        if (give_up != nullptr && *give_up)
            return fail(ErrorCode::kCancelled, "copying {} was given up", to_valid_utf8(name));
        const ssize_t got = ::sendfile(to, from, nullptr, 16 << 20);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(os::errno_error("write", name, errno));
        if (got == 0) return {};
    }
}

// For a folder on another file system than the staging folder, such as one that the operator has mounted there.
Result<void> copy_in(const Place& place, const std::string& staged, const std::atomic<bool>* give_up) {
    const os::UniqueFd from(::open(staged.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!from) return fail(os::errno_error("open", staged, errno));
    const std::string temporary = fmt::format("{}{}", kUploadPrefix, staged_name());
    const os::UniqueFd to(
        ::openat(place.folder.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0664));
    if (!to) return fail(os::errno_error("create", place.name, errno));
    Result<void> done = copy_all(from.get(), to.get(), place.name, give_up);
    if (done && ::fsync(to.get()) != 0) done = fail(os::errno_error("write", place.name, errno));
    if (done && ::renameat(place.folder.get(), temporary.c_str(), place.folder.get(), place.name.c_str()) != 0) {
        done = fail(os::errno_error("replace", place.name, errno));
    }
    ::unlinkat(done ? AT_FDCWD : place.folder.get(), done ? staged.c_str() : temporary.c_str(), 0);
    return done;
}

// A file that was acknowledged has its name on disk.
void sync_folder(int folder) {
    const os::UniqueFd fd(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd) ::fsync(fd.get());
}

}  // namespace

Result<FileListing> StorageFiles::list(const std::string& sub_path, const std::string& after,
                                          std::size_t limit) const {
    const std::string clean = TRY(clean_relative_path(sub_path));
    const os::UniqueFd root = TRY(open_root(folder_));
    const os::UniqueFd folder = TRY(open_beneath(root.get(), clean, O_RDONLY | O_DIRECTORY));
    std::vector<std::string> names = TRY(names_in(folder.get(), kFolderMost));
    std::erase_if(names, [&](const std::string& name) { return name <= after || is_upload(name); });
    std::sort(names.begin(), names.end());
    FileListing listing;
    const std::size_t most = std::clamp<std::size_t>(limit, 1, kPageMost);
    for (std::string& name : names) {
        if (listing.entries.size() == most) {
            listing.next = listing.entries.back().name;
            break;
        }
        struct stat info {};
        if (::fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;  // Removed meanwhile.
        listing.entries.push_back(
            {std::move(name), kind_of(info.st_mode), S_ISREG(info.st_mode) ? info.st_size : 0, modified_at(info)});
    }
    return listing;
}

Result<OpenFile> StorageFiles::open(const std::string& path, std::int64_t from) const {
    const std::string clean = TRY(clean_file_path(path));
    const os::UniqueFd root = TRY(open_root(folder_));
    // Not blocking: opening a pipe would wait for its other end.
    os::UniqueFd fd = TRY(open_beneath(root.get(), clean, O_RDONLY | O_NONBLOCK | O_NOCTTY));
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return fail(os::errno_error("look at", clean, errno));
    if (!S_ISREG(info.st_mode)) {
        return fail(ErrorCode::kInvalid, "\"{}\" is not a file that can be read", to_valid_utf8(clean));
    }
    if (::lseek(fd.get(), std::clamp<off_t>(from, 0, info.st_size), SEEK_SET) < 0) {
        return fail(os::errno_error("read", clean, errno));
    }
    return OpenFile{std::move(fd), info.st_size, modified_at(info)};
}

Result<void> StorageFiles::check_place(const std::string& path) const {
    TRY(clean_file_path(path));
    return {};
}

Result<std::string> StorageFiles::staging_folder() const {
    if (staging_.empty()) return fail(ErrorCode::kInternal, "no files can be put here");
    TRY(os::make_folders(staging_, 0700));
    return staging_;
}

Result<void> StorageFiles::take(const std::string& path, const std::string& staged,
                                const std::atomic<bool>* give_up) const {
    const Place place = TRY(place_of(folder_, path, true));
    struct stat info {};
    if (::fstatat(place.folder.get(), place.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode)) {
        return fail(ErrorCode::kConflict, "\"{}\" is a folder; a file cannot take its place", to_valid_utf8(path));
    }
    if (::renameat(AT_FDCWD, staged.c_str(), place.folder.get(), place.name.c_str()) != 0) {
        if (errno != EXDEV) return fail(os::errno_error("replace", to_valid_utf8(place.name), errno));
        remove_abandoned_uploads(place.folder.get());
        TRY(copy_in(place, staged, give_up));
    }
    sync_folder(place.folder.get());
    return {};
}

Result<void> StorageFiles::make_folder(const std::string& path) const {
    const std::string clean = TRY(clean_file_path(path));
    const os::UniqueFd root = TRY(open_root(folder_));
    TRY(make_folders_beneath(root.get(), clean));
    return {};
}

Result<void> StorageFiles::remove(const std::string& path) const {
    const Place place = TRY(place_of(folder_, path, false));
    struct stat info {};
    if (::fstatat(place.folder.get(), place.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return fail(ErrorCode::kNotFound, "there is no \"{}\"", to_valid_utf8(path));
    }
    return remove_at(place.folder.get(), place.name, 0);
}

}  // namespace pintle::source
