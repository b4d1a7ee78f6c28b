#include "runtime/storage_room.hpp"

#include "base/text.hpp"
#include "domain/storage_place.hpp"
#include "domain/sub_path.hpp"

namespace pintle::runtime {

using namespace domain;

namespace {

std::string quota_words(const StorageLimit& limit) {
    return fmt::format("{} of {} that {} may keep on the storage {}", bytes_in_words(limit.use.size.bytes),
                       bytes_in_words(*limit.quota.bytes), limit.whose, limit.owner.storage);
}

constexpr std::string_view kWhatToDo = "remove files, or ask your operator for a larger quota";

const std::string* storage_of(const Source& source) {
    const auto* origin = std::get_if<ClusterStorageSource>(&source.origin);
    return origin == nullptr ? nullptr : &origin->storage;
}

}  // namespace

std::optional<StorageFill> StorageLimit::fill() const {
    if (!quota.bytes) return std::nullopt;
    return StorageFill{use.size.bytes, *quota.bytes};
}

const source::Storage* StorageRoom::storage_named(const std::string& name) const {
    for (const source::Storage& storage : storages_) {
        if (storage.name == name) return &storage;
    }
    return nullptr;
}

std::set<std::string> StorageRoom::local() const {
    std::set<std::string> names;
    for (const source::Storage& storage : storages_) {
        if (!storage.group.empty()) names.insert(storage.name);
    }
    return names;
}

std::vector<StorageLimit> StorageRoom::limits_at(const Place& place) const {
    const source::Storage& storage = *place.storage;
    const std::string group_folder = "org/" + place.home.str();
    std::vector<StorageLimit> limits;
    if (!place.project.empty()) {
        limits.push_back({{storage.name, place.project, {}},
                          group_folder + "/" + place.project_name,
                          "the project " + place.project_name,
                          {storage.project_quota, false},
                          {}});
    }
    // No name: who reads it may be in another group by then.
    limits.push_back({{storage.name, {}, place.home},
                      group_folder,
                      place.project.empty() ? "the group" : "its group",
                      {storage.group_quota, false},
                      {}});
    ask_([&](const core::Core& core) {
        for (StorageLimit& limit : limits)
            limit.quota = quota_in_force(core.storage_quotas(), limit.owner, limit.quota.bytes);
    });
    for (StorageLimit& limit : limits) limit.use = meter_.use_of(storage.name, limit.folder);
    return limits;
}

std::optional<source::MeasuredFolder> StorageRoom::folder_of(const Project& project, const Source& source) const {
    const std::string* name = storage_of(source);
    const source::Storage* storage = name == nullptr ? nullptr : storage_named(*name);
    if (storage == nullptr) return std::nullopt;
    const auto folder =
        storage_folder(source.sub_path, {project.home.str(), project.spec.name, source.name, !storage->group.empty()});
    if (!folder) return std::nullopt;
    return source::MeasuredFolder(storage->name, counted_folder(*folder));
}

std::vector<StorageLimit> StorageRoom::limits_of(const Project& project, const Source& source) const {
    const auto folder = folder_of(project, source);
    if (!folder || group_of_folder(folder->second).empty()) return {};
    const bool is_private = is_private_sub_path(source.sub_path);
    return limits_at(
        {storage_named(folder->first), project.home, is_private ? project.id : ProjectId(), project.spec.name});
}

Result<void> StorageRoom::check_room(const Project& project, const Source& source, std::int64_t bytes) const {
    for (const StorageLimit& limit : limits_of(project, source)) {
        const auto fill = limit.fill();
        if (!fill || bytes <= 0 || has_room_for(*fill, bytes)) continue;
        return fail(ErrorCode::kExhausted, "source {}: there is no room for {} more; {} are used; {}", source.name,
                    bytes_in_words(bytes), quota_words(limit), kWhatToDo);
    }
    return {};
}

void StorageRoom::wrote(const Project& project, const Source& source, std::int64_t bytes) {
    if (const auto folder = folder_of(project, source)) meter_.add(folder->first, folder->second, bytes);
}

Result<void> StorageRoom::check_job(const Job& job) {
    for (const WrittenFolder& written : written_folders(job.spec, local())) {
        const source::Storage* storage = storage_named(written.storage);
        if (storage == nullptr || group_of_folder(written.folder).empty()) continue;
        for (const StorageLimit& limit : limits_at(
                 {storage, job.spec.home, written.is_private ? job.project_id : ProjectId(), job.spec.project_name})) {
            const auto fill = limit.fill();
            if (!fill || !is_full(*fill)) continue;
            // Somebody may have made room already.
            for (const FolderUse& use : meter_.uses(storage->name)) {
                if (use.folder == limit.folder || use.folder.starts_with(limit.folder + "/"))
                    meter_.touch(storage->name, use.folder);
            }
            return fail(ErrorCode::kExhausted, "source {}: the storage {} is full: {} are used; {}", written.source,
                        storage->name, quota_words(limit), kWhatToDo);
        }
    }
    return {};
}

void StorageRoom::ended(const Job& job) {
    for (const WrittenFolder& written : written_folders(job.spec, local()))
        meter_.touch(written.storage, written.folder);
}

std::set<source::MeasuredFolder> StorageRoom::written() const {
    std::vector<std::shared_ptr<const Job>> jobs;
    ask_([&](const core::Core& core) { jobs = core.placed_jobs(); });
    std::set<source::MeasuredFolder> folders;
    const std::set<std::string> local_storages = local();
    for (const auto& job : jobs) {
        for (const WrittenFolder& written : written_folders(job->spec, local_storages))
            folders.emplace(written.storage, counted_folder(written.folder));
    }
    return folders;
}

std::vector<core::input::StorageOverQuota> StorageRoom::overfull(const source::MeasuredFolder& folder) const {
    const source::Storage* storage = storage_named(folder.first);
    const GroupId home(group_of_folder(folder.second));
    if (storage == nullptr || home.empty()) return {};
    Place place{storage, home, {}, name_of_folder(folder.second)};
    ask_([&](const core::Core& core) {
        if (const Project* project = core.project_at(home, place.project_name)) place.project = project->id;
    });
    std::vector<core::input::StorageOverQuota> told;
    for (const StorageLimit& limit : limits_at(place)) {
        const auto fill = limit.fill();
        if (!fill || !is_full(*fill)) continue;
        const std::string message = fmt::format(
            "the storage {} is full: {} are used. What runs goes on; no job that writes there begins until there is "
            "room: {}",
            storage->name, quota_words(limit), kWhatToDo);
        told.push_back({storage->name, limit.folder, message});
    }
    return told;
}

}  // namespace pintle::runtime
