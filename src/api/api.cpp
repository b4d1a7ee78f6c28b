#include "api/api.hpp"

#include <algorithm>

#include "api/access.hpp"
#include "api/openapi.hpp"
#include "api/prometheus.hpp"
#include "api/router.hpp"
#include "api/routes.hpp"
#include "api/services.hpp"
#include "api/upload_sweeper.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "metrics/exposition.hpp"

namespace pintle::api {
namespace {

constexpr std::size_t kJsonLimitBytes = 8u << 20;
constexpr std::size_t kDocumentLimitBytes = 4u << 20;

std::size_t limit_of(const Route& route) {
    if (route.body.most_bytes > 0) return route.body.most_bytes;
    switch (route.body.kind) {
        case BodyShape::Kind::kNone:
        case BodyShape::Kind::kJson: return kJsonLimitBytes;
        case BodyShape::Kind::kDocument: return kDocumentLimitBytes;
        case BodyShape::Kind::kBytes: break;
    }
    return kBodyLimitBytes;
}

std::string_view name_of(const Route& route) {
    switch (route.body.kind) {
        case BodyShape::Kind::kNone:
        case BodyShape::Kind::kJson: return "the body of a request";
        case BodyShape::Kind::kDocument: return "a project document";
        case BodyShape::Kind::kBytes: break;
    }
    return route.operation == "putFile"     ? "a file that is put at once; send larger ones in pieces, by an upload: it"
           : route.operation == "sendPiece" ? "a piece of an upload"
                                            : "a file";
}

Result<void> check_body_size(const Route& route, std::size_t size) {
    const std::size_t limit = limit_of(route);
    return size <= limit ? Result<void>() : fail(too_large(name_of(route), limit));
}

net::Response not_allowed(const net::Request& request, const std::string& allowed) {
    const std::string message = fmt::format("{} does not take {}; it takes {}",
                                            to_valid_utf8(request.path.substr(0, 200)), request.method, allowed);
    net::Response response = error_answer(Error{ErrorCode::kInvalid, message, {}, {}}, request.request_id);
    response.status = 405;
    response.headers.set("Allow", allowed);
    return response;
}

}  // namespace

struct Api::Impl {
    Impl(const ApiDeps& deps, ApiOptions options) : services(deps, std::move(options)), router(all_routes()) {
        services.pump.add(std::make_unique<UploadSweeper>(services), services.pump.make_poke());
    }

    /// Everything that must hold before the handler is called.
    Result<void> admit(Call& call, Match match);

    /// What everybody may know.
    Result<net::Response> scrape() {
        return text_answer(TRY(prometheus_text(services, {})), metrics::Exposition::kContentType);
    }

    Services services;
    const Router router;
};

Result<void> Api::Impl::admit(Call& call, Match match) {
    if (match.route == nullptr)
        return fail(ErrorCode::kNotFound, "there is nothing at {}", to_valid_utf8(call.request.path.substr(0, 200)));
    call.route = match.route;
    call.params = std::move(match.params);
    TRY(check_body_size(*call.route, call.request.body.size()));
    TRY(check_query(*call.route, call.request.query));
    return resolve_and_permit(call);
}

Api::Api(const ApiDeps& deps, ApiOptions options) : impl_(std::make_unique<Impl>(deps, std::move(options))) {}

Api::~Api() { stop(); }

void Api::stop() {
    impl_->services.feed.stop();
    impl_->services.pump.stop();
    impl_->services.desk.stop();
    impl_->services.imports.stop();
    impl_->services.lookups.stop();
    impl_->services.deps.sources.stop_looking();
    impl_->services.files.stop();
    impl_->services.executor->stop();
}

std::string Api::openapi() { return openapi_document(); }

std::size_t Api::body_limit_of(const net::Request& head) const {
    // Twice what is allowed, so that who sends a little too much is told by what it was meant for.
    constexpr std::size_t kSlack = 2;
    const auto identity = identify(impl_->services.deps, head);
    if (!identity || identity->kind == auth::Identity::Kind::kNobody) return 0;
    const auto target = net::parse_target(head.target);
    if (!target) return kJsonLimitBytes;
    net::Request asked;
    asked.method = head.method;
    asked.segments = target->segments;
    const Match match = impl_->router.find(asked);
    return match.route == nullptr ? kJsonLimitBytes : std::min(kBodyLimitBytes, limit_of(*match.route) * kSlack);
}

void Api::handle(net::Request request, net::Responder responder) {
    ++impl_->services.requests;
    const bool is_scrape = request.path == kMetricsPath;
    if (is_scrape) request.segments = {"api", "v1", "server", "metrics"};
    const auto call = std::make_shared<Call>(impl_->services, std::move(request), std::move(responder));
    if (auto host = check_host(call->request, impl_->services.options.host_names); !host)
        return call->answer(fail(host.error()));
    if (is_scrape && impl_->services.options.metrics_public && call->request.method == "GET")
        return call->answer(impl_->scrape());
    if (auto clean = check_no_secret(call->request.query); !clean) return call->answer(fail(clean.error()));
    auto identity = identify(impl_->services.deps, call->request);
    if (!identity) return call->answer(fail(identity.error()));
    call->identity = std::move(*identity);
    Match match = impl_->router.find(call->request);
    // Before anything else is told: who is nobody does not even learn what there is.
    if (auto known = check_known(call->identity, match.route); !known) return call->answer(fail(known.error()));
    if (match.route == nullptr && !match.allowed.empty())
        return call->answer(not_allowed(call->request, match.allowed));
    if (auto admitted = impl_->admit(*call, std::move(match)); !admitted) return call->answer(fail(admitted.error()));
    if (const auto* read = std::get_if<ReadHandler>(&call->route->handler)) return call->answer((*read)(*call));
    std::get<LongHandler>(call->route->handler)(call);
}

}  // namespace pintle::api
