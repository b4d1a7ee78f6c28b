#include <algorithm>

#include "api/bodies.hpp"
#include "api/encode.hpp"
#include "api/project_edit.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

Error no_source(const domain::Project& project, const std::string& name) {
    std::vector<std::string> names;
    for (const domain::Source& source : project.spec.sources) names.push_back(source.name);
    const std::string hint = names.empty() ? "; it has none" : "; it has: " + join(names, ", ");
    return Error{ErrorCode::kNotFound,
                 fmt::format("the project {} has no source \"{}\"{}", project.spec.name,
                             to_valid_utf8(name.substr(0, 100)), hint),
                 {},
                 {}};
}

Result<std::size_t> index_of(const domain::Project& project, const std::string& name) {
    const auto& sources = project.spec.sources;
    const auto found =
        std::find_if(sources.begin(), sources.end(), [&](const domain::Source& source) { return source.name == name; });
    if (found == sources.end()) return fail(no_source(project, name));
    return static_cast<std::size_t>(found - sources.begin());
}

/// The project with one source put in as its client wrote it. Faults are told as places in that source.
Result<Edit> with_source(const domain::Project& project, std::size_t index, const Value& source) {
    if (!source.is_object())
        return fail(ErrorCode::kInvalid,
                    "a source is a mapping, such as {{\"name\": \"src\", \"git\": {{\"repository\": \"https://…\"}}}}");
    Value document = document::write_project(project.spec);
    if (!document.has("sources")) document.set("sources", Value::array());
    json::Array& sources = document.find("sources")->as_array();
    if (index < sources.size()) {
        sources[index] = source;
    } else {
        sources.push_back(source);
    }
    const std::string prefix = fmt::format("sources[{}]", index);
    const auto shorten = [&](Fault& fault) {
        if (!fault.path.starts_with(prefix)) return;
        fault.path.erase(0, prefix.size());
        if (fault.path.starts_with('.')) fault.path.erase(0, 1);
    };
    auto read = document::read_project(document);
    if (!read) {
        Error error = read.error();
        for (Fault& fault : error.details) shorten(fault);
        return fail(std::move(error));
    }
    // Unknown fields: a slip in a file is worth a warning, one in a request is refused as everywhere in this API.
    if (read->warnings.empty()) return Edit{std::move(read->spec), {}};
    for (Fault& unknown : read->warnings) shorten(unknown);
    return fail(Error{ErrorCode::kInvalid, "the source has fields that are not known", std::move(read->warnings), {}});
}

Result<net::Response> list_sources(Call& call) {
    json::Array items;
    for (const domain::Source& source : call.project->spec.sources) items.push_back(document::write_source(source));
    return json_answer(page_value(std::move(items), ""));
}

Result<net::Response> show_source(Call& call) {
    const std::size_t index = TRY(index_of(*call.project, call.param("source")));
    return json_answer(document::write_source(call.project->spec.sources[index]));
}

void add_source(const CallPtr& call) {
    const auto make = [](const Call& asked, const domain::Project& project) -> Result<Edit> {
        return with_source(project, project.spec.sources.size(), TRY(parse_body(asked.request)));
    };
    edit_project(call, make, [](const domain::Project& project, const std::vector<Fault>&) -> Result<net::Response> {
        if (project.spec.sources.empty()) return fail(ErrorCode::kConflict, "the source was removed meanwhile");
        return json_answer(document::write_source(project.spec.sources.back()), 201);
    });
}

void replace_source(const CallPtr& call) {
    const auto make = [](const Call& asked, const domain::Project& project) -> Result<Edit> {
        const std::size_t index = TRY(index_of(project, asked.param("source")));
        return with_source(project, index, TRY(parse_body(asked.request)));
    };
    const auto index = index_of(*call->project, call->param("source"));
    if (!index) return call->answer(fail(index.error()));
    edit_project(call, make,
                 [index = *index](const domain::Project& project, const std::vector<Fault>&) -> Result<net::Response> {
                     if (index >= project.spec.sources.size())
                         return fail(ErrorCode::kConflict, "the source was removed meanwhile");
                     return json_answer(document::write_source(project.spec.sources[index]));
                 });
}

void remove_source(const CallPtr& call) {
    const auto make = [](const Call& asked, const domain::Project& project) -> Result<Edit> {
        const std::size_t index = TRY(index_of(project, asked.param("source")));
        Edit edit{project.spec, {}};
        edit.spec.sources.erase(edit.spec.sources.begin() + static_cast<std::ptrdiff_t>(index));
        return edit;
    };
    edit_project(call, make,
                 [name = call->param("source")](const domain::Project& project,
                                                const std::vector<Fault>&) -> Result<net::Response> {
                     return json_answer(Value::object({{"deleted", name}, {"revision", project.revision}}));
                 });
}

// It takes as long as a server that does not answer is waited for, so it waits elsewhere than among quick requests.
void check_source(const CallPtr& call) {
    const auto index = index_of(*call->project, call->param("source"));
    if (!index) return call->answer(fail(index.error()));
    const bool taken = call->services.imports.post([call, source = call->project->spec.sources[*index]] {
        const domain::Project& project = *call->project;
        const Time began = call->services.deps.clock.now();
        const auto checked =
            call->services.deps.sources.check(source, {project.home.str(), project.spec.name}, call->identity.user,
                                              "check-" + call->services.deps.runtime.make_id());
        call->answer(json_answer(
            Value::object({{"source", source.name},
                           {"ok", checked.has_value()},
                           {"message", checked ? fmt::format("{} can be mounted", domain::origin_in_words(source))
                                               : checked.error().message},
                           {"took_ms", (call->services.deps.clock.now() - began).count()}})));
    });
    if (taken) return;
    call->retry_after = std::chrono::seconds(10);
    call->answer(fail(ErrorCode::kExhausted, "too many sources are being checked; try again in a moment"));
}

}  // namespace

std::vector<Route> source_routes() {
    const BodyShape source{BodyShape::Kind::kJson, "Source"};
    return {
        {.method = "GET",
         .path = "/projects/{project}/sources",
         .operation = "listSources",
         .permission = Permission::kSeeProject,
         .handler = list_sources,
         .summary = "the sources of a project",
         .answer = {200, "[Source]"}},
        {.method = "POST",
         .path = "/projects/{project}/sources",
         .operation = "addSource",
         .permission = Permission::kEditProject,
         .handler = add_source,
         .summary = "add a source to a project",
         .body = source,
         .answer = {201, "Source"},
         .if_match = true},
        {.method = "GET",
         .path = "/projects/{project}/sources/{source}",
         .operation = "showSource",
         .permission = Permission::kSeeProject,
         .handler = show_source,
         .summary = "one source",
         .answer = {200, "Source"}},
        {.method = "PUT",
         .path = "/projects/{project}/sources/{source}",
         .operation = "replaceSource",
         .permission = Permission::kEditProject,
         .handler = replace_source,
         .summary = "replace a source",
         .body = source,
         .answer = {200, "Source"},
         .if_match = true},
        {.method = "POST",
         .path = "/projects/{project}/sources/{source}/check",
         .operation = "checkSource",
         .permission = Permission::kEditProject,
         .handler = check_source,
         .summary = "try now whether a source can be mounted, with one's own accounts",
         .answer = {200, "SourceCheck"}},
        {.method = "DELETE",
         .path = "/projects/{project}/sources/{source}",
         .operation = "removeSource",
         .permission = Permission::kEditProject,
         .handler = remove_source,
         .summary = "take a source out of a project; its content stays",
         .answer = {200, "SourceDeleted"},
         .if_match = true},
    };
}

}  // namespace pintle::api
