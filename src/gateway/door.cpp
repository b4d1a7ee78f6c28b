#include "gateway/door.hpp"

#include <algorithm>

#include "auth/host.hpp"
#include "auth/secret.hpp"
#include "auth/tokens.hpp"
#include "base/text.hpp"
#include "net/http_message.hpp"
#include "net/url.hpp"

namespace pintle::gateway {
namespace {

constexpr std::size_t kMaxPathBytes = 2048;

std::string_view port_of(std::string_view address) { return address.substr(address.rfind(':') + 1); }

/// A loopback address has two names, which browsers hold for two sites: each is the other's door, so that neither a
/// cookie nor a program of the one gets into the other, as they would between two ports of one name.
std::string other_name(const std::string& host) {
    if (host == "127.0.0.1") return "localhost";
    if (host == "localhost") return "127.0.0.1";
    return host;
}

/// A name for the host of one component, the same each time.
std::string label_of(const domain::ProjectId& project, std::string_view component) {
    return "c" + auth::secret_hash(fmt::format("{}/{}", project.str(), component)).substr(0, 20);
}

std::string without_default_port(std::string authority, bool https) {
    const std::string_view port = https ? ":443" : ":80";
    if (authority.ends_with(port)) authority.resize(authority.size() - port.size());
    return to_lower(authority);
}

std::string authority_of(std::string_view url) { return std::string(url.substr(url.find("://") + 3)); }

bool is_clean_path(std::string_view path) {
    return path.size() <= kMaxPathBytes &&
           std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
}

}  // namespace

std::string prefix_of(const domain::ProjectId& project, std::string_view component) {
    return fmt::format("/projects/{}/components/{}", project.str(), component);
}

bool is_below(std::string_view target, std::string_view prefix) {
    if (!target.starts_with(prefix)) return false;
    return target.size() == prefix.size() || target[prefix.size()] == '/' || target[prefix.size()] == '?';
}

Result<std::string> Door::origin_of(const Pass& pass, const Caller& caller) const {
    if (!options_.url.empty()) return replace_all(options_.url, "*", label_of(pass.project, pass.component));
    if (caller.https) {
        return fail(ErrorCode::kUnavailable,
                    "this server is reached by https, and nobody has said where its components are; the operator sets "
                    "components.url in the server's configuration");
    }
    std::string host = auth::host_name(caller.host);
    if (!options_.address.starts_with('[')) host = other_name(host);
    return fmt::format("http://{}:{}", host, port_of(options_.address));
}

Result<std::string> Door::open(const Pass& pass, const Caller& caller, std::string_view to, Time now) {
    const std::string prefix = prefix_of(pass.project, pass.component);
    const std::string path = to.empty() ? prefix + "/" : std::string(to);
    if (!is_below(path, prefix) || !is_clean_path(path) || !net::parse_target(path))
        return fail(ErrorCode::kInvalid, "\"{}\" is no path of this component", to_valid_utf8(path.substr(0, 200)));
    const std::string origin = TRY(origin_of(pass, caller));
    const std::string secret = auth::random_text(24);
    tickets_.with([&](auth::RecentMap<Ticket>& tickets) {
        tickets.touch(auth::secret_hash(secret)) = Ticket{pass, path, now + kTicketTime};
    });
    return fmt::format("{}{}?ticket={}", origin, kEnterPath, secret);
}

std::optional<Door::Entry> Door::take(std::string_view ticket, Time now) {
    const std::string key = auth::secret_hash(ticket);
    return tickets_.with([&](auth::RecentMap<Ticket>& tickets) -> std::optional<Entry> {
        const Ticket* found = tickets.find(key);
        if (found == nullptr) return std::nullopt;
        const Ticket taken = *found;
        tickets.erase(key);
        if (taken.expires_at <= now) return std::nullopt;
        return Entry{taken.pass, taken.to};
    });
}

Result<void> Door::check_host(std::string_view host, const domain::ProjectId& project,
                              std::string_view component) const {
    if (options_.url.empty()) return auth::check_host(host, options_.host_names);
    const std::string url = replace_all(options_.url, "*", label_of(project, component));
    if (without_default_port(std::string(host), is_https()) == without_default_port(authority_of(url), is_https()))
        return {};
    return fail(ErrorCode::kDenied, "this component is not at \"{}\"; open it through the project's page",
                to_valid_utf8(host.substr(0, 100)));
}

bool Door::is_local() const {
    return options_.main_url.empty() && net::is_loopback(auth::host_name(options_.address));
}

bool Door::is_good() const {
    return options_.url.find('*') != std::string::npos || (is_local() && options_.url.empty());
}

std::string Door::in_words() const {
    if (is_missing())
        return "the server is called by https and its components are not: set components.url in its configuration, and "
               "lead a proxy from there to " +
               options_.address;
    const std::string place =
        options_.url.empty() ? fmt::format("at port {}", port_of(options_.address)) : "at " + options_.url;
    if (is_good()) return fmt::format("found {}", place);
    return fmt::format(
        "found {}, all of them on one host: somebody who opens a component of another person lets its pages reach "
        "their own; components.url with a star, such as https://*.tools.example, gives each a host of its own",
        place);
}

std::string Door::server_url(std::string_view gateway_host) const {
    if (!options_.main_url.empty()) return options_.main_url;
    std::string host = auth::host_name(gateway_host);
    if (!options_.address.starts_with('[')) host = other_name(host);
    return fmt::format("http://{}:{}", host, port_of(options_.main_address));
}

}  // namespace pintle::gateway
