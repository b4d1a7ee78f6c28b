#include "source/storage_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
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

StorageEntry::Kind kind_of(mode_t mode) {
    if (S_ISREG(mode)) return StorageEntry::Kind::kFile;
    if (S_ISDIR(mode)) return StorageEntry::Kind::kFolder;
    return S_ISLNK(mode) ? StorageEntry::Kind::kLink : StorageEntry::Kind::kOther;
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

std::string upload_name() {
    std::uint64_t random = 0;
    if (::getrandom(&random, sizeof random, 0) != sizeof random) random = static_cast<std::uint64_t>(::getpid());
    return fmt::format("{}{:016x}", kUploadPrefix, random);
}

}  // namespace

std::string_view to_string(StorageEntry::Kind kind) {
    switch (kind) {
        case StorageEntry::Kind::kFile: return "file";
        case StorageEntry::Kind::kFolder: return "folder";
        case StorageEntry::Kind::kLink: return "link";
        case StorageEntry::Kind::kOther: break;
    }
    return "other";
}

Result<StorageListing> StorageFiles::list(const std::string& sub_path, const std::string& after,
                                          std::size_t limit) const {
    const std::string clean = TRY(clean_relative_path(sub_path));
    const os::UniqueFd root = TRY(open_root(folder_));
    const os::UniqueFd folder = TRY(open_beneath(root.get(), clean, O_RDONLY | O_DIRECTORY));
    std::vector<std::string> names = TRY(names_in(folder.get(), kFolderMost));
    std::erase_if(names, [&](const std::string& name) { return name <= after || is_upload(name); });
    std::sort(names.begin(), names.end());
    StorageListing listing;
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

Result<StorageFile> StorageFiles::open(const std::string& path) const {
    const std::string clean = TRY(clean_file_path(path));
    const os::UniqueFd root = TRY(open_root(folder_));
    // Not blocking: opening a pipe would wait for its other end.
    os::UniqueFd fd = TRY(open_beneath(root.get(), clean, O_RDONLY | O_NONBLOCK | O_NOCTTY));
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return fail(os::errno_error("look at", clean, errno));
    if (!S_ISREG(info.st_mode)) {
        return fail(ErrorCode::kInvalid, "\"{}\" is not a file that can be read", to_valid_utf8(clean));
    }
    return StorageFile{std::move(fd), info.st_size, modified_at(info)};
}

Result<StorageUpload> StorageFiles::begin_put(const std::string& path) const {
    Place place = TRY(place_of(folder_, path, true));
    struct stat info {};
    if (::fstatat(place.folder.get(), place.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode)) {
        return fail(ErrorCode::kConflict, "\"{}\" is a folder; a file cannot take its place", to_valid_utf8(path));
    }
    remove_abandoned_uploads(place.folder.get());
    std::string temporary = upload_name();
    os::UniqueFd file(
        ::openat(place.folder.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0664));
    if (!file) return fail(os::errno_error("create", fmt::format("\"{}\"", to_valid_utf8(path)), errno));
    return StorageUpload(std::move(place.folder), std::move(file), std::move(temporary), std::move(place.name));
}

Result<void> StorageFiles::put(const std::string& path, std::string_view content) const {
    StorageUpload upload = TRY(begin_put(path));
    TRY(upload.write(content));
    return upload.finish();
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

StorageUpload::~StorageUpload() {
    if (file_) ::unlinkat(folder_.get(), temporary_.c_str(), 0);
}

Result<void> StorageUpload::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(file_.get(), bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return fail(os::errno_error("write", name_, errno));
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return {};
}

Result<void> StorageUpload::finish() {
    if (::fsync(file_.get()) != 0) return fail(os::errno_error("write", name_, errno));
    if (::renameat(folder_.get(), temporary_.c_str(), folder_.get(), name_.c_str()) != 0) {
        return fail(os::errno_error("replace", name_, errno));
    }
    file_.reset();
    return {};
}

}  // namespace pintle::source
