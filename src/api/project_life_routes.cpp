#include "api/project_edit.hpp"
#include "api/project_removal.hpp"
#include "api/routes.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

// Of one commit, so that others need not wait while a long history goes.
constexpr std::size_t kPortion = 200;

Result<net::Response> project_now(Call& call, const std::string& id) {
    return project_answer(TRY(read_project_again(call, id)), {}, 200);
}

void disable_project(const CallPtr& call) {
    command(call, core::input::DisableProject{call->project->id}, project_now);
}
void enable_project(const CallPtr& call) {
    command(call, core::input::EnableProject{call->project->id}, project_now);
}

// The build number is read before the jobs: the core refuses when another job came after it.
Result<core::input::ResetProject> next_portion(Call& call) {
    const domain::Project project = TRY(read_project_again(call, call.project->id.str()));
    core::input::ResetProject reset{project.id, project.next_build, {}, true};
    store::JobFilter filter;
    filter.projects = {project.id};
    return call.services.deps.readers.with([&](store::StoreReader& reader) -> Result<core::input::ResetProject> {
        store::PageRequest request{"", kPortion};
        do {
            const auto page = TRY(reader.list_jobs(filter, request, store::JobOrder::kOldestFirst));
            for (const store::JobSummary& job : page.items) reset.jobs.push_back(job.id);
            request = {page.next, kPortion - reset.jobs.size()};
            reset.last = page.next.empty();
        } while (!reset.last && reset.jobs.size() < kPortion);
        return reset;
    });
}

void reset_next(const CallPtr& call, const Value& removal) {
    auto portion = next_portion(*call);
    if (!portion) return call->answer(fail(portion.error()));
    const bool last = portion->last;
    const std::weak_ptr<Executor> executor = call->services.executor;
    const auto then = [call, removal, last](const Result<std::string>& result) {
        if (!result) return call->answer(fail(result.error()));
        if (!last) return reset_next(call, removal);
        call->answer(json_answer(Value::object({{"reset", removal}})));
    };
    const auto done = [call, executor, then](Result<std::string> result) {
        const auto threads = executor.lock();
        const bool taken = threads && threads->post([then, result] { then(result); });
        if (!taken) call->answer(fail(ErrorCode::kUnavailable, "the server is stopping"));
    };
    call->services.deps.runtime.post(std::move(*portion), call->actor(), done);
}

Result<net::Response> preview_reset(Call& call) { return json_answer(TRY(reset_of(call))); }

void reset_project(const CallPtr& call) {
    auto removal = reset_of(*call);
    if (!removal) return call->answer(fail(removal.error()));
    reset_next(call, *removal);
}

}  // namespace

std::vector<Route> project_life_routes() {
    return {
        {.method = "POST",
         .path = "/projects/{project}/disable",
         .operation = "disableProject",
         .permission = Permission::kEditProject,
         .handler = disable_project,
         .summary = "stop what runs of a project, and let nothing new of it run",
         .answer = {200, "ProjectSaved"}},
        {.method = "POST",
         .path = "/projects/{project}/enable",
         .operation = "enableProject",
         .permission = Permission::kEditProject,
         .handler = enable_project,
         .summary = "let a disabled project run again",
         .answer = {200, "ProjectSaved"}},
        {.method = "GET",
         .path = "/projects/{project}/reset",
         .operation = "previewReset",
         .permission = Permission::kEditProject,
         .handler = preview_reset,
         .summary = "what resetting the project would remove and keep",
         .answer = {200, "Deletion"}},
        {.method = "POST",
         .path = "/projects/{project}/reset",
         .operation = "resetProject",
         .permission = Permission::kEditProject,
         .handler = reset_project,
         .summary = "remove a project's jobs, and count its builds from 1 again; its document, sources and data stay",
         .answer = {200, "ProjectReset"}},
    };
}

}  // namespace pintle::api
