#include "api/access.hpp"
#include "api/bodies.hpp"
#include "api/routes.hpp"
#include "api/sign_in.hpp"
#include "auth/cookie.hpp"
#include "auth/plain_page.hpp"
#include "base/text.hpp"
#include "gateway/door.hpp"

namespace pintle::api {
namespace {

using auth::Permission;
using json::Value;

/// A browser that shows what it gets, where a link was followed.
bool is_opened(const net::Request& request) {
    const std::string_view mode = request.headers.get("Sec-Fetch-Mode");
    if (!mode.empty()) return mode == "navigate";
    return request.headers.get("Accept").find("text/html") != std::string_view::npos;
}

/// Whether no page of another origin made the browser ask. A component's page could otherwise let itself in to the
/// other components of its visitor, whose pages have the same origin as its own unless each has a host of its own.
bool is_own_page(const Call& call) {
    if (call.identity.via != auth::Identity::Via::kSession) return true;
    const net::Headers& headers = call.request.headers;
    const std::string_view site = headers.get("Sec-Fetch-Site");
    if (!site.empty()) return site == "same-origin" || site == "none";
    const bool told = headers.find("Origin") != nullptr || headers.find("Referer") != nullptr;
    return !told || auth::same_origin(headers, headers.get("Host")).has_value();
}

gateway::Pass pass_of(const Call& call) {
    gateway::Pass pass;
    pass.via = call.identity.via;
    pass.credential = pass.via == auth::Identity::Via::kToken ? call.identity.token_hash : call.identity.session_hash;
    pass.user = call.identity.user;
    pass.project = call.project->id;
    pass.component = call.param("component");
    return pass;
}

Result<bool> is_shared(Call& call) {
    std::optional<bool> shared;
    call.services.deps.runtime.ask([&](const core::Core& core) {
        for (const core::ComponentView& view : core.components(call.project->id)) {
            if (view.component.name == call.param("component")) shared = view.component.shared.value_or(false);
        }
    });
    if (shared) return *shared;
    return fail(ErrorCode::kNotFound, "the project {} has no component \"{}\"", call.project->spec.name,
                to_valid_utf8(call.param("component").substr(0, 100)));
}

/// A person who comes from elsewhere says once more that this is wanted: that click is this server's own page's.
net::Response ask_person(const Call& call) {
    auth::PlainPage page;
    page.title = fmt::format("Open {} of {}?", call.param("component"), call.project->spec.name);
    page.sentences = {"Another page led here. Open it if you meant to."};
    page.link = {"Open", call.request.target};
    return auth::plain_page(page);
}

Result<net::Response> open_component(Call& call) {
    const bool shared = TRY(is_shared(call));
    if (!may_open(call.identity, call.subject, shared))
        return fail(ErrorCode::kDenied, "only the project's owner may open this: who does acts in their name");
    if (!call.services.options.door)
        return fail(ErrorCode::kUnavailable, "this server leads nobody to components");
    if (!is_own_page(call)) {
        if (is_opened(call.request)) return ask_person(call);
        return fail(ErrorCode::kDenied,
                    "another site's page made this request; open the component from its project's page");
    }
    const Time now = call.services.deps.clock.now();
    const gateway::Door::Caller caller{std::string(call.request.headers.get("Host")), is_https(call)};
    const std::string url = TRY(call.services.options.door->open(pass_of(call), caller, call.query("to"), now));
    net::Headers headers{{"Cache-Control", "no-store"}, {"Referrer-Policy", "no-referrer"}};
    if (!is_opened(call.request)) {
        net::Response response =
            json_answer(Value::object({{"url", url}, {"expires_at", time_value(now + gateway::kTicketTime)}}));
        for (const auto& [name, value] : headers) response.headers.set(name, value);
        return response;
    }
    headers.add("Location", url);
    return net::Response{303, std::move(headers), {}};
}

/// People see a page, programs the error itself.
Result<net::Response> open_for_reader(Call& call) {
    auto result = open_component(call);
    if (result || !is_opened(call.request)) return result;
    auth::PlainPage page;
    page.status = http_status(result.error().code);
    page.title = "This cannot be opened";
    page.sentences = {result.error().message};
    page.link = {"The project's page", fmt::format("/projects/{}", call.project->id.str())};
    return auth::plain_page(page);
}

}  // namespace

std::vector<Route> component_open_routes() {
    return {
        {.method = "GET",
         .path = "/projects/{project}/components/{component}/open",
         .operation = "openComponent",
         .permission = Permission::kSeeProject,
         .handler = open_for_reader,
         .summary = "an address that lets a browser in to a component once, within a minute; a browser is led there",
         .query = {{"to", "where to in the component: a path below /projects/ID/components/NAME"}},
         .answer = {200, "ComponentEntry"}}};
}

}  // namespace pintle::api
