#include <algorithm>

#include "api/bodies.hpp"
#include "api/component_answers.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;
using CallPtr = std::shared_ptr<Call>;

Result<net::Response> list_components(Call& call) {
    json::Array items;
    for (const ComponentSeen& seen : see_components(call)) items.push_back(component_value(call, seen));
    return json_answer(page_value(std::move(items), ""));
}

Result<net::Response> show_component(Call& call) {
    const std::string& name = call.param("component");
    std::vector<std::string> names;
    for (const ComponentSeen& seen : see_components(call)) {
        if (seen.view.component.name == name) return json_answer(component_value(call, seen));
        names.push_back(seen.view.component.name);
    }
    return fail(ErrorCode::kNotFound, "the project {} has no component \"{}\"; it has: {}", call.project->spec.name,
                to_valid_utf8(name.substr(0, 100)), join(names, ", "));
}

Result<net::Response> component_now(Call& call, const std::string&) { return show_component(call); }

void enable_component(const CallPtr& call) {
    constexpr std::int64_t kGpusMost = 1000;
    core::input::EnableComponent enable{call->project->id, call->param("component"), std::nullopt};
    const auto read = read_body(call->request, [&](json::Reader& body) {
        if (const auto gpus = body.integer("gpus", 0, kGpusMost)) enable.gpus = static_cast<int>(*gpus);
    });
    if (!read) return call->answer(fail(read.error()));
    command(call, std::move(enable), component_now);
}

template <class Command>
void give(const CallPtr& call) {
    command(call, Command{call->project->id, call->param("component")}, component_now);
}

Route change(std::string_view path, std::string_view operation, LongHandler handler, std::string_view summary) {
    return {.method = "POST",
            .path = path,
            .operation = operation,
            .permission = Permission::kEditProject,
            .handler = handler,
            .summary = summary,
            .answer = {200, "Component"}};
}

}  // namespace

std::vector<Route> component_routes() {
    std::vector<Route> routes{
        {.method = "GET",
         .path = "/projects/{project}/components",
         .operation = "listComponents",
         .permission = Permission::kSeeProject,
         .handler = list_components,
         .summary = "a project's components as they are: Jupyter, TensorBoard and its own",
         .answer = {200, "[Component]"}},
        {.method = "GET",
         .path = "/projects/{project}/components/{component}",
         .operation = "showComponent",
         .permission = Permission::kSeeProject,
         .handler = show_component,
         .summary = "one component",
         .answer = {200, "Component"}},
        change("/projects/{project}/components/{component}/enable", "enableComponent", enable_component,
               "let a component run from now on; one that failed is tried at once"),
        change("/projects/{project}/components/{component}/disable", "disableComponent",
               give<core::input::DisableComponent>, "end a component; what it keeps in its folder stays"),
        change("/projects/{project}/components/{component}/restart", "restartComponent",
               give<core::input::RestartComponent>,
               "end a component and start it again, with what the project says now"),
        change("/projects/{project}/components/{component}/pause", "pauseComponent", give<core::input::PauseComponent>,
               "end a component until somebody opens it"),
    };
    routes[2].body = {BodyShape::Kind::kJson, "EnableComponent", false};
    return routes;
}

}  // namespace pintle::api
