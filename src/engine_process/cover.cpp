#include "engine_process/cover.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "engine_process/mount_namespace.hpp"
#include "os/file.hpp"

namespace pintle::engine_process {
namespace {

constexpr const char* kCoverOptions = "mode=0755,size=4m,nr_inodes=4k";

/// The path without links; empty when there is nothing.
std::string real_path(const std::string& path) {
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    return error ? std::string() : real.string();
}

}  // namespace

Result<void> Cover::open_kept(const std::vector<KeptFolder>& kept) {
    for (const KeptFolder& folder : kept) {
        Kept entry{os::UniqueFd(::open(folder.path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)), {folder.path},
                   folder.read_only};
        if (!entry.origin) return fail(os::errno_error("open", folder.path, errno));
        if (std::string real = real_path(folder.path); real != folder.path) entry.places.push_back(std::move(real));
        kept_.push_back(std::move(entry));
    }
    return {};
}

Result<void> Cover::put(const std::vector<std::string>& hidden) {
    std::vector<std::string> paths;
    for (const std::string& path : hidden) paths.push_back(real_path(path));
    std::sort(paths.begin(), paths.end());  // Outermost first; what lies within it has then vanished.
    for (const std::string& path : paths) {
        const PathKind kind = look_at_path(path);
        if (path.empty() || path == "/" || kind == PathKind::kAbsent) continue;
        if (kind == PathKind::kOther) {
            if (::mount("/dev/null", path.c_str(), nullptr, MS_BIND, nullptr) != 0) {
                return fail(os::errno_error("hide", path, errno));
            }
            continue;
        }
        struct stat info {};
        if (::mount("pintle", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, kCoverOptions) != 0 ||
            ::stat(path.c_str(), &info) != 0) {
            return fail(os::errno_error("hide", path, errno));
        }
        covers_.push_back(path);
        devices_.push_back(info.st_dev);
    }
    return {};
}

Result<bool> Cover::prepare_place(const std::string& path) {
    struct stat info {};
    std::filesystem::path at(path);
    while (::stat(at.c_str(), &info) != 0) {
        if (errno != ENOENT || !at.has_relative_path()) return fail(os::errno_error("find", at.string(), errno));
        at = at.parent_path();
    }
    if (std::find(devices_.begin(), devices_.end(), info.st_dev) == devices_.end()) return false;
    TRY(os::make_folders(path));
    return true;
}

Result<void> Cover::finish() {
    std::vector<std::pair<const Kept*, std::string>> shown;
    for (const Kept& folder : kept_) {
        for (const std::string& place : folder.places) {
            if (TRY(prepare_place(place))) shown.emplace_back(&folder, place);
        }
    }
    for (const std::string& path : covers_) {
        if (::mount(nullptr, path.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) !=
            0) {
            return fail(os::errno_error("make read-only", path, errno));
        }
    }
    for (const auto& [folder, place] : shown) {
        if (::mount(fmt::format("/proc/self/fd/{}", folder->origin.get()).c_str(), place.c_str(), nullptr,
                    MS_BIND | MS_REC, nullptr) != 0) {
            return fail(ErrorCode::kUnavailable, "could not show {}: {}", place, std::strerror(errno));
        }
        if (folder->read_only) TRY(make_read_only(place));
    }
    kept_.clear();
    return {};
}

}  // namespace pintle::engine_process
