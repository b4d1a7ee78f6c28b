#include "base/text.hpp"
#include "core/state.hpp"

namespace pintle::core {

using namespace domain;

namespace {

Result<Project*> find_project(State& state, const ProjectId& id) {
    const auto found = state.projects.find(id);
    if (found == state.projects.end()) return fail(ErrorCode::kNotFound, "the project does not exist any more");
    TRY(check_stays(found->second));
    return &found->second;
}

void stop_jobs(Step& step, const std::set<JobId>& jobs) {
    const std::string& by = step.actor.name;
    const std::string reason =
        by.empty() ? "the project was disabled" : fmt::format("stopped by {}, who disabled the project", by);
    for (const JobId& id : jobs) begin_end(step, id, JobState::kStopped, reason, by);
}

// Asking twice is not an error.
Result<std::string> disable(Step& step, const input::DisableProject& command) {
    Project& project = *TRY(find_project(step.state, command.id));
    if (project.disabled_at != Time{}) return project.id.str();
    project.disabled_at = step.now;
    step.result.changes.push_back(change::ProjectSaved{project});
    const auto live = step.state.live_jobs_of.find(project.id);
    const std::set<JobId> jobs = live == step.state.live_jobs_of.end() ? std::set<JobId>() : live->second;
    step.audit(
        "project.disable", project.spec.name,
        jobs.empty() ? "" : fmt::format("with {}", count_of(static_cast<std::int64_t>(jobs.size()), "live job")));
    stop_jobs(step, jobs);
    return project.id.str();
}

Result<std::string> enable(Step& step, const input::EnableProject& command) {
    Project& project = *TRY(find_project(step.state, command.id));
    if (project.disabled_at == Time{}) return project.id.str();
    project.disabled_at = Time{};
    step.result.changes.push_back(change::ProjectSaved{project});
    step.audit("project.enable", project.spec.name);
    mark_components(step.state, project.id);
    return project.id.str();
}

void forget_history(Step& step, Project& project) {
    State& state = step.state;
    project.next_build = 1;
    std::erase_if(state.run_times, [&](const auto& entry) { return entry.first.first == project.id; });
    // An answer from before would name a job that is gone.
    const std::string prefix = project.id.str() + "/";
    std::erase_if(state.keys, [&](const auto& entry) { return entry.first.starts_with(prefix); });
    step.result.changes.push_back(change::ProjectReset{project.id});
    step.audit("project.reset", project.spec.name);
}

Result<std::string> reset(Step& step, const input::ResetProject& command) {
    Project& project = *TRY(find_project(step.state, command.id));
    // Components are no history and go on.
    if (const int live = live_counts(step.state, project.id).tasks; live > 0) {
        return fail(ErrorCode::kConflict, "{} of the project have not ended; stop them first", count_of(live, "job"));
    }
    if (command.next_build != project.next_build)
        return fail(ErrorCode::kConflict, "a job of the project was submitted meanwhile; nothing more was removed");
    for (const JobId& id : command.jobs) step.result.changes.push_back(change::JobDeleted{id});
    if (!command.jobs.empty())
        add_chore(step, {fmt::format("reset-project-{}-{}", project.id.str(), command.jobs.front().str()),
                         chore::RemoveJobsData{project.id, command.jobs}});
    if (command.last) forget_history(step, project);
    return project.id.str();
}

}  // namespace

Result<void> check_enabled(const Project& project) {
    if (project.disabled_at == Time{}) return {};
    return fail(ErrorCode::kConflict, "project {} is disabled; enable it first", project.spec.name);
}

Result<void> check_stays(const Project& project) {
    if (project.deleting_at == Time{}) return {};
    return fail(ErrorCode::kConflict, "the project {} is being deleted", project.spec.name);
}

void on(Step& step, const input::DisableProject& command, std::uint64_t ticket) {
    step.reply(ticket, disable(step, command));
}
void on(Step& step, const input::EnableProject& command, std::uint64_t ticket) {
    step.reply(ticket, enable(step, command));
}
void on(Step& step, const input::ResetProject& command, std::uint64_t ticket) {
    step.reply(ticket, reset(step, command));
}

}  // namespace pintle::core
