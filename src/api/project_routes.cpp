#include "api/bodies.hpp"
#include "api/encode.hpp"
#include "api/people.hpp"
#include "api/project_edit.hpp"
#include "api/project_removal.hpp"
#include "api/routes.hpp"
#include "json/json_text.hpp"
#include "json/patch.hpp"
#include "json/yaml_text.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

struct ProjectPage {
    store::Page<store::ProjectSummary> page;
    std::map<domain::ProjectId, store::StateCounts> counts;
};

Result<ProjectPage> read_page(Call& call) {
    const store::Viewer viewer = TRY(call.viewer());
    return call.services.deps.readers.with([&](store::StoreReader& reader) -> Result<ProjectPage> {
        ProjectPage page;
        const auto order = call.query("order") == "changed" ? store::ProjectOrder::kChange : store::ProjectOrder::kName;
        page.page = TRY(reader.list_projects(call.query("text"), viewer, call.page(), order));
        page.counts = TRY(reader.count_jobs_by_project(viewer));
        return page;
    });
}

// The one project that a job's token may know of, as a list.
Result<ProjectPage> own_project(Call& call) {
    return call.services.deps.readers.with([&](store::StoreReader& reader) -> Result<ProjectPage> {
        ProjectPage page;
        const auto own = TRY(reader.find_project(call.identity.project));
        if (!own) return page;
        const auto listed = TRY(reader.list_projects(own->spec.name, store::kEverything, {"", store::kPageMost}));
        for (const store::ProjectSummary& project : listed.items) {
            if (project.id == own->id) page.page.items.push_back(project);
        }
        page.counts.emplace(own->id, TRY(reader.count_jobs(own->id)));
        return page;
    });
}

Result<net::Response> list_projects(Call& call) {
    const ProjectPage found =
        TRY(call.identity.kind == auth::Identity::Kind::kJob ? own_project(call) : read_page(call));
    std::map<domain::ProjectId, std::size_t> sources;
    call.services.deps.runtime.ask([&](const core::Core& core) {
        for (const store::ProjectSummary& summary : found.page.items) {
            if (const domain::Project* project = core.find_project(summary.id))
                sources[summary.id] = project->spec.sources.size();
        }
    });
    const GroupNames groups = known_group_names(call);
    json::Array items;
    for (const store::ProjectSummary& project : found.page.items) {
        const auto counts = found.counts.find(project.id);
        items.push_back(project_short_value(project, name_in(groups, project.home), sources[project.id],
                                            counts == found.counts.end() ? store::StateCounts() : counts->second));
    }
    return json_answer(page_value(std::move(items), found.page.next));
}

void create_project(const CallPtr& call) {
    auto read = parse_document(call->request);
    if (!read) return call->answer(fail(read.error()));
    std::string text = text_to_keep(call->request, *read);
    make_project(call, {std::move(read->spec), std::move(read->warnings), std::move(text)});
}

Result<std::string> read_new_name(const net::Request& request) {
    std::string name;
    TRY(read_body(request, [&](json::Reader& body) { name = body.text("name", json::kRequired); }));
    return name;
}

void clone_project(const CallPtr& call) {
    const auto name = read_new_name(call->request);
    if (!name) return call->answer(fail(name.error()));
    domain::ProjectSpec spec = call->project->spec;
    spec.name = *name;
    make_project(call, {std::move(spec), {}});
}

Result<core::InputBody> read_transfer(Call& call) {
    std::string to;
    TRY(read_body(call.request, [&](json::Reader& body) { to = body.text("to", json::kRequired); }));
    const domain::UserId owner = TRY(find_known_user(call, to)).id;
    return core::InputBody(core::input::TransferProject{call.project->id, owner});
}

void transfer_project(const CallPtr& call) {
    auto transfer = read_transfer(*call);
    if (!transfer) return call->answer(fail(transfer.error()));
    command(call, std::move(*transfer), [](Call& later, const std::string& id) -> Result<net::Response> {
        return project_answer(TRY(read_project_again(later, id)), {}, 200);
    });
}

Result<net::Response> show_project(Call& call) { return json_answer(project_value(*call.project)); }

Result<Edit> replacement(const Call& call, const domain::Project&) {
    auto read = TRY(parse_document(call.request));
    std::string text = text_to_keep(call.request, read);
    return Edit{std::move(read.spec), std::move(read.warnings), std::move(text)};
}

Result<Edit> patched(const Call& call, const domain::Project& project) {
    const Value patch = TRY(parse_body(call.request));
    if (!patch.is_object())
        return fail(ErrorCode::kInvalid,
                    "a merge patch is a mapping of the fields to change, such as {{\"summary\": \"…\"}}");
    auto read = TRY(document::read_project(json::merge_patch(document::write_project(project.spec), patch)));
    return Edit{std::move(read.spec), std::move(read.warnings)};
}

Result<net::Response> saved(const domain::Project& project, const std::vector<Fault>& warnings) {
    return project_answer(project, warnings, 200);
}

void replace_project(const CallPtr& call) { edit_project(call, replacement, saved); }
void patch_project(const CallPtr& call) { edit_project(call, patched, saved); }

Result<net::Response> download_document(Call& call) {
    const Value document = document::write_project(call.project->spec);
    const bool as_json = call.query("format") == "json";
    net::Response response = as_json ? text_answer(json::to_json_pretty(document) + "\n", "application/json")
                                     : text_answer(json::to_yaml(document), "application/yaml");
    // Its author's own text, comments too, where the project has not been changed in another way since.
    if (!as_json && !call.project->text.empty()) response.body = call.project->text;
    response.headers.set("Content-Disposition", attachment(call.project->spec.name + (as_json ? ".json" : ".yaml")));
    return response;
}

Result<net::Response> preview_deletion(Call& call) { return json_answer(TRY(deletion_of(call))); }

void delete_project(const CallPtr& call) {
    auto deletion = deletion_of(*call);
    if (!deletion) return call->answer(fail(deletion.error()));
    command(call, core::input::DeleteProject{call->project->id},
            [deletion = std::move(*deletion)](Call&, const std::string&) -> Result<net::Response> {
                return json_answer(Value::object({{"deleted", deletion}}));
            });
}

}  // namespace

std::vector<Route> project_routes() {
    const BodyShape document{BodyShape::Kind::kDocument, "ProjectDocument"};
    return {
        {.method = "GET",
         .path = "/projects",
         .operation = "listProjects",
         .permission = Permission::kSeeProjects,
         .handler = list_projects,
         .summary = "projects by name, or the last changed first",
         .query =
             page_params({show_param(),
                          {"text", "Looked for in names and summaries."},
                          {"order", "By name unless said otherwise.", QueryParam::Type::kWords, 0, 0, "name|changed"}}),
         .answer = {200, "[Project]"}},
        {.method = "POST",
         .path = "/projects",
         .operation = "createProject",
         .permission = Permission::kMakeProject,
         .handler = create_project,
         .summary = "make a project from its document",
         .body = document,
         .answer = {201, "ProjectSaved"},
         .idempotency_key = true},
        {.method = "GET",
         .path = "/projects/{project}",
         .operation = "showProject",
         .permission = Permission::kSeeProject,
         .handler = show_project,
         .summary = "one project with its document",
         .answer = {200, "ProjectFull"}},
        {.method = "PUT",
         .path = "/projects/{project}",
         .operation = "replaceProject",
         .permission = Permission::kEditProject,
         .handler = replace_project,
         .summary = "replace a project's document; another name in it renames the project",
         .body = document,
         .answer = {200, "ProjectSaved"},
         .if_match = true},
        {.method = "PATCH",
         .path = "/projects/{project}",
         .operation = "patchProject",
         .permission = Permission::kEditProject,
         .handler = patch_project,
         .summary = "change a project's document by a JSON merge patch",
         .body = {BodyShape::Kind::kDocument, "ProjectPatch"},
         .answer = {200, "ProjectSaved"},
         .if_match = true},
        {.method = "GET",
         .path = "/projects/{project}/document",
         .operation = "downloadDocument",
         .permission = Permission::kSeeProject,
         .handler = download_document,
         .summary = "the file that makes the same project elsewhere",
         .query = {{"format", "YAML unless said otherwise.", QueryParam::Type::kWords, 0, 0, "yaml|json"}},
         .answer = {200, "ProjectDocument", AnswerShape::Media::kDocument}},
        {.method = "POST",
         .path = "/projects/{project}/clone",
         .operation = "cloneProject",
         .permission = Permission::kMakeProject,
         .handler = clone_project,
         .summary = "make a project with the same document; the content of private folders is not copied",
         .body = {BodyShape::Kind::kJson, "NewName"},
         .answer = {201, "ProjectSaved"},
         .idempotency_key = true},
        {.method = "POST",
         .path = "/projects/{project}/transfer",
         .operation = "transferProject",
         .permission = Permission::kEditProject,
         .handler = transfer_project,
         .summary = "give the project to somebody of one's own group; operators, to anybody",
         .body = {BodyShape::Kind::kJson, "Transfer"},
         .answer = {200, "ProjectSaved"}},
        {.method = "GET",
         .path = "/projects/{project}/deletion",
         .operation = "previewDeletion",
         .permission = Permission::kEditProject,
         .handler = preview_deletion,
         .summary = "what deleting the project would remove and keep",
         .answer = {200, "Deletion"}},
        {.method = "DELETE",
         .path = "/projects/{project}",
         .operation = "deleteProject",
         .permission = Permission::kEditProject,
         .handler = delete_project,
         .summary = "delete a project and everything that is its alone",
         .answer = {200, "ProjectDeleted"}},
    };
}

}  // namespace pintle::api
