#include <algorithm>

#include "base/text.hpp"
#include "core/state.hpp"
#include "domain/task_override.hpp"

namespace pintle::core {

using namespace domain;

namespace {

Result<JobSpec> spec_of_task(const Project& project, const input::SubmitJob& command) {
    const Task* task = project.spec.find_task(command.task);
    if (task == nullptr) {
        std::vector<std::string> names;
        for (const Task& candidate : project.spec.tasks) names.push_back(candidate.name);
        const auto near = nearest(command.task, names);
        return fail(ErrorCode::kNotFound, "the project {} has no task \"{}\"{}", project.spec.name, to_valid_utf8(command.task),
                    near ? fmt::format("; did you mean \"{}\"?", *near) : names.empty() ? "; it has none" : fmt::format("; it has: {}", join(names, ", ")));
    }
    JobSpec spec{project.spec.name, *task, project.spec.sources, project.spec.default_mount_path, project.spec.engine.value_or(EngineKind::kProcess), false};
    for (const auto& [key, value] : command.overrides) TRY(override_task(spec.task, key, value));
    return spec;
}

std::string images_of(const Task& task) {
    std::vector<std::string> named;
    for (const Resource& resource : task.resources) {
        if (!resource.image().empty()) named.push_back(fmt::format("{} names the image \"{}\"", resource.name, resource.image()));
    }
    return join(named, ", ");
}

// Resources that name an image need an engine that runs images. They are never silently run on the host.
Result<void> choose_engine(const State& state, std::optional<EngineKind> wanted, JobSpec& spec) {
    const auto has = [&](EngineKind kind) { return std::find(state.options.engines.begin(), state.options.engines.end(), kind) != state.options.engines.end(); };
    const std::string images = images_of(spec.task);
    const EngineKind kind = wanted.value_or(images.empty() ? EngineKind::kProcess : EngineKind::kContainer);
    if (!has(kind)) {
        const std::string cause = images.empty() ? std::string("the job asks for the container engine") : images;
        return fail(ErrorCode::kInvalid,
                    "{}, and this server has no container engine. Either remove the image from the task, or say \"engine: process\" in the project or "
                    "--engine process on the command line: that runs the command on the host and ignores the image.",
                    cause);
    }
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
    return fail(Error{ErrorCode::kInvalid, fmt::format("the task {} cannot run as it is", spec.task.name), std::move(faults), {}});
}

Result<std::string> submit(Step& step, const input::SubmitJob& command) {
    State& state = step.state;
    const auto found = state.projects.find(command.project);
    if (found == state.projects.end()) return fail(ErrorCode::kNotFound, "the project does not exist");
    if (state.jobs.size() >= state.options.live_jobs_max) {
        return fail(ErrorCode::kExhausted, "{} jobs are queued or running, the most this server takes; try again when some have ended", state.jobs.size());
    }
    Project& project = found->second;
    JobSpec spec = command.clone ? *command.clone : TRY(spec_of_task(project, command));
    spec.project_name = project.spec.name;
    const std::optional<EngineKind> wanted = command.engine ? command.engine : command.clone ? std::optional(command.clone->engine) : project.spec.engine;
    TRY(choose_engine(state, wanted, spec));
    TRY(check_task_alone(spec));
    const auto needs = needs_of(spec.task);
    if (needs.size() > static_cast<std::size_t>(kReplicasMax)) return fail(ErrorCode::kInvalid, "a job has at most {} replicas, this one would have {}", kReplicasMax, needs.size());
    if (const auto never = scheduling::why_never(state.nodes, needs)) {
        return fail(ErrorCode::kInvalid, "{} can never run here: {}", fmt::format("{}/{}", project.spec.name, spec.task.name), *never);
    }
    const int build = project.next_build++;
    step.result.changes.push_back(change::BuildCounted{project.id, project.next_build});
    record(step, command.id, event::Submitted{command.id, project.id, build, std::move(spec), command.by, command.cloned_from});
    state.live_jobs_of[project.id] += 1;
    enqueue(state, *state.jobs.at(command.id));
    step.replan = true;
    return command.id.str();
}

}  // namespace

void on(Step& step, const input::SubmitJob& command, std::uint64_t ticket) {
    const std::string key = command.key.empty() ? std::string() : command.project.str() + "/" + command.key;
    if (auto before = replay_key(step.state, key, command.fingerprint)) return step.reply(ticket, std::move(*before));
    Result<std::string> made = submit(step, command);
    if (made) remember_key(step, key, command.fingerprint, *made);
    step.reply(ticket, std::move(made));
}

}  // namespace pintle::core
