#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "net/http_message.hpp"

namespace pintle::auth {

/// Cookies (RFC 6265), and whether a request with one comes from the server's own pages. Pure; any thread.

/// What a Cookie header holds, in its order. It comes from anybody: pairs without a name, with a quoted value or with
/// characters that may not be there are left out, and so is all after the first 100.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> parse_cookies(std::string_view header);

/// The value of the cookie, from all Cookie headers. Nothing when it is there twice with different values: then
/// somebody else's page may have set one of them, and nobody can tell which.
[[nodiscard]] std::optional<std::string> find_cookie(const net::Headers& headers, std::string_view name);

struct Cookie {
    enum class SameSite {
        kLax,     ///< Comes along when a link from elsewhere is followed, as a provider does after a sign-in.
        kStrict,  ///< Comes along only from the server's own pages.
    };
    std::string name;   ///< With `secure`, "__Host-…" lets the browser see to it that no other host has set it.
    std::string value;  ///< Letters, digits and punctuation but no space, quote, comma, semicolon or backslash.
    Duration max_age{0};  ///< Whole seconds; 0 makes the browser forget the cookie.
    SameSite same_site = SameSite::kLax;
    bool secure = false;  ///< Only over https.
    std::string path = "/";  ///< It is sent below this path only.
};

/// The value of a Set-Cookie header; always HttpOnly and for this host only. A name, value or path that cannot be in
/// one is a programmer error: all are the server's own.
[[nodiscard]] std::string set_cookie(const Cookie& cookie);

/// Refuses (kDenied, in words) a request that may have been made by another site's page in the name of who is signed
/// in. To be asked for every method but GET and HEAD when the session comes from a cookie. Origin, or else Referer,
/// must name `host` ("pintle.example:8443", as the browser addressed this server) with its port; http or https does not
/// matter, because a proxy may have ended the encryption. Sec-Fetch-Site must be "same-origin" or "none" if there.
[[nodiscard]] Result<void> same_origin(const net::Headers& headers, std::string_view host);

}  // namespace pintle::auth
