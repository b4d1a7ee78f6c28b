#include "api/bodies.hpp"
#include "api/catalog_values.hpp"
#include "api/encode.hpp"
#include "api/project_edit.hpp"
#include "api/routes.hpp"
#include "api/source_addresses.hpp"
#include "api/storages.hpp"
#include "base/text.hpp"
#include "catalog/rendering.hpp"
#include "catalog/shelf.hpp"
#include "catalog/template_values.hpp"
#include "document/project_document.hpp"
#include "runtime/catalogs.hpp"
#include "source/storage_files.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using catalog::ProjectTemplate;
using json::Value;
using runtime::CatalogState;
using CallPtr = std::shared_ptr<Call>;

constexpr Duration kRefreshPause = std::chrono::seconds(1);

/// A template with the catalog that it is of, as both were when the request came.
struct Choice {
    CatalogState state;
    const ProjectTemplate* of = nullptr;
};

Result<Choice> chosen(Call& call) {
    Choice choice{TRY(call.services.deps.catalogs.find(call.param("catalog")))};
    const std::string& wanted = call.param("template");
    choice.of = choice.state.find(wanted);
    if (choice.of != nullptr) return choice;
    std::vector<std::string> names;
    for (const ProjectTemplate& each : *choice.state.templates) names.push_back(each.name);
    const auto near = nearest(wanted, names);
    return fail(ErrorCode::kNotFound, "the catalog {} has no template {}{}", choice.state.name,
                to_valid_utf8(wanted.substr(0, 80)), near ? fmt::format("; did you mean {}?", *near) : "");
}

std::vector<std::string> storage_names(Call& call) {
    std::vector<std::string> names;
    for (const source::Storage& storage : known_storages(call)) names.push_back(storage.name);
    return names;
}

// Each word must be somewhere.
bool is_found(const ProjectTemplate& each, const std::string& text) {
    const catalog::Chart& chart = each.chart;
    const std::string all =
        to_lower(fmt::format("{} {} {} {}", each.name, chart.name, chart.description, join(chart.keywords, " ")));
    for (const std::string& word : split(to_lower(text), ' ')) {
        if (all.find(word) == std::string::npos) return false;
    }
    return true;
}

Result<net::Response> list_catalog(Call& call) {
    const std::string only = call.query("catalog");
    if (!only.empty()) TRY(call.services.deps.catalogs.find(only));
    json::Array catalogs, items;
    for (const CatalogState& state : call.services.deps.catalogs.all()) {
        if (!only.empty() && state.name != only) continue;
        catalogs.push_back(catalog_value(state, call.identity.operates()));
        for (const ProjectTemplate& each : *state.templates) {
            if (is_found(each, call.query("text"))) items.push_back(template_short_value(state, each));
        }
    }
    return json_answer(Value::object({{"catalogs", Value(std::move(catalogs))}, {"items", Value(std::move(items))}}));
}

Result<net::Response> show_template(Call& call) {
    const Choice choice = TRY(chosen(call));
    return json_answer(template_value(choice.state, *choice.of, storage_names(call)));
}

void refresh_catalog(const CallPtr& call) {
    const auto known = call->services.deps.catalogs.find(call->param("catalog"));
    if (!known) return call->answer(fail(known.error()));
    const auto answer = [call](const CatalogState& state) {
        call->answer(json_answer(catalog_value(state, call->identity.operates())));
    };
    // Whoever asks again and again does not make the server ask others as often.
    if (call->services.deps.clock.now() - known->tried_at < kRefreshPause) return answer(*known);
    const bool taken = call->services.imports.post([call, answer] {
        const auto state = call->services.deps.catalogs.refresh(call->param("catalog"));
        if (!state) return call->answer(fail(state.error()));
        answer(*state);
    });
    if (taken) return;
    call->retry_after = std::chrono::seconds(10);
    call->answer(fail(ErrorCode::kExhausted, "too many repositories are being read at this moment; try again soon"));
}

/// What is to be made of a template.
struct Wish {
    std::string name;
    catalog::GivenValues given;
};

Result<Wish> read_wish(const net::Request& request, bool named) {
    Wish wish;
    TRY(read_body(request, [&](json::Reader& body) {
        wish.name = named ? body.text("name", json::kRequired) : body.text("name", std::string());
        if (const Value* values = body.raw("values")) wish.given.values = *values;
        wish.given.texts = body.scalar_text_map("texts");
    }));
    return wish;
}

Result<void> check_sound(const Choice& choice) {
    if (choice.of->sound()) return {};
    const catalog::TemplateFault& first = choice.of->faults.front();
    return fail(ErrorCode::kConflict, "the template {}/{} is broken and makes no projects: {}", choice.state.name,
                choice.of->name, catalog::to_string(first));
}

// What the server knows beside the document, such as that a name is taken.
std::vector<Fault> faults_for_server(Call& call, const domain::ProjectSpec& spec) {
    std::vector<Fault> faults;
    call.services.deps.runtime.ask(
        [&](const core::Core& core) { faults = core.project_faults(spec, call.identity.user, std::nullopt); });
    return faults;
}

// What is wrong is an answer here: it is asked while somebody types.
Result<net::Response> preview(Call& call) {
    const Choice choice = TRY(chosen(call));
    TRY(check_sound(choice));
    Wish wish = TRY(read_wish(call.request, false));
    if (wish.name.empty()) wish.name = choice.of->name;
    const auto values = catalog::complete_values(choice.of->defaults, wish.given, storage_names(call));
    catalog::Rendering made;
    if (values) made = catalog::render(*choice.of, *values, wish.name);
    else catalog::add_faults(made.faults, "values", values.error());
    if (made.spec) {
        for (Fault& fault : faults_for_server(call, *made.spec)) {
            const std::string file = fault.path == "name" ? "name" : std::string(catalog::kProjectDocument);
            made.faults.push_back({file, std::move(fault)});
        }
        if (const auto allowed = check_source_addresses(call, *made.spec, nullptr); !allowed)
            catalog::add_faults(made.faults, std::string(catalog::kProjectDocument), allowed.error());
    }
    return json_answer(Value::object({{"valid", made.faults.empty()},
                                      {"name", wish.name},
                                      {"values", values ? *values : Value()},
                                      {"text", made.text.empty() ? Value() : Value(made.text)},
                                      {"document", made.spec ? document::write_project(*made.spec) : Value()},
                                      {"faults", template_faults_value(made.faults)},
                                      {"warnings", template_faults_value(made.warnings)}}));
}

Error failed(std::string message, const std::vector<catalog::TemplateFault>& faults) {
    Error error{ErrorCode::kInvalid, std::move(message), {}, {}};
    for (const catalog::TemplateFault& each : faults) {
        Fault fault = each.fault;
        fault.path = fault.path.empty() ? each.file : fmt::format("{}: {}", each.file, fault.path);
        error.details.push_back(std::move(fault));
    }
    return error;
}

using Contents = std::vector<std::pair<catalog::TemplateFile, std::string>>;

/// A project that can be made, with what is to be put into its sources.
struct Installation {
    Edit edit;
    Contents files;
};

Result<Installation> read_installation(Call& call) {
    const Choice choice = TRY(chosen(call));
    TRY(check_sound(choice));
    Wish wish = TRY(read_wish(call.request, true));
    const auto values = catalog::complete_values(choice.of->defaults, wish.given, storage_names(call));
    if (!values) {
        if (values.error().details.empty()) return fail(values.error());
        return fail(failed(values.error().message, catalog::faults_in("values", values.error())));
    }
    catalog::Rendering made = catalog::render(*choice.of, *values, wish.name);
    if (!made.spec)
        return fail(failed(
            fmt::format("the template {}/{} makes no project of these values", choice.state.name, choice.of->name),
            made.faults));
    Installation ready;
    for (const catalog::TemplateFault& warning : made.warnings) {
        Fault fault = warning.fault;
        if (fault.path.empty()) fault.path = warning.file;
        ready.edit.warnings.push_back(std::move(fault));
    }
    TRY(call.services.deps.catalogs.read_files(
        choice.state, *choice.of, [&](const catalog::TemplateFile& file, const std::string& content) -> Result<void> {
            const domain::Source* source = made.spec->find_source(file.source);
            if (source != nullptr && std::holds_alternative<domain::ClusterStorageSource>(source->origin))
                ready.files.emplace_back(file, content);
            return {};
        }));
    ready.edit.spec = std::move(*made.spec);
    return ready;
}

// What is there stays as it is: a repeated request puts what an earlier one was kept from, and no more; and of a source
// that others share, nobody's file goes.
Result<void> put_files(Call& call, const domain::Project& project, const Contents& files) {
    if (project.revision != 1 || project.owner != call.identity.user) return {};
    for (const auto& [file, content] : files) {
        const domain::Source* source = project.spec.find_source(file.source);
        if (source == nullptr) continue;
        const auto files_there = TRY(
            call.services.deps.sources.files_of(*source, {project.home.str(), project.spec.name}, call.identity.user));
        if (files_there->open(file.path, 0)) continue;
        if (const auto done = source::put(*files_there, file.path, content); !done) {
            return fail(
                done.error().context(fmt::format("the project {} was made, but not every file of the template is in "
                                                 "its source {}; delete it and install it again once this is put right",
                                                 project.spec.name, file.source)));
        }
    }
    return {};
}

void install(const CallPtr& call) {
    const bool taken = call->services.imports.post([call] {
        auto ready = read_installation(*call);
        if (!ready) return call->answer(fail(ready.error()));
        make_project(call, std::move(ready->edit),
                     [files = std::make_shared<Contents>(std::move(ready->files))](
                         Call& later, const domain::Project& project) { return put_files(later, project, *files); });
    });
    if (taken) return;
    call->retry_after = std::chrono::seconds(10);
    call->answer(fail(ErrorCode::kExhausted, "too many templates are being installed at this moment; try again soon"));
}

}  // namespace

std::vector<Route> catalog_routes() {
    return {
        {.method = "GET",
         .path = "/catalog",
         .operation = "listCatalog",
         .permission = Permission::kSeeServer,
         .handler = list_catalog,
         .summary = "templates of projects, and the catalogs that they are in",
         .query = {{"text", "Words that must all be in a template's name, description or keywords."},
                   {"catalog", "Only of this one."}},
         .answer = {200, "Catalog"}},
        {.method = "POST",
         .path = "/catalog/{catalog}/refresh",
         .operation = "refreshCatalog",
         .permission = Permission::kMakeProject,
         .handler = refresh_catalog,
         .summary = "read a catalog again now; that it cannot be reached is part of the answer",
         .answer = {200, "CatalogState"}},
        {.method = "GET",
         .path = "/catalog/{catalog}/{template}",
         .operation = "showTemplate",
         .permission = Permission::kSeeServer,
         .handler = show_template,
         .summary = "one template: what it says of itself, and what it asks for",
         .answer = {200, "TemplateFull"}},
        {.method = "POST",
         .path = "/catalog/{catalog}/{template}/preview",
         .operation = "previewTemplate",
         .permission = Permission::kMakeProject,
         .handler = preview,
         .summary = "the project that a template makes of values; nothing is made",
         .body = {BodyShape::Kind::kJson, "TemplateRendering", false},
         .answer = {200, "TemplatePreview"}},
        {.method = "POST",
         .path = "/catalog/{catalog}/{template}/install",
         .operation = "installTemplate",
         .permission = Permission::kMakeProject,
         .handler = install,
         .summary = "make a project of a template and put what it brings into the project's sources",
         .body = {BodyShape::Kind::kJson, "TemplateInstall"},
         .answer = {201, "ProjectSaved"},
         .idempotency_key = true},
    };
}

}  // namespace pintle::api
