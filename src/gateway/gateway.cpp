#include "gateway/gateway.hpp"

#include <atomic>

#include "auth/cookie.hpp"
#include "base/text.hpp"
#include "domain/name.hpp"
#include "gateway/frame_reader.hpp"
#include "gateway/person_traffic.hpp"
#include "gateway/rewrite.hpp"
#include "gateway/state_page.hpp"
#include "gateway/use_watch.hpp"
#include "net/url.hpp"

namespace pintle::gateway {
namespace {

using net::Forward;
using net::Request;
using net::Response;

constexpr std::size_t kContentBytes = 4096;

/// Which component a path is about.
struct Named {
    domain::ProjectId project;
    std::string component;
    std::string prefix;
};

Result<Named> named_by(const Request& head) {
    const auto nothing = [&] {
        return fail(ErrorCode::kNotFound,
                    "there is nothing at {}; components are opened from the page of their project",
                    to_valid_utf8(head.path.substr(0, 200)));
    };
    const auto& parts = head.segments;
    if (parts.size() < 4 || parts[0] != "projects" || parts[2] != "components") return nothing();
    if (!looks_like_ulid(parts[1]) || !domain::is_valid_name(parts[3])) return nothing();
    Named named{domain::ProjectId(parts[1]), parts[3], prefix_of(domain::ProjectId(parts[1]), parts[3])};
    // As it is written: an encoding of the same path would be another one for the cookie and for the component.
    if (!is_below(head.target, named.prefix)) return nothing();
    return named;
}

/// Other sites' pages, and other components', may lead here, and no more.
Result<void> check_page(const Request& head, std::string_view host) {
    const std::string_view site = head.headers.get("Sec-Fetch-Site");
    const bool changes = (head.method != "GET" && head.method != "HEAD") || net::asks_for_websocket(head);
    const bool opened =
        head.headers.get("Sec-Fetch-Mode") == "navigate" && head.headers.get("Sec-Fetch-Dest") == "document";
    if (!changes && opened) return {};
    // Programs that are no browsers say nothing of pages, and have the cookie because somebody gave it to them.
    if (head.headers.find("Origin") == nullptr && site.empty()) return {};
    if (!changes && head.headers.find("Origin") == nullptr && (site == "same-origin" || site == "none")) return {};
    return auth::same_origin(head.headers, host);
}

/// What of a body tells it from another: its beginning, looked at when all of it has passed or that much.
class BodyNote {
public:
    BodyNote(PersonTraffic& traffic, Endpoint endpoint, std::string kind, const Clock& clock)
        : traffic_(traffic), endpoint_(std::move(endpoint)), kind_(std::move(kind)), clock_(clock) {}

    void feed(std::string_view bytes) {
        beginning_ += bytes.substr(0, kContentBytes - std::min(kContentBytes, beginning_.size()));
    }
    void end() {
        if (!beginning_.empty()) traffic_.content(endpoint_, kind_, beginning_, clock_.now());
        beginning_.clear();
    }

private:
    PersonTraffic& traffic_;
    const Endpoint endpoint_;
    const std::string kind_;
    const Clock& clock_;
    std::string beginning_;
};

}  // namespace

class Gateway::Impl {
public:
    Impl(Options options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}

    Result<void> open();
    void connect(Directory& directory, Door& door);
    void stop();
    [[nodiscard]] const std::string& address() const { return proxy_->address(); }

private:
    struct Parts {
        Directory& directory;
        Door& door;
    };

    [[nodiscard]] net::ProxyServer::Verdict decide(const Request& head);
    [[nodiscard]] Response enter(Parts parts, const Request& head);
    [[nodiscard]] net::ProxyServer::Verdict visit(Parts parts, const Request& head);
    [[nodiscard]] Response resume(Parts parts, const Request& head, const Named& named, const Pass& pass);
    [[nodiscard]] Result<Pass> pass_of(const Request& head, const Named& named) const;
    [[nodiscard]] Forward forward(Parts parts, const Request& head, const Named& named, const Pass& pass,
                                  const Endpoint& endpoint);
    void watch_traffic(Forward& forward, const Request& head, const Endpoint& endpoint);
    [[nodiscard]] Visit visit_of(Parts parts, const Request& head, const Named& named) const;

    const Options options_;
    const Clock& clock_;
    PersonTraffic traffic_;
    std::atomic<Parts*> parts_{nullptr};
    std::unique_ptr<Parts> owned_parts_;
    std::unique_ptr<net::ProxyServer> proxy_;
    std::unique_ptr<UseWatch> watch_;
};

Result<void> Gateway::Impl::open() {
    net::ProxyServer::Options options = options_.proxy;
    options.listen = options_.listen;
    proxy_ = TRY(net::ProxyServer::open(std::move(options), [this](const Request& head) { return decide(head); }));
    return {};
}

void Gateway::Impl::connect(Directory& directory, Door& door) {
    owned_parts_ = std::make_unique<Parts>(Parts{directory, door});
    parts_ = owned_parts_.get();
    watch_ = std::make_unique<UseWatch>(directory, traffic_, options_.look_interval);
}

void Gateway::Impl::stop() {
    watch_.reset();
    if (proxy_) proxy_->stop();
}

net::ProxyServer::Verdict Gateway::Impl::decide(const Request& head) {
    Parts* parts = parts_;
    if (parts == nullptr) return fault_answer(503, "unavailable", "the server is starting", head);
    if (head.path == kEnterPath) return enter(*parts, head);
    return visit(*parts, head);
}

/// Takes the ticket and gives the cookie. A page of another site may lead here: the ticket says who was let in.
Response Gateway::Impl::enter(Parts parts, const Request& head) {
    const std::string* ticket = head.query.find("ticket");
    auto entry = ticket != nullptr && head.method == "GET" ? parts.door.take(*ticket, clock_.now()) : std::nullopt;
    if (!entry)
        return refused_answer(head,
                              Error{ErrorCode::kUnauthorized,
                                    "this address has been used already, or is older than a minute; open the component "
                                    "from its project's page again",
                                    {},
                                    {}},
                              "");
    const std::string_view host = head.headers.get("Host");
    if (auto known = parts.door.check_host(host, entry->pass.project, entry->pass.component); !known)
        return refused_answer(head, known.error(), "");
    Pass pass = entry->pass;
    pass.expires_at = clock_.now() + kPassTime;
    auth::Cookie cookie{std::string(kPassCookie), seal_pass(pass, options_.key), kPassTime};
    cookie.secure = parts.door.is_https();
    cookie.path = prefix_of(pass.project, pass.component);
    return Response{303,
                    {{"Location", entry->to},
                     {"Set-Cookie", auth::set_cookie(cookie)},
                     {"Cache-Control", "no-store"},
                     {"Referrer-Policy", "no-referrer"}},
                    {}};
}

Result<Pass> Gateway::Impl::pass_of(const Request& head, const Named& named) const {
    const auto cookie = auth::find_cookie(head.headers, kPassCookie);
    const auto pass = cookie ? open_pass(*cookie, options_.key, clock_.now()) : std::nullopt;
    if (!pass || pass->project != named.project || pass->component != named.component)
        return fail(ErrorCode::kUnauthorized, "this browser was not let in to this component, or long ago");
    return *pass;
}

net::ProxyServer::Verdict Gateway::Impl::visit(Parts parts, const Request& head) {
    const auto named = named_by(head);
    if (!named) return refused_answer(head, named.error(), "");
    const std::string_view host = head.headers.get("Host");
    if (auto known = parts.door.check_host(host, named->project, named->component); !known)
        return refused_answer(head, known.error(), "");
    if (auto own = check_page(head, host); !own) return refused_answer(head, own.error(), "");
    const std::string server = parts.door.server_url(host);
    const std::string open_url = fmt::format("{}/api/v1/projects/{}/components/{}/open?to={}", server,
                                             named->project.str(), named->component, net::percent_encode(head.target));
    const auto pass = pass_of(head, *named);
    if (!pass) return refused_answer(head, pass.error(), open_url);
    if (auto admitted = parts.directory.admit(*pass); !admitted)
        return refused_answer(head, admitted.error(),
                              admitted.error().code == ErrorCode::kUnauthorized ? open_url : "");
    if (head.path == named->prefix + std::string(kResumePath)) return resume(parts, head, *named, *pass);
    const auto endpoint = parts.directory.find(named->project, named->component);
    if (!endpoint) return refused_answer(head, endpoint.error(), "");
    if (endpoint->state != Endpoint::State::kRunning || endpoint->port == 0)
        return state_answer(head, *endpoint, server);
    return forward(parts, head, *named, *pass, *endpoint);
}

Response Gateway::Impl::resume(Parts parts, const Request& head, const Named& named, const Pass& pass) {
    if (head.method == "POST") {
        if (auto resumed = parts.directory.resume(pass); !resumed) return refused_answer(head, resumed.error(), "");
    }
    return Response{303, {{"Location", named.prefix + "/"}, {"Cache-Control", "no-store"}}, {}};
}

Visit Gateway::Impl::visit_of(Parts parts, const Request& head, const Named& named) const {
    Visit visit;
    visit.prefix = named.prefix;
    visit.host = head.headers.get("Host");
    visit.https = parts.door.is_https();
    visit.remote = head.remote;
    // A proxy that ends the encryption is the only one that calls from here by another name than ours.
    visit.behind_proxy = visit.https && net::is_loopback(net::url_host("http://" + head.remote));
    return visit;
}

Forward Gateway::Impl::forward(Parts parts, const Request& head, const Named& named, const Pass& pass,
                               const Endpoint& endpoint) {
    const Visit visit = visit_of(parts, head, named);
    Forward forward;
    forward.host = endpoint.host;
    forward.port = endpoint.port;
    forward.target = head.target;
    forward.headers = request_headers(net::end_to_end(head.headers), endpoint, visit);
    forward.key = named.prefix;
    forward.on_answer = [endpoint, visit](int, net::Headers& headers) { confine_answer(headers, endpoint, visit); };
    forward.on_fault = [head, endpoint](std::string_view why) { return silent_answer(head, endpoint, why); };
    // The job too: what runs in its place is another server, which knows another token.
    forward.may_go_on = [&directory = parts.directory, pass, job = endpoint.job] {
        if (!directory.admit(pass)) return false;
        const auto now = directory.find(pass.project, pass.component);
        return now && now->job == job;
    };
    watch_traffic(forward, head, endpoint);
    return forward;
}

void Gateway::Impl::watch_traffic(Forward& forward, const Request& head, const Endpoint& endpoint) {
    traffic_.request(endpoint, head, clock_.now());
    const std::string kind = head.method + " " + without_cache_breakers(head.target);
    if (net::asks_for_websocket(head)) {
        const auto reader =
            std::make_shared<FrameReader>([this, endpoint, kind](std::string_view beginning, std::uint64_t) {
                traffic_.content(endpoint, kind, beginning, clock_.now());
            });
        forward.on_sent = [reader](std::string_view bytes) { reader->feed(bytes); };
    } else {
        const auto note = std::make_shared<BodyNote>(traffic_, endpoint, kind, clock_);
        forward.on_sent = [note](std::string_view bytes) { note->feed(bytes); };
        forward.on_end = [note] { note->end(); };
    }
}

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Gateway::~Gateway() { stop(); }

Result<std::unique_ptr<Gateway>> Gateway::open(Options options, const Clock& clock) {
    auto impl = std::make_unique<Impl>(std::move(options), clock);
    TRY(impl->open());
    return std::unique_ptr<Gateway>(new Gateway(std::move(impl)));
}

const std::string& Gateway::address() const { return impl_->address(); }
void Gateway::connect(Directory& directory, Door& door) { impl_->connect(directory, door); }
void Gateway::stop() { impl_->stop(); }

}  // namespace pintle::gateway
