#include "api/call.hpp"

#include "api/project_names.hpp"
#include "base/check.hpp"
#include "base/text.hpp"
#include "net/gzip.hpp"
#include "net/url.hpp"

namespace pintle::api {
namespace {

/// The length of a compressed answer tells strangers on the wire whether a text of theirs in it resembles a secret in
/// it. So only good answers to reading are compressed: those to everything else may have new tokens and invitations,
/// and errors say back what was asked. Of what is read, routes say which answers have a secret of the session; the
/// others have what people wrote themselves, and little of the request. Beyond that the cookie is not sent along with
/// what pages of other sites ask for.
bool may_compress(const Call& call, const net::Response& response) {
    const bool reads = call.request.method == "GET" || call.request.method == "HEAD";
    return reads && call.route != nullptr && !call.route->tells_secret && response.status == 200 &&
           response.headers.get("Content-Type").starts_with("application/json");
}

}  // namespace

const std::string& Call::param(std::string_view name) const {
    for (const auto& [known, value] : params) {
        if (known == name) return value;
    }
    unreachable();
}

std::string Call::query(std::string_view name) const {
    const std::string* value = request.query.find(name);
    return value == nullptr ? std::string() : *value;
}

std::optional<std::int64_t> Call::query_whole(std::string_view name) const {
    const std::string* value = request.query.find(name);
    return value == nullptr ? std::nullopt : parse_int(*value);
}

bool Call::query_flag(std::string_view name) const {
    const std::string value = query(name);
    return value == "1" || value == "true";
}

store::PageRequest Call::page() const {
    return {query("cursor"), static_cast<std::size_t>(query_whole("limit").value_or(100))};
}

bool Call::wants_events() const {
    return request.headers.get("Accept").find("text/event-stream") != std::string_view::npos;
}

std::string Call::last_event_id() const { return std::string(request.headers.get("Last-Event-ID")); }

Result<std::string> Call::by() const {
    if (identity.kind != auth::Identity::Kind::kJob) return identity.name;
    return services.deps.readers.with([&](store::StoreReader& reader) -> Result<std::string> {
        const auto asking = TRY(reader.find_job(identity.job));
        return "job " + (asking ? ProjectNames(reader).display_name(*asking) : identity.job.str());
    });
}

std::string Call::address() const {
    const std::string& remote = request.remote;
    const bool by_proxy =
        !services.options.sign_in.public_url.empty() && net::is_loopback(net::url_host("http://" + remote));
    const std::string_view chain = by_proxy ? request.headers.get("X-Forwarded-For") : "";
    // What stands before the last comma is what the client says of itself.
    const std::string_view last = trim(chain.substr(chain.rfind(',') + 1));
    return last.empty() ? remote.substr(0, remote.rfind(':')) : to_valid_utf8(last.substr(0, 60));
}

domain::Actor Call::actor() const { return auth::actor_of(identity, address()); }

Result<store::Viewer> Call::viewer() const {
    using Scope = store::Viewer::Scope;
    const std::string show = query("show");
    if (show == "everyone" && !identity.operates())
        return fail(ErrorCode::kDenied, "only operators may list what is everyone's; show owned, shared or all");
    const Scope scope = show == "owned"      ? Scope::kOwned
                        : show == "shared"   ? Scope::kShared
                        : show == "everyone" ? Scope::kEvery
                                             : Scope::kAll;
    return store::Viewer{identity.user, identity.group, scope};
}

void Call::answer(Result<net::Response> result) {
    net::Response response = result ? std::move(*result) : error_answer(result.error(), request.request_id);
    if (!result && retry_after.count() > 0)
        response.headers.set("Retry-After",
                             std::to_string(std::chrono::ceil<std::chrono::seconds>(retry_after).count()));
    add_common_headers(response.headers);
    if (result && may_compress(*this, response)) net::gzip_answer(response, request);
    responder_.send(std::move(response));
}

std::shared_ptr<net::Stream> Call::stream(std::string_view content_type, net::Headers more, int status) {
    more.set("Content-Type", std::string(content_type));
    add_common_headers(more);
    return responder_.stream(status, std::move(more));
}

void command(const std::shared_ptr<Call>& call, core::InputBody body, Then then) {
    Services& services = call->services;
    // Through a weak pointer: the runtime answers what is left over at its end, when this module may be gone.
    const std::weak_ptr<Executor> executor = services.executor;
    services.deps.runtime.post(
        std::move(body), call->actor(), [call, executor, then = std::move(then)](Result<std::string> result) {
            const auto threads = executor.lock();
            const bool taken = threads && threads->post([call, then, result] {
                call->answer(result ? then(*call, *result) : Result<net::Response>(fail(result.error())));
            });
            if (!taken) call->answer(fail(ErrorCode::kUnavailable, "the server is stopping"));
        });
}

}  // namespace pintle::api
