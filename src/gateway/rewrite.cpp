#include "gateway/rewrite.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "gateway/door.hpp"

namespace pintle::gateway {
namespace {

template <std::size_t kSize>
bool is_one_of(std::string_view name, const std::array<std::string_view, kSize>& names) {
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view one) { return net::is_same_header(name, one); });
}

/// What is between the browser and the server, or made anew. Compressed frames would hide whether somebody types.
constexpr std::array<std::string_view, 12> kNotForComponents{
    "Authorization", "Cookie", "Host", "Origin", "Referer", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host",
    "X-Forwarded-Proto", "X-Real-IP", "X-CSRF-Token", "Sec-WebSocket-Extensions"};

/// By these a component would speak for the whole host, or open itself to other origins.
constexpr std::array<std::string_view, 14> kNotForBrowsers{
    "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers", "Access-Control-Expose-Headers", "Access-Control-Max-Age", "Alt-Svc",
    "Clear-Site-Data", "NEL", "Public-Key-Pins", "Report-To", "Service-Worker-Allowed", "Strict-Transport-Security",
    "Set-Cookie"};

bool is_own_cookie(std::string_view name) {
    const std::string lower = to_lower(name);
    return lower.starts_with("pintle") || lower.starts_with("__host-") || lower.starts_with("__secure-pintle");
}

std::string place_of(const Endpoint& endpoint) {
    const bool v6 = endpoint.host.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", v6 ? "[" : "", endpoint.host, v6 ? "]" : "", endpoint.port);
}

/// The server's own cookies come along, because cookies know no ports; they end here.
std::string cookies_for_component(const net::Headers& headers) {
    std::string kept;
    for (const auto& [name, value] : headers) {
        if (!net::is_same_header(name, "Cookie")) continue;
        for (const auto& part : split(value, ';')) {
            const std::string_view cookie = trim(part);
            if (cookie.empty() || is_own_cookie(trim(cookie.substr(0, cookie.find('='))))) continue;
            kept += kept.empty() ? "" : "; ";
            kept += cookie;
        }
    }
    return kept;
}

/// "https://tools.example/a" → "http://127.0.0.1:8888/a", if it is of the gateway; else as it is.
std::string as_component_sees(std::string_view url, const std::string& place, const Visit& visit) {
    const std::string own = fmt::format("{}://{}", visit.https ? "https" : "http", visit.host);
    if (url != own && !url.starts_with(own + "/")) return std::string(url);
    return "http://" + place + std::string(url.substr(own.size()));
}

/// A redirect of the component's, as a path below its own where it leads to itself.
std::string confined_location(const std::string& location, const std::string& place, const Visit& visit) {
    std::string path = location;
    for (const std::string& own :
         {"http://" + place, fmt::format("http://{}", visit.host), fmt::format("https://{}", visit.host)}) {
        if (location == own) path = "/";
        if (location.starts_with(own + "/")) path = location.substr(own.size());
    }
    if (!path.starts_with('/') || path.starts_with("//") || is_below(path, visit.prefix)) return path;
    return visit.prefix + path;
}

}  // namespace

net::Headers request_headers(const net::Headers& from_browser, const Endpoint& endpoint, const Visit& visit) {
    const std::string place = place_of(endpoint);
    net::Headers headers;
    headers.add("Host", place);
    for (const auto& [name, value] : from_browser) {
        if (!is_one_of(name, kNotForComponents)) headers.add(name, value);
    }
    if (std::string cookies = cookies_for_component(from_browser); !cookies.empty())
        headers.add("Cookie", std::move(cookies));
    for (const std::string name : {"Origin", "Referer"}) {
        if (const std::string* value = from_browser.find(name))
            headers.add(name, as_component_sees(*value, place, visit));
    }
    if (!endpoint.token.empty()) headers.add("Authorization", "token " + endpoint.token);
    const std::string client = visit.remote.substr(0, visit.remote.rfind(':'));
    const std::string_view said = visit.behind_proxy ? from_browser.get("X-Forwarded-For") : std::string_view();
    headers.add("X-Forwarded-For", said.empty() ? client : fmt::format("{}, {}", said, client));
    headers.add("X-Forwarded-Host", visit.host);
    headers.add("X-Forwarded-Proto", visit.https ? "https" : "http");
    headers.add("X-Forwarded-Prefix", visit.prefix);
    return headers;
}

std::string confined_cookie(std::string_view set_cookie, std::string_view prefix) {
    const auto parts = split(set_cookie, ';');
    const std::string_view pair = trim(parts.front());
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0 || is_own_cookie(trim(pair.substr(0, equals)))) return {};
    std::string cookie(pair);
    std::string path = std::string(prefix) + "/";
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const std::string_view part = trim(parts[i]);
        const std::size_t sign = std::min(part.find('='), part.size());
        const std::string_view name = trim(part.substr(0, sign));
        const std::string_view value = sign < part.size() ? trim(part.substr(sign + 1)) : std::string_view();
        if (net::is_same_header(name, "Domain")) continue;
        if (!net::is_same_header(name, "Path")) {
            cookie += fmt::format("; {}", part);
        } else if (is_below(value, prefix) && value.find('?') == std::string_view::npos) {
            path = value;
        }
    }
    return cookie + "; Path=" + path;
}

void confine_answer(net::Headers& from_component, const Endpoint& endpoint, const Visit& visit) {
    net::Headers headers;
    for (const auto& [name, value] : from_component) {
        if (net::is_same_header(name, "Set-Cookie")) {
            if (std::string cookie = confined_cookie(value, visit.prefix); !cookie.empty())
                headers.add(name, std::move(cookie));
        } else if (net::is_same_header(name, "Location") || net::is_same_header(name, "Content-Location")) {
            headers.add(name, confined_location(value, place_of(endpoint), visit));
        } else if (!is_one_of(name, kNotForBrowsers)) {
            headers.add(name, value);
        }
    }
    if (headers.find("X-Frame-Options") == nullptr) headers.add("X-Frame-Options", "SAMEORIGIN");
    if (headers.find("Referrer-Policy") == nullptr) headers.add("Referrer-Policy", "same-origin");
    from_component = std::move(headers);
}

}  // namespace pintle::gateway
