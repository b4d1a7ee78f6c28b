#include "source/storage_source.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/text.hpp"
#include "domain/name.hpp"
#include "domain/sub_path.hpp"
#include "os/file.hpp"
#include "source/beneath.hpp"

namespace pintle::source {
namespace {

const std::string& storage_name(const domain::Source& source) {
    return std::get<domain::ClusterStorageSource>(source.origin).storage;
}

// The folder that a sub path must not leave, whatever links lie in it.
std::string reach_of(const std::string& folder, const std::string& sub_path, const domain::StoragePlace& place) {
    if (domain::is_private_sub_path(sub_path)) return fmt::format("org/{}/{}", place.organisation, place.project);
    return folder == "shared" || folder.starts_with("shared/") ? "shared" : fmt::format("org/{}", place.organisation);
}

std::string below(const std::string& folder, const std::string& reach) {
    return folder.size() > reach.size() ? folder.substr(reach.size() + 1) : std::string();
}

}  // namespace

Result<Storage> StorageSources::find(const std::string& name) const {
    std::vector<std::string> names;
    for (const Storage& storage : storages_) {
        if (storage.name == name) return storage;
        names.push_back(storage.name);
    }
    const std::string known =
        names.empty() ? "this server has none" : fmt::format("this server has {}", join(names, ", "));
    return fail(ErrorCode::kNotFound,
                "there is no storage \"{}\"; {}. The administrator adds storages to the server's configuration",
                to_valid_utf8(name), known);
}

Result<std::string> StorageSources::prepare(const domain::Source& source, const ProjectPlace& project,
                                            const std::string& sub_path) const {
    const Storage storage = TRY(find(storage_name(source)));
    const domain::StoragePlace place{project.organisation, project.project, source.name, !storage.group.empty()};
    const std::string folder = TRY(domain::storage_folder(sub_path, place));
    const std::string reach = reach_of(folder, sub_path, place);
    const auto opened = [&]() -> Result<os::UniqueFd> {
        const os::UniqueFd root = TRY(open_root(storage.folder));
        const os::UniqueFd limit = TRY(make_folders_beneath(root.get(), reach));
        return make_folders_beneath(limit.get(), below(folder, reach));
    }();
    if (!opened) {
        return fail(
            opened.error().context(fmt::format("folder {} of storage {}", to_valid_utf8(folder), storage.name)));
    }
    return real_path_of(*opened);
}

Result<std::string> StorageSources::path_of(const domain::Source& source, const ProjectPlace& project) const {
    const Storage storage = TRY(find(storage_name(source)));
    return fmt::format("{}/{}", storage.folder,
                       TRY(domain::storage_folder(source.sub_path, {project.organisation, project.project, source.name,
                                                                    !storage.group.empty()})));
}

std::string StorageSources::staging_folder(const Storage& storage) { return storage.folder + "/.pintle-uploads"; }

Result<std::string> StorageSources::staging_folder_of(const domain::Source& source) const {
    return staging_folder(TRY(find(storage_name(source))));
}

Result<void> StorageSources::move_project(const ProjectPlace& from, const ProjectPlace& to) const {
    for (const std::string& name : {from.project, to.project}) {
        if (!domain::is_valid_name(name)) return fail(ErrorCode::kInvalid, "{}", domain::name_fault(name));
    }
    if (from == to) return {};
    const auto folder = [&](const Storage& storage, const ProjectPlace& place) {
        return fmt::format("{}/org/{}/{}", storage.folder, place.organisation, place.project);
    };
    for (const Storage& storage : storages_) {
        if (os::exists(folder(storage, from)) && os::exists(folder(storage, to))) {
            return fail(ErrorCode::kConflict,
                        "storage {} already has a folder of a project \"{}\" at {}; move or remove it first",
                        storage.name, to.project, folder(storage, to));
        }
    }
    for (const Storage& storage : storages_) {
        if (!os::exists(folder(storage, from))) continue;
        TRY(os::make_folders(fmt::format("{}/org/{}", storage.folder, to.organisation)));
        if (::renameat2(AT_FDCWD, folder(storage, from).c_str(), AT_FDCWD, folder(storage, to).c_str(),
                        RENAME_NOREPLACE) == 0) {
            continue;
        }
        // Some network file systems cannot rename without replacing; the check above has to do there.
        if (errno == EINVAL && ::rename(folder(storage, from).c_str(), folder(storage, to).c_str()) == 0) continue;
        if (errno != ENOENT) return fail(os::errno_error("rename", folder(storage, from), errno));
    }
    return {};
}

}  // namespace pintle::source
