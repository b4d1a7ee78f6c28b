#include <algorithm>

#include "base/check.hpp"
#include "base/text.hpp"
#include "core/state.hpp"

namespace pintle::core {

using namespace domain;
using Wanted = ComponentRecord::Wanted;

namespace {

void save(Step& step, ComponentRecord record) {
    const ComponentKey key{record.project, record.name};
    step.result.changes.push_back(change::ComponentSaved{record});
    step.state.components.insert_or_assign(key, std::move(record));
    step.state.changed_components.insert(key);
}

ComponentRecord record_of(const State& state, const ComponentKey& key) {
    const auto found = state.components.find(key);
    if (found != state.components.end()) return found->second;
    ComponentRecord fresh;
    fresh.project = key.first;
    fresh.name = key.second;
    return fresh;
}

// As it would be started now.
Component component_now(const Component& component, const ComponentRecord& record) {
    Component now = component;
    if (record.gpus) now.resource.gpus = *record.gpus;
    return now;
}

// The core makes no random numbers; this is another for every start of every component.
JobId job_id(const Project& project, const std::string& name, Time now) {
    const auto hash = [&](std::uint64_t seed) {
        std::uint64_t value = 14695981039346656037ULL ^ seed;  // FNV-1a
        for (const char c : fmt::format("{}/{}/{}", project.id.str(), name, project.component_starts)) {
            value = (value ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
        }
        return value;
    };
    return JobId(make_ulid(now, hash(1), hash(2)));
}

bool owner_is_here(const State& state, const Project& project) {
    const auto owner = state.users.find(project.owner);
    return owner == state.users.end() || owner->second.status != UserStatus::kOffboarded;
}

// Why it must not run, in words for those who look at what was stopped; nothing when it is to run.
std::optional<std::string> why_not_running(const State& state, const ComponentRecord& record) {
    const auto found = state.projects.find(record.project);
    if (found == state.projects.end()) return "the project is gone";
    const Project& project = found->second;
    if (project.deleting_at != Time{}) return "the project is being deleted";
    if (!project.spec.find_component(record.name)) return "the project has it no more";
    if (project.disabled_at != Time{}) return "the project was disabled";
    const std::string by = record.by.empty() ? "" : fmt::format(" by {}", record.by);
    if (record.wanted == Wanted::kDisabled) return "disabled" + by;
    if (record.wanted == Wanted::kPaused) return record.by.empty() ? "paused because it was idle" : "paused" + by;
    if (!owner_is_here(state, project)) return "its owner is off-boarded";
    if (project.home != group_of(state, project.owner)) return "the project's data goes where its owner is";
    return std::nullopt;
}

void failed(ComponentRecord& record, std::string reason, Time now) {
    record.failures += 1;
    record.last_end = std::move(reason);
    record.next_start = now + component_backoff(record.failures);
}

void start(Step& step, ComponentRecord record) {
    State& state = step.state;
    Project& project = state.projects.at(record.project);
    const Component component = component_now(*project.spec.find_component(record.name), record);
    const JobId id = job_id(project, record.name, step.now);
    Result<event::Submitted> submitted = submission_of(state, project, component, id, step.now);
    if (!submitted) {
        failed(record, submitted.error().message, step.now);
        state.component_starts.emplace(record.next_start, ComponentKey{record.project, record.name});
    } else {
        project.component_starts += 1;
        step.result.changes.push_back(change::ProjectSaved{project});
        take_in(step, std::move(*submitted));
        record.job = id;
    }
    save(step, std::move(record));
}

void drop_oldest_job(Step& step, ComponentRecord& record) {
    const JobId id = record.ended.front();
    record.ended.erase(record.ended.begin());
    step.result.changes.push_back(change::JobDeleted{id});
    add_chore(step, {"remove-job-" + id.str(), chore::RemoveJobData{record.project, id}});
}

std::string end_in_words(const Job& job) {
    return job.reason.empty() ? fmt::format("{} ended with exit code 0", job.spec.task.name) : job.reason;
}

// What ends by itself is started again; the longer it keeps ending, the later. It holds nothing meanwhile.
void note_end(Step& step, const Job& job) {
    State& state = step.state;
    const ComponentKey key{job.project_id, job.spec.task.name};
    const auto found = state.components.find(key);
    if (found == state.components.end() || found->second.job != job.id) return;
    ComponentRecord record = found->second;
    record.job = JobId();
    record.ended.push_back(job.id);
    if (record.ended.size() > kComponentJobsKept) drop_oldest_job(step, record);
    state.component_uses.erase(job.id);
    if (job.state == JobState::kStopped) {
        record.failures = 0;
        record.last_end.clear();
        record.next_start = step.now;
    } else {
        const bool steady = job.running_at != Time{} && job.ended_at - job.running_at >= kComponentSteady;
        if (steady) record.failures = 0;
        failed(record, end_in_words(job), step.now);
        step.notice(job, true, "BackOff", "components",
                    fmt::format("{} ended by itself: {}. It is started again in {}.", record.name, record.last_end,
                                to_words(component_backoff(record.failures))));
    }
    save(step, std::move(record));
}

void forget(Step& step, const ComponentRecord& record) {
    for (const JobId& id : record.ended) {
        step.last_changes.push_back(change::JobDeleted{id});
        add_chore(step, {"remove-job-" + id.str(), chore::RemoveJobData{record.project, id}});
    }
    step.result.changes.push_back(change::ComponentDeleted{record.project, record.name});
    step.state.components.erase({record.project, record.name});
}

// Level-triggered: calling it twice does nothing the second time.
void settle(Step& step, const ComponentKey& key) {
    State& state = step.state;
    const auto found = state.components.find(key);
    if (found == state.components.end()) return;
    const ComponentRecord record = found->second;
    const std::optional<std::string> refusal = why_not_running(state, record);
    if (!record.job.empty()) {
        const std::shared_ptr<const Job> job = state.jobs.at(record.job);
        const Project* project = state.projects.count(key.first) > 0 ? &state.projects.at(key.first) : nullptr;
        const bool of_another = project != nullptr && job->owner != project->owner;
        if (refusal || of_another)
            begin_end(step, record.job, JobState::kStopped, refusal.value_or("the project has another owner"),
                      record.by);
        return;
    }
    if (refusal) {
        const auto project = state.projects.find(key.first);
        if (project != state.projects.end() && !project->second.spec.find_component(key.second)) forget(step, record);
        return;
    }
    if (record.next_start > step.now) {
        state.component_starts.emplace(record.next_start, key);
    } else if (check_project_data_at_rest(state, state.projects.at(key.first))) {
        start(step, record);
    }
}

}  // namespace

void look_after_components(Step& step) {
    State& state = step.state;
    while (!state.component_starts.empty() && state.component_starts.begin()->first <= step.now) {
        state.changed_components.insert(state.component_starts.begin()->second);
        state.component_starts.erase(state.component_starts.begin());
    }
    while (true) {
        // All of them each time: what settling ends may have been looked at before, when it was still alive.
        for (std::size_t i = 0; i < step.touched.size(); ++i) {
            const std::shared_ptr<const Job> job = state.jobs.at(step.touched[i]);
            if (job->kind == JobKind::kComponent && is_final(job->state)) note_end(step, *job);
        }
        if (state.changed_components.empty()) return;
        const ComponentKey key = *state.changed_components.begin();
        state.changed_components.erase(state.changed_components.begin());
        settle(step, key);
    }
}

void mark_components(State& state, const ProjectId& project) {
    for (auto at = state.components.lower_bound({project, ""});
         at != state.components.end() && at->first.first == project; ++at) {
        state.changed_components.insert(at->first);
    }
}

namespace {

// Another number of GPUs in the document goes before what somebody had chosen.
void follow_gpus(Step& step, const ProjectId& project, const Component& component,
                 const std::vector<Component>& before) {
    const auto known = step.state.components.find({project, component.name});
    if (known == step.state.components.end() || !known->second.gpus) return;
    const auto old = std::find_if(before.begin(), before.end(),
                                  [&](const Component& other) { return other.name == component.name; });
    if ((old == before.end() ? 0 : old->resource.gpus) == component.resource.gpus) return;
    ComponentRecord record = known->second;
    record.gpus.reset();
    save(step, std::move(record));
}

}  // namespace

void follow_components(Step& step, const Project& project, const std::vector<Component>& before) {
    const auto was_enabled = [&](const std::string& name) {
        return std::any_of(before.begin(), before.end(),
                           [&](const Component& component) { return component.name == name && component.enabled; });
    };
    for (const Component& component : project.spec.components) {
        follow_gpus(step, project.id, component, before);
        // What the document says is a decision only where it says something new.
        if (component.enabled == was_enabled(component.name)) continue;
        ComponentRecord record = record_of(step.state, {project.id, component.name});
        record.wanted = component.enabled ? Wanted::kEnabled : Wanted::kDisabled;
        record.by.clear();
        record.since = step.now;
        save(step, std::move(record));
    }
    mark_components(step.state, project.id);
}

void disable_component_of(Step& step, const Job& job) {
    ComponentRecord record = record_of(step.state, {job.project_id, job.spec.task.name});
    if (record.job != job.id) return;
    record.wanted = Wanted::kDisabled;
    record.by = step.actor.name;
    record.since = step.now;
    save(step, std::move(record));
}

void forget_components(State& state, const ProjectId& project) {
    std::erase_if(state.components, [&](const auto& entry) { return entry.first.first == project; });
}

void load_components(State& state, std::vector<ComponentRecord> records) {
    for (ComponentRecord& record : records) {
        ComponentKey key{record.project, record.name};
        state.changed_components.insert(key);
        state.components.emplace(std::move(key), std::move(record));
    }
}

std::optional<Time> next_component_start(const State& state, Time now) {
    if (!state.changed_components.empty()) return now;
    return state.component_starts.empty() ? std::nullopt : std::optional(state.component_starts.begin()->first);
}

std::optional<std::string> component_fault(const State& state) {
    std::size_t known = 0;
    for (const auto& [key, record] : state.components) {
        if (record.job.empty()) continue;
        const auto job = state.jobs.find(record.job);
        if (job == state.jobs.end()) return fmt::format("the component {} has a job that is over", key.second);
        if (job->second->kind != JobKind::kComponent || job->second->project_id != key.first ||
            job->second->spec.task.name != key.second) {
            return fmt::format("the component {} has the job of something else", key.second);
        }
        ++known;
    }
    std::size_t live = 0;
    for (const auto& [id, job] : state.jobs) live += job->kind == JobKind::kComponent ? 1 : 0;
    return live == known ? std::nullopt : std::optional<std::string>("a component runs twice, or for nobody");
}

std::vector<ComponentView> components_of(const State& state, const ProjectId& id) {
    std::vector<ComponentView> views;
    const auto project = state.projects.find(id);
    if (project == state.projects.end()) return views;
    for (const Component& component : all_components(project->second.spec.components)) {
        ComponentView view;
        view.record = record_of(state, {id, component.name});
        view.component = component_now(component, view.record);
        view.project_disabled = project->second.disabled_at != Time{};
        if (!view.record.job.empty()) {
            view.job = state.jobs.at(view.record.job);
            const auto use = state.component_uses.find(view.record.job);
            if (use != state.component_uses.end()) view.use = use->second;
            view.is_outdated = view.job->spec.task.resources.front() != view.component.resource ||
                               view.job->spec.sources != project->second.spec.sources;
        }
        views.push_back(std::move(view));
    }
    return views;
}

namespace {

struct Found {
    ComponentRecord record;
    std::string subject;  ///< "digits/jupyter"
};

Result<Found> find_component(const State& state, const ProjectId& id, const std::string& name) {
    const auto project = state.projects.find(id);
    if (project == state.projects.end()) return fail(ErrorCode::kNotFound, "the project does not exist any more");
    const ProjectSpec& spec = project->second.spec;
    if (!spec.find_component(name)) {
        std::vector<std::string> names;
        for (const Component& component : all_components(spec.components)) names.push_back(component.name);
        const auto near = nearest(name, names);
        return fail(
            ErrorCode::kNotFound, "the project {} has no component \"{}\"{}", spec.name, to_valid_utf8(name),
            near ? fmt::format("; did you mean \"{}\"?", *near) : fmt::format("; it has: {}", join(names, ", ")));
    }
    TRY(check_stays(project->second));
    return Found{record_of(state, {id, name}), fmt::format("{}/{}", spec.name, name)};
}

void decide(Step& step, ComponentRecord record, Wanted wanted) {
    record.wanted = wanted;
    record.by = step.actor.name;
    record.since = step.now;
    save(step, std::move(record));
}

// It is tried now, however often it failed before.
void try_now(ComponentRecord& record, Time now) {
    record.failures = 0;
    record.last_end.clear();
    record.next_start = now;
}

Result<std::string> enable(Step& step, const input::EnableComponent& command) {
    constexpr int kGpusMost = 1000;
    State& state = step.state;
    auto [record, subject] = TRY(find_component(state, command.project, command.name));
    const Project& project = state.projects.at(command.project);
    TRY(check_enabled(project));
    if (command.gpus && (*command.gpus < 0 || *command.gpus > kGpusMost)) {
        return fail(ErrorCode::kInvalid, "expected from 0 to {} GPUs, got {}", kGpusMost, *command.gpus);
    }
    const Component before = component_now(*project.spec.find_component(command.name), record);
    if (command.gpus) record.gpus = command.gpus;
    const Component component = component_now(before, record);
    if (record.job.empty() || component != before) {
        // Whether it could run at all, before anything changes.
        static_cast<void>(
            TRY(submission_of(state, project, component, job_id(project, command.name, step.now), step.now)));
    }
    if (!record.job.empty() && component != before) {
        begin_end(step, record.job, JobState::kStopped,
                  fmt::format("started again with {}", count_of(component.resource.gpus, "GPU")), step.actor.name);
    }
    step.audit("component.enable", subject, command.gpus ? fmt::format("with {}", count_of(*command.gpus, "GPU")) : "");
    if (record.job.empty()) try_now(record, step.now);
    decide(step, std::move(record), Wanted::kEnabled);
    return command.project.str();
}

Result<std::string> disable(Step& step, const input::DisableComponent& command) {
    auto [record, subject] = TRY(find_component(step.state, command.project, command.name));
    // Asking twice is not an error.
    if (record.wanted == Wanted::kDisabled) return command.project.str();
    step.audit("component.disable", subject);
    if (record.job.empty()) try_now(record, step.now);
    decide(step, std::move(record), Wanted::kDisabled);
    return command.project.str();
}

Result<std::string> restart(Step& step, const input::RestartComponent& command) {
    auto [record, subject] = TRY(find_component(step.state, command.project, command.name));
    TRY(check_enabled(step.state.projects.at(command.project)));
    if (record.wanted == Wanted::kDisabled)
        return fail(ErrorCode::kConflict, "{} is disabled; enable it to start it", subject);
    step.audit("component.restart", subject);
    if (!record.job.empty())
        begin_end(step, record.job, JobState::kStopped, fmt::format("restarted by {}", step.actor.name),
                  step.actor.name);
    if (record.job.empty()) try_now(record, step.now);
    decide(step, std::move(record), Wanted::kEnabled);
    return command.project.str();
}

Result<std::string> pause(Step& step, const input::PauseComponent& command) {
    auto [record, subject] = TRY(find_component(step.state, command.project, command.name));
    if (record.wanted == Wanted::kPaused) return command.project.str();
    if (record.wanted == Wanted::kDisabled) return fail(ErrorCode::kConflict, "{} is disabled", subject);
    step.audit("component.pause", subject);
    decide(step, std::move(record), Wanted::kPaused);
    return command.project.str();
}

Result<std::string> resume(Step& step, const input::ResumeComponent& command) {
    auto [record, subject] = TRY(find_component(step.state, command.project, command.name));
    if (record.wanted != Wanted::kPaused) return command.project.str();
    step.audit("component.resume", subject);
    decide(step, std::move(record), Wanted::kEnabled);
    return command.project.str();
}

}  // namespace

void on(Step& step, const input::EnableComponent& command, std::uint64_t ticket) {
    step.reply(ticket, enable(step, command));
}
void on(Step& step, const input::DisableComponent& command, std::uint64_t ticket) {
    step.reply(ticket, disable(step, command));
}
void on(Step& step, const input::RestartComponent& command, std::uint64_t ticket) {
    step.reply(ticket, restart(step, command));
}
void on(Step& step, const input::PauseComponent& command, std::uint64_t ticket) {
    step.reply(ticket, pause(step, command));
}
void on(Step& step, const input::ResumeComponent& command, std::uint64_t ticket) {
    step.reply(ticket, resume(step, command));
}

void on(Step& step, const input::ComponentActivity& seen, std::uint64_t) {
    State& state = step.state;
    const auto job = state.jobs.find(seen.job);
    if (job == state.jobs.end() || job->second->kind != JobKind::kComponent || is_waiting(job->second->state)) return;
    const auto project = state.projects.find(job->second->project_id);
    const auto found = state.components.find({job->second->project_id, job->second->spec.task.name});
    if (project == state.projects.end() || found == state.components.end() || found->second.job != seen.job) return;
    // What starts is in use until somebody has had the time to open it.
    ComponentUse use{std::max(seen.last_activity, job->second->running_at), seen.busy, step.now, Time{}};
    const std::optional<Component> component = project->second.spec.find_component(found->second.name);
    const auto before = state.component_uses.find(seen.job);
    if (before != state.component_uses.end()) use.last_work = before->second.last_work;
    // Nobody knows what it did before it was measured for the first time since the server started: it gets its time
    // anew.
    if (seen.load && component && (works(*component, *seen.load) || use.last_work == Time{})) use.last_work = step.now;
    state.component_uses.insert_or_assign(seen.job, use);
    if (found->second.wanted != Wanted::kEnabled || !component || job->second->running_at == Time{} ||
        !is_idle(*component, use, step.now))
        return;
    ComponentRecord record = found->second;
    record.wanted = Wanted::kPaused;
    record.by.clear();
    record.since = step.now;
    step.notice(*job->second, false, "Idle", "components",
                fmt::format("{} was idle for {} and is paused; it runs again when somebody opens it", record.name,
                            to_words(component->idle_pause)));
    save(step, std::move(record));
}

}  // namespace pintle::core
