#include "auth/cookie.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/text.hpp"

namespace pintle::auth {
namespace {

constexpr std::size_t kMaxCookies = 100;

bool is_cookie_value(std::string_view value) {
    return std::all_of(value.begin(), value.end(), [](char c) {
        return c > ' ' && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\';
    });
}

/// Where a page lies, as far as it matters here: "pintle.example:443".
std::optional<std::string> place_of(std::string_view host, std::string_view default_port) {
    const bool odd = std::any_of(host.begin(), host.end(), [](char c) { return c <= ' ' || c >= 0x7f; });
    if (host.empty() || odd || host.find_first_of("@/?#\\") != std::string_view::npos) return std::nullopt;
    const std::size_t colon = host.rfind(':');
    const bool has_port = colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
    if (!has_port) return fmt::format("{}:{}", to_lower(host), default_port);
    const std::string_view port = host.substr(colon + 1);
    if (port.empty() || port.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    return to_lower(host);
}

/// Whether "https://pintle.example" is where `host` says. A page of another scheme is another site's.
bool is_at(std::string_view origin, std::string_view host) {
    const bool https = origin.starts_with("https://");
    if (!https && !origin.starts_with("http://")) return false;
    const std::string_view port = https ? "443" : "80";
    const auto theirs = place_of(origin.substr(origin.find("//") + 2), port);
    const auto ours = place_of(host, port);
    return theirs && ours && *theirs == *ours;
}

/// "https://a.example/b?c" → "https://a.example"
std::string_view origin_of_page(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_cookies(std::string_view header) {
    std::vector<std::pair<std::string, std::string>> cookies;
    while (!header.empty() && cookies.size() < kMaxCookies) {
        const std::string_view pair = header.substr(0, header.find(';'));
        header.remove_prefix(std::min(header.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view name = trim(pair.substr(0, equals));
        const std::string_view value = trim(pair.substr(equals + 1));
        if (name.empty() || !net::is_valid_header(name, "") || !is_cookie_value(value)) continue;
        cookies.emplace_back(name, value);
    }
    return cookies;
}

std::optional<std::string> find_cookie(const net::Headers& headers, std::string_view name) {
    std::optional<std::string> found;
    for (const auto& [header, line] : headers) {
        if (!net::is_same_header(header, "Cookie")) continue;
        for (auto& [key, value] : parse_cookies(line)) {
            if (key != name) continue;
            if (found && *found != value) return std::nullopt;
            found = std::move(value);
        }
    }
    return found;
}

std::string set_cookie(const Cookie& cookie) {
    check(net::is_valid_header(cookie.name, "") && is_cookie_value(cookie.value) &&
              is_cookie_value(cookie.path),
          "a cookie of ours can be sent");
    const auto seconds =
        std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::seconds>(cookie.max_age).count(), 0);
    const bool lax = cookie.same_site == Cookie::SameSite::kLax;
    return fmt::format("{}={}; Path={}; Max-Age={}; HttpOnly; SameSite={}{}", cookie.name, cookie.value, cookie.path,
                       seconds, lax ? "Lax" : "Strict", cookie.secure ? "; Secure" : "");
}

Result<void> same_origin(const net::Headers& headers, std::string_view host) {
    for (const auto& [name, value] : headers) {
        if (!net::is_same_header(name, "Sec-Fetch-Site")) continue;
        if (value != "same-origin" && value != "none") {
            return fail(ErrorCode::kDenied, "another site's page made this request; open {} itself and try again",
                        host);
        }
    }
    if (headers.count("Origin") > 1 || headers.count("Referer") > 1) {
        return fail(ErrorCode::kDenied, "the request says twice which page made it");
    }
    const std::string* origin = headers.find("Origin");
    const std::string* referer = headers.find("Referer");
    if (origin == nullptr && referer == nullptr) {
        return fail(ErrorCode::kDenied,
                    "the browser did not say which page made this request (no Origin and no Referer); with an access "
                    "token instead of a cookie it need not");
    }
    const std::string_view from = origin != nullptr ? std::string_view(*origin) : origin_of_page(*referer);
    if (!is_at(from, host)) {
        return fail(ErrorCode::kDenied,
                    "the page that made this request is of \"{}\", but this server was addressed as \"{}\"; behind a "
                    "proxy, let it pass the Host header on",
                    to_valid_utf8(from.substr(0, 200)), to_valid_utf8(host.substr(0, 200)));
    }
    return {};
}

}  // namespace pintle::auth
