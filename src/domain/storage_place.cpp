#include "domain/storage_place.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "domain/project.hpp"
#include "domain/sub_path.hpp"

namespace pintle::domain {
namespace {

// The first parts of a path; fewer where it has no more.
std::string first_parts(const std::string& path, int parts) {
    std::size_t end = 0;
    for (int i = 0; i < parts && end != std::string::npos; ++i) end = path.find('/', i == 0 ? 0 : end + 1);
    return path.substr(0, end);
}

}  // namespace

std::string counted_folder(const std::string& folder) {
    return first_parts(folder, folder.starts_with("shared") ? 2 : 3);
}

std::string group_of_folder(const std::string& folder) {
    if (!folder.starts_with("org/")) return {};
    return folder.substr(4, folder.find('/', 4) - 4);
}

std::string name_of_folder(const std::string& folder) {
    const std::string counted = counted_folder(folder);
    const auto depth = std::count(counted.begin(), counted.end(), '/');
    if (depth != (counted.starts_with("org/") ? 2 : 1)) return {};
    return counted.substr(counted.rfind('/') + 1);
}

std::vector<WrittenFolder> written_folders(const JobSpec& job, const std::set<std::string>& local) {
    ProjectSpec project;
    project.name = job.project_name;
    project.default_mount_path = job.default_mount_path;
    project.sources = job.sources;
    std::vector<WrittenFolder> written;
    for (const Resource& resource : job.task.resources) {
        const auto volumes = resolve_volumes(project, resource);
        if (!volumes) continue;
        for (const ResolvedVolume& volume : *volumes) {
            const auto* origin = std::get_if<ClusterStorageSource>(&project.find_source(volume.source)->origin);
            if (origin == nullptr || volume.read_only) continue;
            const bool is_local = local.count(origin->storage) > 0;
            auto folder = storage_folder(volume.sub_path, {job.home.str(), job.project_name, volume.source, is_local});
            if (!folder) continue;
            WrittenFolder found{volume.source, origin->storage, std::move(*folder),
                                is_private_sub_path(volume.sub_path)};
            if (std::find(written.begin(), written.end(), found) == written.end()) written.push_back(std::move(found));
        }
    }
    return written;
}

}  // namespace pintle::domain
