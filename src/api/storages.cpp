#include "api/storages.hpp"

#include <algorithm>

#include "api/people.hpp"
#include "base/text.hpp"
#include "domain/storage_place.hpp"
#include "domain/storage_quota.hpp"
#include "domain/sub_path.hpp"
#include "os/file.hpp"

namespace pintle::api {
namespace {

using json::Value;
using runtime::FolderUse;
using runtime::StorageUse;

Value bytes_or_null(const std::optional<std::int64_t>& bytes) { return bytes ? Value(*bytes) : Value(); }

/// Whose a folder is, as far as the caller may know.
struct Whose {
    enum class Kind { kHidden, kProject, kGroup, kEverybody, kNobody };
    Kind kind = Kind::kHidden;
    std::string name;  ///< Of the folder.
    domain::ProjectId project;
    domain::GroupId group;
    std::string group_name;
};

std::string_view word_of(Whose::Kind kind) {
    switch (kind) {
        case Whose::Kind::kProject: return "project";
        case Whose::Kind::kGroup: return "group";
        case Whose::Kind::kEverybody: return "everybody";
        case Whose::Kind::kNobody:
        case Whose::Kind::kHidden: break;
    }
    return "nobody";
}

domain::GroupId group_of(const core::Core& core, const domain::UserId& user) {
    const auto found = core.users().find(user);
    return found == core.users().end() ? domain::GroupId() : found->second.group;
}

Whose whose(const core::Core& core, const auth::Identity& identity, const std::string& folder) {
    Whose of;
    of.name = domain::name_of_folder(folder);
    of.group = domain::GroupId(domain::group_of_folder(folder));
    if (of.group.empty()) {
        of.kind = Whose::Kind::kEverybody;
        return of;
    }
    const auto group = core.groups().find(of.group);
    const bool knows_group = may_know_group(identity, of.group);
    if (group != core.groups().end() && knows_group) of.group_name = group->second.name;
    if (const domain::Project* project = of.name.empty() ? nullptr : core.project_at(of.group, of.name)) {
        auth::Subject subject;
        subject.project = project->id;
        subject.owner = project->owner;
        subject.group = group_of(core, project->owner);
        if (!auth::may_know(identity, subject)) return of;
        of.kind = Whose::Kind::kProject;
        of.project = project->id;
        return of;
    }
    if (!knows_group) return of;
    of.kind = group == core.groups().end() ? Whose::Kind::kNobody : Whose::Kind::kGroup;
    return of;
}

Value group_value(const Whose& of) {
    return of.group_name.empty() ? Value() : named_value(of.group.str(), of.group_name);
}

void add_use(Value& value, std::int64_t bytes, std::int64_t files, bool complete, Time measured_at) {
    value.add("bytes", bytes);
    value.add("files", files);
    value.add("complete", complete);
    value.add("measured_at", time_value(measured_at));
}

void add_quota(Value& value, const domain::QuotaInForce& quota, std::int64_t used) {
    value.add("quota_bytes", bytes_or_null(quota.bytes));
    value.add("quota_own", quota.is_own);
    value.add("full", quota.bytes.has_value() && domain::is_full({used, *quota.bytes}));
}

/// What is told of one storage, gathered in one question to the core.
struct Seen {
    std::vector<std::pair<FolderUse, Whose>> folders;  ///< Without hidden ones.
    std::vector<Whose> groups;
    domain::StorageQuotas quotas;
    Value owner_group;
};

Seen see(Call& call, const source::Storage& storage) {
    Seen seen;
    std::vector<FolderUse> uses = call.services.deps.runtime.storage_meter().uses(storage.name);
    call.services.deps.runtime.ask([&](const core::Core& core) {
        seen.quotas = core.storage_quotas();
        for (FolderUse& use : uses) {
            Whose of = whose(core, call.identity, use.folder);
            if (of.kind != Whose::Kind::kHidden) seen.folders.emplace_back(std::move(use), std::move(of));
        }
        const domain::GroupId owner = core.group_of_storage(storage.name);
        for (const auto& [id, group] : core.groups()) {
            if (id == owner) seen.owner_group = named_value(id.str(), group.name);
            if (!may_know_group(call.identity, id) || (!owner.empty() && id != owner)) continue;
            seen.groups.push_back({Whose::Kind::kGroup, "", {}, id, group.name});
        }
        // Its group is not there: the name of the configuration says which it should be.
        if (!owner.empty() && seen.owner_group.is_null()) seen.owner_group = named_value("", storage.group);
    });
    return seen;
}

Value storage_base(const source::Storage& storage, const Seen& seen) {
    const auto space = os::disk_space(storage.folder);
    std::int64_t bytes = 0, files = 0;
    bool complete = true;
    Time measured_at{};
    for (const auto& [use, of] : seen.folders) {
        bytes += use.size.bytes;
        files += use.size.files;
        complete = complete && use.size.is_complete;
        measured_at = measured_at == Time{} ? use.measured_at : std::min(measured_at, use.measured_at);
    }
    Value value = Value::object({{"name", storage.name},
                                 {"folder", storage.folder},
                                 {"description", storage.description.empty() ? Value() : Value(storage.description)},
                                 {"group", seen.owner_group},
                                 {"free_bytes", space ? Value(space->free_bytes) : Value()},
                                 {"total_bytes", space ? Value(space->total_bytes) : Value()},
                                 {"project_quota_bytes", bytes_or_null(storage.project_quota)},
                                 {"group_quota_bytes", bytes_or_null(storage.group_quota)}});
    add_use(value, bytes, files, complete, measured_at);
    return value;
}

Value folder_value(const source::Storage& storage, const Seen& seen, const FolderUse& use, const Whose& of) {
    Value value =
        Value::object({{"owner", word_of(of.kind)},
                       {"name", to_valid_utf8(of.name)},
                       {"project", of.kind == Whose::Kind::kProject ? named_value(of.project.str(), of.name) : Value()},
                       {"group", group_value(of)},
                       {"folder", to_valid_utf8(use.folder)}});
    add_use(value, use.size.bytes, use.size.files, use.size.is_complete, use.measured_at);
    const bool is_project = of.kind == Whose::Kind::kProject;
    add_quota(value,
              is_project ? domain::quota_in_force(seen.quotas, {storage.name, of.project, {}}, storage.project_quota)
                         : domain::QuotaInForce(),
              use.size.bytes);
    return value;
}

}  // namespace

std::vector<source::Storage> known_storages(Call& call) {
    std::vector<source::Storage> known = call.services.deps.sources.storages();
    if (call.identity.operates()) return known;
    call.services.deps.runtime.ask([&](const core::Core& core) {
        std::erase_if(known, [&](const source::Storage& storage) {
            const domain::GroupId group = core.group_of_storage(storage.name);
            return !group.empty() && !may_know_group(call.identity, group);
        });
    });
    return known;
}

Result<source::Storage> find_known_storage(Call& call, const std::string& name) {
    for (source::Storage& storage : known_storages(call)) {
        if (storage.name == name) return std::move(storage);
    }
    return fail(ErrorCode::kNotFound, "there is no storage \"{}\"", to_valid_utf8(name.substr(0, 100)));
}

Value storage_value(Call& call, const source::Storage& storage) { return storage_base(storage, see(call, storage)); }

Value storage_full_value(Call& call, const source::Storage& storage) {
    Seen seen = see(call, storage);
    Value value = storage_base(storage, seen);
    const auto by_size = [](const auto& a, const auto& b) { return a.first.size.bytes > b.first.size.bytes; };
    std::stable_sort(seen.folders.begin(), seen.folders.end(), by_size);
    Value groups = Value::array();
    for (const Whose& group : seen.groups) {
        const StorageUse use =
            call.services.deps.runtime.storage_meter().use_of(storage.name, "org/" + group.group.str());
        Value row = Value::object({{"group", group_value(group)}});
        add_use(row, use.size.bytes, use.size.files, use.size.is_complete, use.measured_at);
        add_quota(row, domain::quota_in_force(seen.quotas, {storage.name, {}, group.group}, storage.group_quota),
                  use.size.bytes);
        groups.push(std::move(row));
    }
    Value folders = Value::array();
    for (const auto& [use, of] : seen.folders) {
        // Files right in a group's folder or in the shared one are a line only where there are any.
        if (of.name.empty() && use.size.files == 0) continue;
        folders.push(folder_value(storage, seen, use, of));
    }
    value.add("groups", std::move(groups));
    value.add("folders", std::move(folders));
    return value;
}

json::Array source_uses(Call& call) {
    runtime::Runtime& runtime = call.services.deps.runtime;
    json::Array items;
    for (const domain::Source& source : call.project->spec.sources) {
        const auto folder = runtime.storage_room().folder_of(*call.project, source);
        if (!folder || !check_storage_of(call, source)) continue;
        const StorageUse use = runtime.storage_meter().use_of(folder->first, folder->second);
        const bool is_private = domain::is_private_sub_path(source.sub_path);
        const bool is_shared = domain::group_of_folder(folder->second).empty();
        Value item = Value::object({{"source", source.name},
                                    {"storage", folder->first},
                                    {"owner", is_private ? "project" : is_shared ? "everybody" : "group"},
                                    {"name", to_valid_utf8(domain::name_of_folder(folder->second))}});
        add_use(item, use.size.bytes, use.size.files, use.size.is_complete, use.measured_at);
        Value limits = Value::array();
        for (const runtime::StorageLimit& limit : runtime.storage_room().limits_of(*call.project, source)) {
            Value row = Value::object({{"of", limit.owner.project.empty() ? "group" : "project"}});
            add_use(row, limit.use.size.bytes, limit.use.size.files, limit.use.size.is_complete, limit.use.measured_at);
            add_quota(row, limit.quota, limit.use.size.bytes);
            limits.push(std::move(row));
        }
        item.add("limits", std::move(limits));
        items.push_back(std::move(item));
    }
    return items;
}

Result<void> check_storage_of(const Call& call, const domain::Source& source) {
    const auto* origin = std::get_if<domain::ClusterStorageSource>(&source.origin);
    if (origin == nullptr) return {};
    bool is_there = false;
    call.services.deps.runtime.ask(
        [&](const core::Core& core) { is_there = core.has_storage(origin->storage, call.project->home); });
    if (is_there) return {};
    return fail(ErrorCode::kNotFound, "there is no storage \"{}\" for the source {}; use another one",
                to_valid_utf8(origin->storage.substr(0, 100)), source.name);
}

}  // namespace pintle::api
