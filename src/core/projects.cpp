#include <algorithm>
#include <iterator>

#include "core/state.hpp"

#include "base/text.hpp"
#include "domain/name.hpp"
#include "domain/sub_path.hpp"

namespace pintle::core {

using namespace domain;

std::optional<Result<std::string>> replay_key(const State& state, const std::string& key,
                                              const std::string& fingerprint) {
    if (key.empty()) return std::nullopt;
    const auto used = state.keys.find(key);
    if (used == state.keys.end()) return std::nullopt;
    if (used->second.fingerprint != fingerprint) {
        return fail(ErrorCode::kConflict,
                    "this Idempotency-Key was used for another request; use a new key for a new request");
    }
    return used->second.result;
}

void remember_key(Step& step, const std::string& key, const std::string& fingerprint, const std::string& result) {
    if (key.empty()) return;
    State& state = step.state;
    const change::KeyUsed used{key, fingerprint, result, step.now};
    state.keys.insert_or_assign(key, used);
    state.key_order.push_back(key);
    while (!state.key_order.empty()) {
        const auto oldest = state.keys.find(state.key_order.front());
        const bool expired = oldest == state.keys.end() || oldest->second.at + state.options.keys_kept < step.now;
        if (!expired && state.key_order.size() <= state.options.keys_max) break;
        if (oldest != state.keys.end()) state.keys.erase(oldest);
        state.key_order.pop_front();
    }
    step.result.changes.push_back(used);
}

void add_chore(Step& step, Chore chore) {
    step.state.chores.insert_or_assign(chore.id, chore);
    step.result.changes.push_back(change::ChoreAdded{chore});
    step.result.effects.push_back(effect::DoChore{std::move(chore)});
}

namespace {

// "/B" is the folder of the group named B, which for a project named B is its private one.
std::optional<std::string> private_folder_of_another(const State& state, const GroupId& home, const ProjectId& self,
                                                     const std::string& sub_path) {
    if (!sub_path.starts_with('/') || is_private_sub_path(sub_path)) return std::nullopt;
    const std::string first = sub_path.substr(1, sub_path.find('/', 1) - 1);
    const auto found = state.project_ids.find({home, first});
    return found == state.project_ids.end() || found->second == self ? std::nullopt : std::optional(first);
}

// What is wrong with it in this cluster and beside these projects.
std::vector<Fault> faults_here(const State& state, const ProjectSpec& spec, const GroupId& home,
                               const ProjectId& self) {
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < spec.sources.size(); ++i) {
        const auto* storage = std::get_if<ClusterStorageSource>(&spec.sources[i].origin);
        if (storage == nullptr) continue;
        if (const auto other = private_folder_of_another(state, home, self, spec.sources[i].sub_path)) {
            faults.push_back(
                {fmt::format("sources[{}].sub_path", i),
                 fmt::format("/{} is the private folder of the project {}; use another one", *other, *other), 0, 0});
        }
        if (storage->storage.empty()) continue;
        if (has_storage(state, storage->storage, home)) continue;
        faults.push_back(
            {fmt::format("sources[{}].cluster_storage", i), no_storage(state, storage->storage, home), 0, 0});
    }
    return faults;
}

Result<void> check_spec(const State& state, const ProjectSpec& spec, const GroupId& home, const ProjectId& self) {
    std::vector<Fault> faults = validate(spec);
    std::vector<Fault> more = faults_here(state, spec, home, self);
    faults.insert(faults.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    if (faults.empty()) return {};
    std::string message =
        faults.size() == 1 ? "the project has a fault" : fmt::format("the project has {} faults", faults.size());
    return fail(Error{ErrorCode::kInvalid, std::move(message), std::move(faults), {}});
}

Result<void> check_name_free(const State& state, const GroupId& home, const std::string& name, const ProjectId& self) {
    const auto taken = state.project_ids.find({home, name});
    if (taken == state.project_ids.end() || taken->second == self) return {};
    return fail(ErrorCode::kConflict, "there is already a project named \"{}\"; choose another name", name);
}

// A folder that is still to be moved or removed must not be filled by another project of that name meanwhile.
Result<void> check_no_chore(const State& state, const GroupId& home, const std::string& name) {
    for (const auto& [id, chore] : state.chores) {
        const auto* removed = std::get_if<chore::RemoveProjectData>(&chore.work);
        const auto* moved = std::get_if<chore::MoveProjectData>(&chore.work);
        const bool is_removed = removed != nullptr && removed->home == home && removed->spec.name == name;
        const bool is_moved = moved != nullptr && ((moved->from_home == home && moved->from == name) ||
                                                   (moved->to_home == home && moved->to == name));
        if (is_removed || is_moved) {
            return fail(ErrorCode::kConflict,
                        "the data of a project named \"{}\" is still being moved or removed; try again in a moment",
                        name);
        }
    }
    return {};
}

Result<void> check_new_name(const State& state, const GroupId& home, const std::string& name, const ProjectId& self) {
    TRY(check_name_free(state, home, name, self));
    return check_no_chore(state, home, name);
}

Result<void> check_rename(const State& state, const Project& project, const std::string& name) {
    if (name == project.spec.name) return {};
    TRY(check_new_name(state, project.home, name, project.id));
    TRY(check_no_chore(state, project.home, project.spec.name));
    const LiveCounts live = live_counts(state, project.id);
    if (live.tasks > 0) {
        return fail(ErrorCode::kConflict,
                    "{} of the project have not ended; a project is renamed when nothing of it runs",
                    count_of(live.tasks, "job"));
    }
    if (live.components > 0) {
        return fail(ErrorCode::kConflict,
                    "{} of the project {}; disable {} first, a project is renamed when nothing of it runs",
                    count_of(live.components, "component"), live.components == 1 ? "runs" : "run",
                    live.components == 1 ? "it" : "them");
    }
    return {};
}

Result<std::string> create(Step& step, const input::CreateProject& command) {
    State& state = step.state;
    if (state.projects.size() >= state.options.projects_max)
        return fail(ErrorCode::kExhausted, "there are {} projects already, the most this server keeps",
                    state.projects.size());
    const GroupId home = group_of(state, command.owner);
    TRY(check_spec(state, command.spec, home, command.id));
    TRY(check_new_name(state, home, command.spec.name, command.id));
    Project project{command.id, command.owner, home, command.spec, command.text, 1, 1, step.now, step.now};
    state.project_ids.emplace(std::pair(home, project.spec.name), project.id);
    step.audit("project.create", project.spec.name);
    state.projects.insert_or_assign(project.id, project);
    step.result.changes.push_back(change::ProjectSaved{project});
    follow_components(step, project, {});
    return command.id.str();
}

Result<std::string> replace(Step& step, const input::ReplaceProject& command) {
    State& state = step.state;
    const auto found = state.projects.find(command.id);
    if (found == state.projects.end()) return fail(ErrorCode::kNotFound, "the project does not exist any more");
    Project& project = found->second;
    TRY(check_stays(project));
    if (command.expected_revision && *command.expected_revision != project.revision) {
        return fail(
            ErrorCode::kConflict,
            "the project was changed by somebody else meanwhile (it is at revision {}, you edited {}); read it again",
            project.revision, *command.expected_revision);
    }
    TRY(check_spec(state, command.spec, project.home, command.id));
    const std::string old_name = project.spec.name;
    TRY(check_rename(state, project, command.spec.name));
    if (command.spec.name != old_name) {
        state.project_ids.erase({project.home, old_name});
        state.project_ids.emplace(std::pair(project.home, command.spec.name), command.id);
        add_chore(step, {fmt::format("move-project-{}-{}", command.id.str(), project.revision),
                         chore::MoveProjectData{old_name, command.spec.name, project.home, project.home}});
    }
    const std::vector<Component> components = std::move(project.spec.components);
    project.spec = command.spec;
    project.text = command.text;
    step.audit("project.edit", command.spec.name,
               command.spec.name == old_name ? "" : fmt::format("renamed from {}", old_name));
    project.revision += 1;
    project.updated_at = step.now;
    step.result.changes.push_back(change::ProjectSaved{project});
    follow_components(step, project, components);
    return command.id.str();
}

Result<void> check_removable(const State& state, const ProjectId& id) {
    if (state.projects.count(id) == 0) return fail(ErrorCode::kNotFound, "the project does not exist");
    const int live = live_counts(state, id).tasks;
    if (live == 0) return {};
    return fail(ErrorCode::kConflict, "{} of the project have not ended; stop them first", count_of(live, "job"));
}

// Nothing of it runs any more.
void remove(Step& step, const ProjectId& id) {
    State& state = step.state;
    const auto found = state.projects.find(id);
    forget_components(state, id);
    forget_quotas(step, id);
    step.result.changes.push_back(change::ProjectDeleted{id});
    add_chore(step,
              {"remove-project-" + id.str(), chore::RemoveProjectData{id, found->second.spec, found->second.home}});
    std::erase_if(state.project_ids, [&](const auto& entry) { return entry.second == id; });
    std::erase_if(state.run_times, [&](const auto& entry) { return entry.first.first == id; });
    std::erase_if(state.keys, [&](const auto& entry) { return entry.first.starts_with(id.str() + "/"); });
    state.projects.erase(found);
}

Result<std::string> transfer(Step& step, const input::TransferProject& command) {
    State& state = step.state;
    const auto found = state.projects.find(command.id);
    if (found == state.projects.end()) return fail(ErrorCode::kNotFound, "the project does not exist any more");
    const auto to = state.users.find(command.to);
    if (to == state.users.end() || to->second.status == UserStatus::kOffboarded)
        return fail(ErrorCode::kNotFound, "there is no such user to give the project to");
    Project& project = found->second;
    TRY(check_stays(project));
    const GroupId group = to->second.group;
    if (!check_name_free(state, group, project.spec.name, project.id)) {
        return fail(ErrorCode::kConflict,
                    "the group {} has a project named \"{}\" already; rename one of the two first",
                    state.groups.at(group).name, project.spec.name);
    }
    TRY(check_no_chore(state, group, project.spec.name));
    TRY(check_project_data_at_rest(state, project));
    project.owner = command.to;
    project.updated_at = step.now;
    state.project_ids.emplace(std::pair(group, project.spec.name), project.id);
    step.result.changes.push_back(change::ProjectSaved{project});
    step.audit("project.transfer", project.spec.name, fmt::format("to {}", to->second.name));
    // They may have waited for an owner who is here.
    mark_components(state, project.id);
    rehome(step, project.id);
    return project.id.str();
}

}  // namespace

std::vector<Fault> project_faults(const State& state, const ProjectSpec& spec, const UserId& owner,
                                  const std::optional<ProjectId>& existing) {
    const auto found = existing ? state.projects.find(*existing) : state.projects.end();
    const Project* project = found == state.projects.end() ? nullptr : &found->second;
    const GroupId home = project == nullptr ? group_of(state, owner) : project->home;
    const ProjectId self = project == nullptr ? ProjectId() : project->id;
    std::vector<Fault> faults = faults_here(state, spec, home, self);
    const Result<void> name =
        project == nullptr ? check_new_name(state, home, spec.name, self) : check_rename(state, *project, spec.name);
    if (!name) faults.push_back({"name", name.error().message, 0, 0});
    return faults;
}

LiveCounts live_counts(const State& state, const ProjectId& project) {
    LiveCounts counts;
    const auto live = state.live_jobs_of.find(project);
    if (live == state.live_jobs_of.end()) return counts;
    for (const JobId& id : live->second)
        ++(state.jobs.at(id)->kind == JobKind::kComponent ? counts.components : counts.tasks);
    return counts;
}

void finish_removals(Step& step) {
    State& state = step.state;
    for (auto pending = state.removals.begin(); pending != state.removals.end();) {
        if (state.live_jobs_of.count(pending->first) > 0) {
            ++pending;
            continue;
        }
        const auto done = *pending;
        pending = state.removals.erase(pending);
        remove(step, done.first);
        for (const std::uint64_t ticket : done.second) step.reply(ticket, done.first.str());
    }
}

void rehome(Step& step, const ProjectId& id) {
    State& state = step.state;
    const auto found = state.projects.find(id);
    if (found == state.projects.end()) return;
    if (state.live_jobs_of.count(id) > 0) {
        // Components that run for the owner before, or in the group before, must let the data go.
        mark_components(state, id);
        return;
    }
    Project& project = found->second;
    const GroupId home = group_of(state, project.owner);
    // Names of homes that it only passed through are free again.
    std::erase_if(state.project_ids,
                  [&](const auto& entry) { return entry.second == id && entry.first.first != home; });
    if (project.home == home) return;
    add_chore(step, {fmt::format("rehome-project-{}-{}", id.str(), to_ms(step.now)),
                     chore::MoveProjectData{project.spec.name, project.spec.name, project.home, home}});
    project.home = home;
    step.result.changes.push_back(change::ProjectSaved{project});
}

Result<void> check_project_data_at_rest(const State& state, const Project& project) {
    return check_no_chore(state, project.home, project.spec.name);
}

Result<void> check_project_names(const State& state, const UserId& user, const GroupId& group) {
    std::vector<std::string> taken;
    for (const auto& [id, project] : state.projects) {
        if (project.owner != user) continue;
        if (!check_name_free(state, group, project.spec.name, id)) taken.push_back(project.spec.name);
        TRY(check_no_chore(state, group, project.spec.name));
        // Two moves at a time could leave the data where the first one brings it.
        TRY(check_project_data_at_rest(state, project));
    }
    if (taken.empty()) return {};
    return fail(ErrorCode::kConflict,
                "the group {} has projects of the same names already: {}; rename one of each pair first",
                state.groups.at(group).name, join(taken, ", "));
}

void on(Step& step, const input::CreateProject& command, std::uint64_t ticket) {
    if (auto before = replay_key(step.state, command.key, command.fingerprint))
        return step.reply(ticket, std::move(*before));
    Result<std::string> made = create(step, command);
    if (made) remember_key(step, command.key, command.fingerprint, *made);
    step.reply(ticket, std::move(made));
}

void on(Step& step, const input::ReplaceProject& command, std::uint64_t ticket) {
    step.reply(ticket, replace(step, command));
}
void on(Step& step, const input::TransferProject& command, std::uint64_t ticket) {
    step.reply(ticket, transfer(step, command));
}

// What runs of it are at most components: these end first, and then whoever asked is told. That it is to go is on disk
// before, so that a server that is killed meanwhile does not forget it. Who asks again waits for the same.
void on(Step& step, const input::DeleteProject& command, std::uint64_t ticket) {
    State& state = step.state;
    if (auto fine = check_removable(state, command.id); !fine) return step.reply(ticket, fail(std::move(fine).error()));
    Project& project = state.projects.at(command.id);
    if (project.deleting_at == Time{}) step.audit("project.delete", project.spec.name);
    if (live_counts(state, command.id).components == 0 && state.removals.count(command.id) == 0) {
        remove(step, command.id);
        return step.reply(ticket, command.id.str());
    }
    state.removals[command.id].push_back(ticket);
    if (project.deleting_at != Time{}) return;
    project.deleting_at = step.now;
    step.result.changes.push_back(change::ProjectSaved{project});
    mark_components(state, command.id);
}

}  // namespace pintle::core
