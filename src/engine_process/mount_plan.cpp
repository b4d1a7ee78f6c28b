#include "engine_process/mount_plan.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace pintle::engine_process {
namespace {

// What the system and its programs need as it is.
constexpr std::array kSystemFolders{"/bin",  "/boot", "/dev",  "/etc", "/lib", "/lib64",
                                    "/proc", "/run",  "/sbin", "/sys", "/usr"};
// Programs make files directly in these; in a stand-in those would be lost or refused.
constexpr std::array kWorkingFolders{"/tmp", "/root"};

bool is_below(std::string_view path, std::string_view folder) {
    if (folder == "/") return true;
    return path.size() > folder.size() && path.substr(0, folder.size()) == folder && path[folder.size()] == '/';
}

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

template <class Array>
bool is_one_of(const Array& folders, std::string_view path) {
    return std::any_of(folders.begin(), folders.end(), [&](const char* folder) { return path == folder; });
}

Result<void> check_mount_path(const std::string& path) {
    const bool system = std::any_of(kSystemFolders.begin(), kSystemFolders.end(),
                                    [&](const char* folder) { return path == folder || is_below(path, folder); });
    if (path == "/" || (system && !is_below(path, "/usr/local"))) {
        return fail(ErrorCode::kInvalid,
                    "nothing can be mounted at {}: the system's own files are there. Choose another mount path, such "
                    "as /workspace/data",
                    path);
    }
    return {};
}

/// A mount point inside another mount has to be there already: making it would write into somebody's source.
Result<bool> is_inside_mount(const engine::Mount& mount, const std::vector<engine::Mount>& outer,
                             const LookAt& look_at) {
    for (auto at = outer.rbegin(); at != outer.rend(); ++at) {
        if (!is_below(mount.mount_path, at->mount_path)) continue;
        const std::string inside = at->host_path + mount.mount_path.substr(at->mount_path.size());
        if (look_at(inside) == PathKind::kFolder) return true;
        return fail(ErrorCode::kInvalid,
                    "{} cannot be mounted: it lies within {}, which has no such folder. Create the folder in that "
                    "source, or choose another mount path",
                    mount.mount_path, at->mount_path);
    }
    return false;
}

Result<void> plan_absent_mount_point(const std::string& path, const LookAt& look_at, MountPlan& plan) {
    std::vector<std::string> missing;
    std::string at = path;
    for (; look_at(at) == PathKind::kAbsent; at = parent_of(at)) missing.insert(missing.begin(), at);
    if (look_at(at) != PathKind::kFolder) {
        return fail(ErrorCode::kInvalid, "{} cannot be mounted: {} is not a folder", path, at);
    }
    if (at != "/" && (parent_of(at) != "/" || is_one_of(kWorkingFolders, at))) {
        return fail(ErrorCode::kInvalid,
                    "{} cannot be mounted: the folder does not exist on this machine. Create it, or choose a mount "
                    "path such as /workspace/data",
                    path);
    }
    if (std::find(plan.stand_ins.begin(), plan.stand_ins.end(), at) == plan.stand_ins.end()) {
        plan.stand_ins.push_back(at);
    }
    for (std::string& folder : missing) {
        if (std::find(plan.new_folders.begin(), plan.new_folders.end(), folder) == plan.new_folders.end()) {
            plan.new_folders.push_back(std::move(folder));
        }
    }
    return {};
}

}  // namespace

std::optional<std::string> plain_path(std::string_view path) {
    if (path.empty() || path[0] != '/' || path.find('\0') != std::string_view::npos) return std::nullopt;
    std::string plain;
    for (const std::string& part : split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part == "..") return std::nullopt;
        plain += "/" + part;
    }
    return plain.empty() ? "/" : plain;
}

Result<MountPlan> plan_mounts(std::vector<engine::Mount> mounts, const LookAt& look_at) {
    for (engine::Mount& mount : mounts) {
        const auto path = plain_path(mount.mount_path);
        if (!path) {
            return fail(ErrorCode::kInvalid, "the mount path \"{}\" must begin with a slash and be free of \"..\"",
                        mount.mount_path);
        }
        mount.mount_path = *path;
        TRY(check_mount_path(mount.mount_path));
        if (look_at(mount.host_path) != PathKind::kFolder) {
            return fail(ErrorCode::kInvalid, "{}, which shall appear at {}, is not a folder of this machine",
                        mount.host_path, mount.mount_path);
        }
    }
    std::stable_sort(mounts.begin(), mounts.end(),
                     [](const auto& a, const auto& b) { return a.mount_path < b.mount_path; });
    MountPlan plan;
    for (engine::Mount& mount : mounts) {
        if (!plan.mounts.empty() && plan.mounts.back().mount_path == mount.mount_path) {
            return fail(ErrorCode::kInvalid, "two sources are to be mounted at {}; give one of them another mount path",
                        mount.mount_path);
        }
        if (!TRY(is_inside_mount(mount, plan.mounts, look_at))) {
            const PathKind kind = look_at(mount.mount_path);
            if (kind == PathKind::kOther) {
                return fail(ErrorCode::kInvalid, "{} cannot be mounted: there is a file of that name on this machine",
                            mount.mount_path);
            }
            if (kind == PathKind::kAbsent) TRY(plan_absent_mount_point(mount.mount_path, look_at, plan));
        }
        plan.mounts.push_back(std::move(mount));
    }
    std::sort(plan.stand_ins.begin(), plan.stand_ins.end());
    return plan;
}

}  // namespace pintle::engine_process
