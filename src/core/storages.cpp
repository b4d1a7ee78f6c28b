#include <algorithm>

#include "base/text.hpp"
#include "core/state.hpp"
#include "domain/storage_place.hpp"

namespace pintle::core {

using namespace domain;

namespace {

std::string quota_in_words(const StorageQuotas& quotas, const StorageOwner& owner) {
    const auto found = quotas.find(owner);
    if (found == quotas.end()) return "the default";
    return found->second ? bytes_in_words(*found->second) : "no limit";
}

Result<std::string> owner_in_words(const State& state, const StorageOwner& owner) {
    if (!owner.project.empty()) {
        const auto project = state.projects.find(owner.project);
        if (project == state.projects.end()) return fail(ErrorCode::kNotFound, "the project does not exist any more");
        return fmt::format("the project {}", project->second.spec.name);
    }
    const auto group = state.groups.find(owner.group);
    if (group == state.groups.end()) return fail(ErrorCode::kNotFound, "there is no such group");
    return fmt::format("the group {}", group->second.name);
}

Result<std::string> set_quota(Step& step, const input::SetStorageQuota& command) {
    State& state = step.state;
    const auto& known = state.options.storages;
    if (std::find(known.begin(), known.end(), command.owner.storage) == known.end()) {
        return fail(ErrorCode::kNotFound, "there is no storage \"{}\"",
                    to_valid_utf8(command.owner.storage.substr(0, 100)));
    }
    const std::string whose = TRY(owner_in_words(state, command.owner));
    if (command.bytes && *command.bytes < 0)
        return fail(ErrorCode::kInvalid, "a quota is 0 or more bytes, not {}", *command.bytes);
    const std::string before = quota_in_words(state.storage_quotas, command.owner);
    if (command.by_default) {
        if (state.storage_quotas.erase(command.owner) > 0)
            step.result.changes.push_back(change::StorageQuotaDeleted{command.owner});
    } else {
        state.storage_quotas.insert_or_assign(command.owner, command.bytes);
        step.result.changes.push_back(change::StorageQuotaSaved{{command.owner, command.bytes}});
    }
    step.audit("storage.quota", command.owner.storage,
               fmt::format("{}: {}, before {}", whose, quota_in_words(state.storage_quotas, command.owner), before));
    return command.owner.storage;
}

template <class Matches>
void forget_where(Step& step, const Matches& matches) {
    StorageQuotas& quotas = step.state.storage_quotas;
    for (auto it = quotas.begin(); it != quotas.end();) {
        if (!matches(it->first)) {
            ++it;
            continue;
        }
        step.result.changes.push_back(change::StorageQuotaDeleted{it->first});
        it = quotas.erase(it);
    }
}

bool is_mounted(const Source& source, const std::vector<Resource>& resources) {
    return std::any_of(resources.begin(), resources.end(), [&](const Resource& resource) {
        return resource.default_volume_mapping ||
               std::any_of(resource.volumes.begin(), resource.volumes.end(),
                           [&](const Volume& volume) { return volume.source == source.name; });
    });
}

bool lies_in(const std::string& folder, const std::string& whole) {
    return folder == whole || folder.starts_with(whole + "/");
}

}  // namespace

bool has_storage(const State& state, const std::string& storage, const GroupId& home) {
    const auto& known = state.options.storages;
    if (std::find(known.begin(), known.end(), storage) == known.end()) return false;
    const GroupId group = group_of_storage(state, storage);
    return group.empty() || group == home;
}

GroupId group_of_storage(const State& state, const std::string& storage) {
    const auto given = state.options.storage_groups.find(storage);
    if (given == state.options.storage_groups.end() || given->second.empty()) return {};
    for (const auto& [id, group] : state.groups) {
        if (id.str() == given->second || group.name == given->second) return id;
    }
    return GroupId("?");
}

// One text for what is not there and for what is another group's, so that it tells of nobody.
std::string no_storage(const State& state, const std::string& storage, const GroupId& home) {
    std::vector<std::string> known;
    for (const std::string& name : state.options.storages) {
        if (has_storage(state, name, home)) known.push_back(name);
    }
    return fmt::format("there is no storage \"{}\"", to_valid_utf8(storage)) +
           (known.empty() ? "; ask your operator to configure one" : fmt::format("; there are: {}", join(known, ", ")));
}

Result<void> check_storages(const State& state, const JobSpec& job) {
    for (const Source& source : job.sources) {
        const auto* origin = std::get_if<ClusterStorageSource>(&source.origin);
        if (origin == nullptr || has_storage(state, origin->storage, job.home) ||
            !is_mounted(source, job.task.resources))
            continue;
        return fail(ErrorCode::kInvalid, "source {}: {}", source.name, no_storage(state, origin->storage, job.home));
    }
    return {};
}

void forget_quotas(Step& step, const ProjectId& project) {
    forget_where(step, [&](const StorageOwner& owner) { return owner.project == project; });
}

void forget_quotas(Step& step, const GroupId& group) {
    forget_where(step, [&](const StorageOwner& owner) { return owner.project.empty() && owner.group == group; });
}

void on(Step& step, const input::SetStorageQuota& command, std::uint64_t ticket) {
    step.reply(ticket, set_quota(step, command));
}

void on(Step& step, const input::StorageOverQuota& seen, std::uint64_t) {
    std::set<std::string> local;
    if (!group_of_storage(step.state, seen.storage).empty()) local.insert(seen.storage);
    for (const auto& [id, job] : step.state.jobs) {
        if (is_waiting(job->state) || job->state == JobState::kStopping) continue;
        const auto folders = written_folders(job->spec, local);
        const bool writes = std::any_of(folders.begin(), folders.end(), [&](const WrittenFolder& written) {
            return written.storage == seen.storage && lies_in(written.folder, seen.folder);
        });
        if (writes) step.notice(*job, true, "StorageOverQuota", "storage", seen.message);
    }
}

}  // namespace pintle::core
