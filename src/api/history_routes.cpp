#include <algorithm>

#include "api/access.hpp"
#include "api/encode.hpp"
#include "api/project_names.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

using auth::Permission;

/// What a list across projects is narrowed to: by its parameters, and for a job's token to its own project.
struct Scope {
    std::optional<domain::ProjectId> project;
    std::optional<domain::Job> job;
    store::Viewer viewer;
};

Result<Scope> read_scope(Call& call) {
    Scope scope;
    scope.viewer = TRY(call.viewer());
    if (call.has_query("project")) {
        scope.project = TRY(find_project(call, call.query("project"))).id;
    } else if (call.identity.kind == auth::Identity::Kind::kJob) {
        scope.project = call.identity.project;
    }
    if (call.has_query("job")) scope.job = TRY(find_job(call, call.query("job")));
    return scope;
}

struct History {
    store::Page<store::AttemptRecord> page;
    std::map<domain::JobId, std::string> revisions;
};

// "3f2a…" for one git source, "src 3f2a…, lib 90c1…" for several.
std::string revisions_in_words(const domain::Job& job) {
    if (!job.preparation) return "";
    const auto& revisions = job.preparation->revisions;
    if (revisions.size() == 1) return revisions.begin()->second;
    std::vector<std::string> parts;
    for (const auto& [source, revision] : revisions) parts.push_back(source + " " + revision);
    return join(parts, ", ");
}

Result<History> read_history(store::StoreReader& reader, const store::AttemptFilter& filter,
                             const store::PageRequest& page) {
    History history{TRY(reader.list_history(filter, page)), {}};
    ProjectNames names(reader);
    for (store::AttemptRecord& attempt : history.page.items) {
        attempt.project_name = names.of(attempt.project_id, attempt.project_name);
        if (history.revisions.count(attempt.job) > 0) continue;
        const auto job = TRY(reader.find_job(attempt.job));
        history.revisions.emplace(attempt.job, job ? revisions_in_words(*job) : "");
    }
    return history;
}

Result<net::Response> list_history(Call& call) {
    const Scope scope = TRY(read_scope(call));
    store::AttemptFilter filter;
    filter.project = scope.project;
    // What is named was found to be visible, and what a job sees is its own project.
    if (!scope.project && !scope.job) filter.viewer = scope.viewer;
    if (scope.job) filter.job = scope.job->id;
    filter.task = call.query("task");
    const History history = TRY(call.services.deps.readers.with(
        [&](store::StoreReader& reader) { return read_history(reader, filter, call.page()); }));
    const Time now = call.services.deps.clock.now();
    json::Array items;
    for (const store::AttemptRecord& attempt : history.page.items) {
        json::Value item = attempt_value(attempt, now);
        item.add("revision", text_or_null(history.revisions.at(attempt.job)));
        items.push_back(std::move(item));
    }
    return json_answer(page_value(std::move(items), history.page.next));
}

Result<std::vector<store::NoticeRecord>> notices_of_all(store::StoreReader& reader, const store::Viewer& viewer,
                                                        std::size_t limit) {
    std::vector<store::NoticeRecord> all;
    store::PageRequest page{"", store::kPageMost};
    do {
        const auto projects = TRY(reader.list_projects("", viewer, page));
        for (const store::ProjectSummary& project : projects.items) {
            for (store::NoticeRecord& notice : TRY(reader.notices(project.id, limit))) all.push_back(std::move(notice));
            if (all.size() < 4 * store::kPageMost) continue;
            std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.notice.at > b.notice.at; });
            all.resize(limit);
        }
        page.cursor = projects.next;
    } while (!page.cursor.empty());
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.notice.at > b.notice.at; });
    if (all.size() > limit) all.resize(limit);
    return all;
}

Result<net::Response> notices_answer(Call& call, const Scope& scope) {
    const std::size_t limit = call.page().limit;
    json::Array items;
    TRY(call.services.deps.readers.with([&](store::StoreReader& reader) -> Result<void> {
        const auto notices = TRY(scope.job       ? reader.notices(scope.job->id, limit)
                                 : scope.project ? reader.notices(*scope.project, limit)
                                                 : notices_of_all(reader, scope.viewer, limit));
        ProjectNames projects(reader);
        std::map<domain::JobId, std::string> names;
        for (const store::NoticeRecord& record : notices) {
            const domain::JobId& id = record.notice.job;
            if (!id.empty() && names.count(id) == 0) {
                const auto job = TRY(reader.find_job(id));
                names.emplace(id, job ? projects.display_name(*job) : "");
            }
            items.push_back(notice_value(record, names[id]));
        }
        return {};
    }));
    return json_answer(page_value(std::move(items), ""));
}

Result<net::Response> list_events(Call& call) { return notices_answer(call, TRY(read_scope(call))); }

Result<net::Response> list_job_notices(Call& call) { return notices_answer(call, Scope{std::nullopt, call.job}); }

std::vector<QueryParam> limit_only(std::vector<QueryParam> more) {
    more.push_back({"limit", "How many items at most.", QueryParam::Type::kWhole, 1, 1000, {}});
    return more;
}

}  // namespace

std::vector<Route> history_routes() {
    const QueryParam project{"project", "A name or an id."};
    const QueryParam job{"job", "An id, or project/task:build."};
    return {
        {.method = "GET",
         .path = "/history",
         .operation = "listHistory",
         .permission = Permission::kSeeProjects,
         .handler = list_history,
         .summary = "every attempt of every replica, the newest first",
         .query = page_params({project, job, {"task", "The name of a task."}}),
         .answer = {200, "[Attempt]"}},
        {.method = "GET",
         .path = "/events",
         .operation = "listEvents",
         .permission = Permission::kSeeProjects,
         .handler = list_events,
         .summary = "notices worth showing to people, the last seen first",
         .query = limit_only({project, job}),
         .answer = {200, "[Notice]"}},
        {.method = "GET",
         .path = "/jobs/{job}/notices",
         .operation = "listJobNotices",
         .permission = Permission::kSeeProject,
         .handler = list_job_notices,
         .summary = "the notices of one job",
         .query = limit_only({}),
         .answer = {200, "[Notice]"}},
    };
}

}  // namespace pintle::api
