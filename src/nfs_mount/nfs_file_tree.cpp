#include "nfs_mount/nfs_file_tree.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <nfsc/libnfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <deque>
#include <map>

#include "base/text.hpp"
#include "nfs_mount/nfs_open_file.hpp"

namespace pintle::nfs_mount {
namespace {

constexpr std::string_view kUploadPrefix = ".pintle-upload-";
constexpr std::int64_t kAbandonedAfterMs = 24 * 3600 * 1000LL;
constexpr int kLinksMost = 40;
constexpr int kDepthMost = 200;  // Of folders that are removed.
constexpr std::size_t kFolderMost = 1'000'000;

Error error_of(int result, const std::string& path) {
    const std::string shown = path.empty() ? "the folder itself" : fmt::format("\"{}\"", to_valid_utf8(path));
    const auto error = [&](ErrorCode code, std::string_view what) {
        return Error{code, fmt::format("{} {}", shown, what), {}, {}};
    };
    switch (-result) {
        case ENOENT: return error(ErrorCode::kNotFound, "is not there");
        case ENOTDIR: return error(ErrorCode::kInvalid, "is not a folder, or lies below a file");
        case EISDIR: return error(ErrorCode::kConflict, "is a folder; a file cannot take its place");
        case ENAMETOOLONG: return error(ErrorCode::kInvalid, "has a name that is too long for the NFS server");
        case EACCES:
        case EPERM: return error(ErrorCode::kDenied, "is denied to us by the NFS server");
        case EROFS: return error(ErrorCode::kDenied, "cannot be changed: the NFS server exports it for reading only");
        case EEXIST:
        case ENOTEMPTY: return error(ErrorCode::kConflict, "was changed by somebody else meanwhile; try again");
        case ENOSPC:
        case EDQUOT: return error(ErrorCode::kExhausted, "cannot be written: no space is left on the NFS server");
        case EIO:
        case ESTALE:
            return error(ErrorCode::kUnavailable, "cannot be reached: the NFS server does not answer any more");
        default: return error(ErrorCode::kUnavailable, fmt::format("cannot be used: {}", std::strerror(-result)));
    }
}

Error leaves(const std::string& path) {
    return {ErrorCode::kDenied,
            fmt::format("\"{}\" is reached through a symbolic link that leads out of its folder", to_valid_utf8(path)),
            {},
            {}};
}

std::string joined(const std::vector<std::string>& parts) {
    std::string path;
    for (const std::string& part : parts) path += "/" + part;
    return path;
}

std::string or_top(const std::string& real) { return real.empty() ? "/" : real; }

std::string upload_name() {
    unsigned char bytes[12];
    (void)!::getrandom(bytes, sizeof bytes, 0);
    std::string name(kUploadPrefix);
    for (const unsigned char byte : bytes) name += fmt::format("{:02x}", byte);
    return name;
}

}  // namespace

Result<TreeEntry> NfsFileTree::look(const std::string& real, const std::string& shown) const {
    nfs_stat_64 found{};
    const int result = connection_.repeat(
        [&](nfs_context* nfs, std::uint64_t) { return ::nfs_lstat64(nfs, or_top(real).c_str(), &found); });
    if (result < 0) return fail(error_of(result, shown));
    return TreeEntry{real.substr(real.rfind('/') == std::string::npos ? 0 : real.rfind('/') + 1),
                     static_cast<mode_t>(found.nfs_mode), static_cast<std::int64_t>(found.nfs_size),
                     static_cast<std::int64_t>(found.nfs_mtime * 1000 + found.nfs_mtime_nsec / 1'000'000)};
}

Result<std::string> NfsFileTree::resolve(const std::string& base, const std::string& path, Last last) const {
    std::deque<std::string> pending;
    for (std::string& part : split(path, '/')) pending.push_back(std::move(part));
    std::vector<std::string> real;
    int links = 0;
    while (!pending.empty()) {
        const std::string part = std::move(pending.front());
        pending.pop_front();
        if (part.empty() || part == ".") continue;
        if (part == "..") {
            if (real.empty()) return fail(leaves(path));
            real.pop_back();
            continue;
        }
        real.push_back(part);
        const std::string here = base + joined(real);
        const bool is_last = std::all_of(pending.begin(), pending.end(),
                                         [](const std::string& rest) { return rest.empty() || rest == "."; });
        auto found = look(here, path);
        if (!found && found.error().code == ErrorCode::kNotFound && last == Last::kMake) {
            const int made = connection_.once(
                [&](nfs_context* nfs, std::uint64_t) { return ::nfs_mkdir2(nfs, here.c_str(), 0775); });
            if (made < 0 && made != -EEXIST) return fail(error_of(made, path));
            found = look(here, path);
        }
        if (!found) return fail(found.error());
        if (S_ISLNK(found->mode) && !(is_last && last == Last::kKeep)) {
            char target[4096] = {};
            const int result = read_link(connection_, here.c_str(), target, sizeof target);
            if (result < 0) return fail(error_of(result, path));
            if (target[0] == '/' || ++links > kLinksMost) return fail(leaves(path));
            real.pop_back();
            const std::vector<std::string> parts = split(target, '/');
            pending.insert(pending.begin(), parts.begin(), parts.end());
        } else if (!S_ISDIR(found->mode) && (!is_last || last == Last::kMake)) {
            return fail(error_of(-ENOTDIR, path));
        }
    }
    return base + joined(real);
}

Result<std::string> NfsFileTree::base(bool make) const {
    return resolve("", root_, make ? Last::kMake : Last::kFollow);
}

Result<std::vector<TreeEntry>> NfsFileTree::entries(const std::string& real, const std::string& shown) const {
    std::vector<TreeEntry> found;
    bool is_too_large = false;
    const int result = connection_.repeat([&](nfs_context* nfs, std::uint64_t) {
        found.clear();
        nfsdir* folder = nullptr;
        if (const int opened = ::nfs_opendir(nfs, or_top(real).c_str(), &folder); opened < 0) return opened;
        while (const nfsdirent* entry = ::nfs_readdir(nfs, folder)) {
            const std::string_view name = entry->name;
            if (name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos) continue;
            mode_t mode = 0;
            switch (
                entry->type) {  // NF3REG, NF3DIR, NF3LNK; what else there may be, or nothing, is looked at by itself.
                case 1: mode = S_IFREG; break;
                case 2: mode = S_IFDIR; break;
                case 5: mode = S_IFLNK; break;
                default: break;
            }
            found.push_back({std::string(name), mode, static_cast<std::int64_t>(entry->size),
                             entry->mtime.tv_sec * 1000LL + entry->mtime_nsec / 1'000'000});
            is_too_large = found.size() > kFolderMost;
            if (is_too_large) break;
        }
        ::nfs_closedir(nfs, folder);
        return 0;
    });
    if (result < 0) return fail(error_of(result, shown));
    if (is_too_large) {
        return fail(ErrorCode::kExhausted, "the folder has more than {} entries, which is more than can be listed",
                    kFolderMost);
    }
    return found;
}

Result<std::vector<TreeEntry>> NfsFileTree::list(const std::string& path, const std::string& after,
                                                 std::size_t most) const {
    const auto start = base(false);
    if (!start && start.error().code == ErrorCode::kNotFound && path.empty()) return std::vector<TreeEntry>{};
    if (!start) return fail(start.error());
    const std::string real = TRY(resolve(*start, path, Last::kFollow));
    if (!S_ISDIR(TRY(look(real, path)).mode))
        return fail(ErrorCode::kInvalid, "\"{}\" is not a folder", to_valid_utf8(path));
    std::vector<TreeEntry> found = TRY(entries(real, path));
    std::erase_if(found,
                  [&](const TreeEntry& entry) { return entry.name <= after || entry.name.starts_with(kUploadPrefix); });
    std::sort(found.begin(), found.end(), [](const TreeEntry& a, const TreeEntry& b) { return a.name < b.name; });
    if (found.size() > most) found.resize(most);
    for (TreeEntry& entry : found) {
        if (entry.mode != 0 && entry.modified_ms != 0) continue;
        auto looked = look(real + "/" + entry.name, entry.name);
        if (looked) entry = std::move(*looked);
    }
    return found;
}

Result<void> NfsFileTree::send(const std::string& path, std::uint64_t from,
                               const std::function<void(const TreeEntry&)>& tell,
                               const std::function<bool(std::string_view)>& put) const {
    const std::string real = TRY(resolve(TRY(base(false)), path, Last::kFollow));
    const TreeEntry found = TRY(look(real, path));
    if (!S_ISREG(found.mode))
        return fail(ErrorCode::kInvalid, "\"{}\" is not a file that can be read", to_valid_utf8(path));
    OpenFile file{connection_, real, O_RDONLY};
    if (const int result = file.with([](nfs_context*, nfsfh*) { return 0; }); result < 0)
        return fail(error_of(result, path));
    tell(found);
    std::string piece(kTransferMost, '\0');
    const auto size = static_cast<std::uint64_t>(found.size_bytes);
    for (std::uint64_t at = from; at < size;) {
        const int got = file.read(piece.data(), std::min<std::uint64_t>(piece.size(), size - at), at);
        if (got < 0) return fail(error_of(got, path));
        if (got == 0 || !put(std::string_view(piece).substr(0, static_cast<std::size_t>(got)))) break;
        at += static_cast<std::uint64_t>(got);
    }
    file.close();
    return {};
}

Result<void> NfsFileTree::write_new(const std::string& real, const std::function<ssize_t(char*, std::size_t)>& get,
                                    const std::string& shown) const {
    OpenFile file{connection_, real, O_WRONLY};
    if (const int result = file.make(O_WRONLY | O_CREAT | O_EXCL, 0664); result < 0)
        return fail(error_of(result, shown));
    std::string piece(kTransferMost, '\0');
    std::uint64_t at = 0;
    while (true) {
        const ssize_t got = get(piece.data(), piece.size());
        if (got < 0) return fail(ErrorCode::kUnavailable, "the content of \"{}\" cannot be read", to_valid_utf8(shown));
        if (got == 0) break;
        const auto size = static_cast<std::size_t>(got);
        for (std::size_t done = 0; done < size;) {
            const int put = file.write(piece.data() + done, size - done, at + done);
            if (put < 0) return fail(error_of(put, shown));
            done += static_cast<std::size_t>(put);
        }
        at += size;
    }
    if (const int result = file.sync(); result < 0) return fail(error_of(result, shown));
    file.close();
    return {};
}

Result<void> NfsFileTree::take(const std::string& path, const std::function<ssize_t(char*, std::size_t)>& get) const {
    const std::size_t cut = path.rfind('/');
    const std::string name = cut == std::string::npos ? path : path.substr(cut + 1);
    const std::string folder =
        TRY(resolve(TRY(base(true)), cut == std::string::npos ? "" : path.substr(0, cut), Last::kMake));
    const std::string real = folder + "/" + name, beside = folder + "/" + upload_name();
    const auto there = look(real, path);
    if (!there && there.error().code != ErrorCode::kNotFound) return fail(there.error());
    if (there && S_ISDIR(there->mode)) return fail(error_of(-EISDIR, path));
    const auto unlink = [&] {
        (void)connection_.repeat([&](nfs_context* nfs, std::uint64_t) { return ::nfs_unlink(nfs, beside.c_str()); });
    };
    if (auto written = write_new(beside, get, path); !written) {
        unlink();
        return written;
    }
    const int renamed = connection_.once(
        [&](nfs_context* nfs, std::uint64_t) { return ::nfs_rename(nfs, beside.c_str(), real.c_str()); });
    if (renamed < 0) {
        unlink();
        return fail(error_of(renamed, path));
    }
    remove_abandoned(folder);
    return {};
}

// What an upload that was killed has left.
void NfsFileTree::remove_abandoned(const std::string& folder) const {
    const auto found = entries(folder, "");
    if (!found) return;
    const std::int64_t now = static_cast<std::int64_t>(::time(nullptr)) * 1000;
    for (const TreeEntry& entry : *found) {
        if (!entry.name.starts_with(kUploadPrefix)) continue;
        const std::string real = folder + "/" + entry.name;
        const auto looked = look(real, entry.name);
        if (!looked || !S_ISREG(looked->mode) || now - looked->modified_ms < kAbandonedAfterMs) continue;
        (void)connection_.once([&](nfs_context* nfs, std::uint64_t) { return ::nfs_unlink(nfs, real.c_str()); });
    }
}

Result<void> NfsFileTree::remove(const std::string& path) const {
    const std::size_t cut = path.rfind('/');
    const std::string folder =
        TRY(resolve(TRY(base(false)), cut == std::string::npos ? "" : path.substr(0, cut), Last::kFollow));
    const std::string real = folder + "/" + (cut == std::string::npos ? path : path.substr(cut + 1));
    const TreeEntry found = TRY(look(real, path));
    return remove_real(real, S_ISDIR(found.mode), path, 0);
}

Result<void> NfsFileTree::remove_real(const std::string& real, bool is_folder, const std::string& shown,
                                      int depth) const {
    if (depth > kDepthMost) {
        return fail(ErrorCode::kExhausted, "folders lie more than {} deep in each other; remove the inner ones first",
                    kDepthMost);
    }
    if (is_folder) {
        for (const TreeEntry& entry : TRY(entries(real, shown))) {
            const std::string inner = real + "/" + entry.name;
            bool is_inner_folder = S_ISDIR(entry.mode);
            if (entry.mode == 0) {
                const auto looked = look(inner, shown);
                if (!looked && looked.error().code == ErrorCode::kNotFound) continue;
                if (!looked) return fail(looked.error());
                is_inner_folder = S_ISDIR(looked->mode);
            }
            TRY(remove_real(inner, is_inner_folder, shown, depth + 1));
        }
    }
    const int result = connection_.once([&](nfs_context* nfs, std::uint64_t) {
        return is_folder ? ::nfs_rmdir(nfs, real.c_str()) : ::nfs_unlink(nfs, real.c_str());
    });
    if (result < 0 && result != -ENOENT) return fail(error_of(result, shown));
    return {};
}

}  // namespace pintle::nfs_mount
