#include <algorithm>

#include "base/text.hpp"
#include "core/state.hpp"
#include "domain/gpu_request.hpp"
#include "domain/job_tags.hpp"
#include "domain/job_transition.hpp"
#include "domain/task_override.hpp"

namespace pintle::core {

using namespace domain;

namespace {

Result<JobSpec> spec_of_task(const Project& project, const input::SubmitJob& command) {
    const Task* task = command.draft ? &*command.draft : project.spec.find_task(command.task);
    if (task == nullptr) {
        std::vector<std::string> names;
        for (const Task& candidate : project.spec.tasks) names.push_back(candidate.name);
        const auto near = nearest(command.task, names);
        return fail(ErrorCode::kNotFound, "the project {} has no task \"{}\"{}", project.spec.name,
                    to_valid_utf8(command.task),
                    near            ? fmt::format("; did you mean \"{}\"?", *near)
                    : names.empty() ? "; it has none"
                                    : fmt::format("; it has: {}", join(names, ", ")));
    }
    JobSpec spec{project.spec.name, *task, project.spec.sources, project.spec.default_mount_path, project.home,
                 project.spec.engine.value_or(EngineKind::kProcess), false};
    spec.form_values = command.form_values;
    spec.form_files = command.form_files;
    for (const auto& [key, value] : command.overrides) TRY(override_task(spec.task, key, value));
    return spec;
}

std::string images_of(const Task& task) {
    std::vector<std::string> named;
    for (const Resource& resource : task.resources) {
        if (!resource.image().empty())
            named.push_back(fmt::format("{} names the image \"{}\"", resource.name, resource.image()));
    }
    return join(named, ", ");
}

constexpr const char* kOnTheHost =
    "say \"engine: process\" in the project or --engine process on the command line: that runs the command on the "
    "host and ignores the image";

// A job's replicas reach each other, so that all of them run in containers when one does.
Result<void> settle_images(const State& state, const std::string& images, JobSpec& spec) {
    std::string fault;
    for (const Node& node : state.snapshot.nodes()) {
        if (node.container_fault.empty()) {
            fault.clear();
            break;
        }
        fault = node.container_fault;
    }
    if (!fault.empty()) {
        return fail(ErrorCode::kUnavailable, "{}, and no container can be run here: {}. Or {}.",
                    images.empty() ? std::string("the job asks for the container engine") : images, fault, kOnTheHost);
    }
    for (Resource& resource : spec.task.resources) {
        if (!resource.image().empty()) continue;
        if (state.options.default_image.empty()) {
            return fail(ErrorCode::kInvalid,
                        "{} names no image, and all replicas of a job run in containers when {}. Name one for it, or a "
                        "default for "
                        "all in the server's configuration (containers: image).",
                        resource.name,
                        images.empty() ? std::string("the container engine is asked for") : "one does: " + images);
        }
        resource.images.cpu = state.options.default_image;
    }
    return {};
}

// Resources that name an image need an engine that runs images. They are never silently run on the host.
Result<void> choose_engine(const State& state, std::optional<EngineKind> wanted, JobSpec& spec) {
    const auto has = [&](EngineKind kind) {
        return std::find(state.options.engines.begin(), state.options.engines.end(), kind) !=
               state.options.engines.end();
    };
    const std::string images = images_of(spec.task);
    const EngineKind kind = wanted.value_or(images.empty() ? EngineKind::kProcess : EngineKind::kContainer);
    if (!has(kind)) {
        const std::string cause = images.empty() ? std::string("the job asks for the container engine") : images;
        return fail(ErrorCode::kInvalid,
                    "{}, and this server has no container engine: its configuration says \"containers: off\". Either "
                    "remove the image from "
                    "the task, or {}.",
                    cause, kOnTheHost);
    }
    if (kind == EngineKind::kContainer) TRY(settle_images(state, images, spec));
    spec.engine = kind;
    spec.image_ignored = kind == EngineKind::kProcess && !images.empty();
    return {};
}

Result<void> check_task_alone(const JobSpec& spec) {
    ProjectSpec alone;
    alone.name = spec.project_name;
    alone.default_mount_path = spec.default_mount_path;
    alone.sources = spec.sources;
    alone.tasks = {spec.task};
    std::vector<Fault> faults = validate(alone);
    if (faults.empty()) return {};
    return fail(Error{
        ErrorCode::kInvalid, fmt::format("the task {} cannot run as it is", spec.task.name), std::move(faults), {}});
}

Result<void> check_wish(const SchedulingWish& wish, const Actor& actor) {
    const int most = actor.is_operator ? kPriorityMost : kPriorityOfUsers;
    if (wish.priority >= -kPriorityMost && wish.priority <= most) return {};
    return fail(ErrorCode::kInvalid, "a priority is from {} to {}{}, not {}", -kPriorityMost, most,
                actor.is_operator ? "" : " (operators may go higher)", wish.priority);
}

Result<JobSpec> spec_of(const State& state, const Project& project, const input::SubmitJob& command) {
    JobSpec spec = command.clone ? *command.clone : TRY(spec_of_task(project, command));
    spec.project_name = project.spec.name;
    spec.home = project.home;
    TRY(request_gpus(spec.task, command.gpus, command.workers));
    const std::optional<EngineKind> wanted = command.engine  ? command.engine
                                             : command.clone ? std::optional(command.clone->engine)
                                                             : project.spec.engine;
    TRY(choose_engine(state, wanted, spec));
    TRY(check_task_alone(spec));
    return spec;
}

event::Submitted submitted_of(const State& state, const Project& project, JobSpec spec,
                              const input::SubmitJob& command) {
    const GroupId group = group_of(state, command.owner);
    event::Submitted submitted;
    submitted.id = command.id;
    submitted.project_id = project.id;
    submitted.build = project.next_build;
    submitted.spec = std::move(spec);
    submitted.owner = command.owner;
    submitted.group = group;
    submitted.pool = state.groups.at(group).pool;
    submitted.wish = command.wish;
    submitted.rank = state.next_rank;
    submitted.by = command.by;
    submitted.cloned_from = command.cloned_from;
    return submitted;
}

Result<void> check_possible(const State& state, const event::Submitted& submitted, Time now) {
    const Job job = *apply(Job{}, {submitted.id, 1, now, submitted});
    if (job.replicas.size() > static_cast<std::size_t>(kReplicasMax)) {
        return fail(ErrorCode::kInvalid, "a job has at most {} replicas, this one would have {}", kReplicasMax,
                    job.replicas.size());
    }
    if (const auto never = scheduling::why_never(state.snapshot, workload_of(state, job))) {
        return fail(ErrorCode::kInvalid, "{}/{} can never run here: {}", submitted.spec.project_name,
                    job.spec.task.name, *never);
    }
    return {};
}

Result<void> check_room(const State& state) {
    if (state.jobs.size() < state.options.live_jobs_max) return {};
    return fail(ErrorCode::kExhausted,
                "{} jobs are queued or running, the most this server takes; try again when some have ended",
                state.jobs.size());
}

Result<event::Submitted> check_submission(const State& state, const input::SubmitJob& command, const Actor& actor,
                                          Time now) {
    const auto found = state.projects.find(command.project);
    if (found == state.projects.end()) return fail(ErrorCode::kNotFound, "the project does not exist");
    const Project& project = found->second;
    TRY(check_enabled(project));
    TRY(check_wish(command.wish, actor));
    TRY(check_job_tags(command.tags));
    event::Submitted submitted = submitted_of(state, project, TRY(spec_of(state, project, command)), command);
    TRY(check_accounts(state, command.owner, submitted.spec));
    TRY(check_storages(state, submitted.spec));
    TRY(check_possible(state, submitted, now));
    return submitted;
}

Result<std::string> submit(Step& step, const input::SubmitJob& command) {
    State& state = step.state;
    TRY(check_room(state));
    event::Submitted submitted = TRY(check_submission(state, command, step.actor, step.now));
    Project& project = state.projects.at(command.project);
    TRY(check_project_data_at_rest(state, project));
    TRY(check_stays(project));
    project.next_build += 1;
    step.result.changes.push_back(change::BuildCounted{project.id, project.next_build});
    take_in(step, std::move(submitted));
    if (!command.tags.empty())
        step.result.changes.push_back(change::JobTagged{command.id, without_repeats(command.tags)});
    if (command.hold) {
        dequeue(state, *state.jobs.at(command.id));
        record(step, command.id, event::Held{*command.hold, step.actor.name, false});
        enqueue(state, *state.jobs.at(command.id));
    }
    step.audit("job.submit", state.jobs.at(command.id)->display_name());
    return command.id.str();
}

}  // namespace

Result<event::Submitted> submission_of(const State& state, const Project& project, const Component& component,
                                       const JobId& id, Time now) {
    TRY(check_room(state));
    Task task;
    task.name = component.name;
    task.resources = {component.resource};
    JobSpec spec{project.spec.name,
                 std::move(task),
                 project.spec.sources,
                 project.spec.default_mount_path,
                 project.home,
                 EngineKind::kProcess,
                 false};
    TRY(choose_engine(state, project.spec.engine, spec));
    TRY(check_task_alone(spec));
    TRY(check_storages(state, spec));
    const GroupId group = group_of(state, project.owner);
    event::Submitted submitted;
    submitted.id = id;
    submitted.project_id = project.id;
    submitted.kind = JobKind::kComponent;
    submitted.build = -(project.component_starts + 1);
    submitted.spec = std::move(spec);
    submitted.owner = project.owner;
    submitted.group = group;
    submitted.pool = state.groups.at(group).pool;
    submitted.rank = state.next_rank;
    submitted.by = name_of(state, project.owner);
    TRY(check_possible(state, submitted, now));
    return submitted;
}

void take_in(Step& step, event::Submitted submitted) {
    State& state = step.state;
    const JobId id = submitted.id;
    state.live_jobs_of[submitted.project_id].insert(id);
    state.next_rank += kRankGap;
    record(step, id, std::move(submitted));
    enqueue(state, *state.jobs.at(id));
    step.replan = true;
}

Result<Job> job_of(const State& state, const input::SubmitJob& command, const Actor& actor, Time now) {
    event::Submitted submitted = TRY(check_submission(state, command, actor, now));
    return *apply(Job{}, {command.id, 1, now, std::move(submitted)});
}

void on(Step& step, const input::SubmitJob& command, std::uint64_t ticket) {
    const std::string key = command.key.empty() ? std::string() : command.project.str() + "/" + command.key;
    if (auto before = replay_key(step.state, key, command.fingerprint)) return step.reply(ticket, std::move(*before));
    Result<std::string> made = submit(step, command);
    if (made) remember_key(step, key, command.fingerprint, *made);
    step.reply(ticket, std::move(made));
}

}  // namespace pintle::core
