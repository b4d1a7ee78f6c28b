#include "api/sign_in_failed_page.hpp"

#include "auth/base64url.hpp"
#include "auth/secret.hpp"
#include "base/check.hpp"
#include "base/text.hpp"

namespace pintle::api {
namespace {

constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 12vh auto 4rem; padding: 0 1rem; }
h1 { font-size: 1.2rem; margin: 0 0 1rem; }
p { overflow-wrap: anywhere; }
)css";

int hex_digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

/// 'sha256-…' as a Content-Security-Policy names a style that may be used.
std::string source_hash(std::string_view text) {
    const std::string hex = auth::secret_hash(text);
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(hex_digit(hex[i]) * 16 + hex_digit(hex[i + 1]));
    std::string base64 = auth::base64url(bytes);
    for (char& c : base64) c = c == '-' ? '+' : c == '_' ? '/' : c;
    return fmt::format("'sha256-{}='", base64);
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

}  // namespace

net::Response sign_in_failed_page(const Error& error) {
    std::string text = fmt::format(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">\n<title>Signing in did not work</title>\n"
        "<style>{}</style>\n</head>\n<body>\n<main>\n<h1>Signing in did not work</h1>\n<p>{}</p>\n"
        "<p><a href=\"/welcome\">Try again</a></p>\n</main>\n</body>\n</html>\n",
        kStyle, escaped(to_valid_utf8(error.message)));
    net::Response response{http_status(error.code), {{"Content-Type", "text/html; charset=utf-8"}}, std::move(text)};
    response.headers.set("Content-Security-Policy",
                         fmt::format("default-src 'none'; style-src {}; form-action 'none'; base-uri 'none'; "
                                     "frame-ancestors 'none'",
                                     source_hash(kStyle)));
    response.headers.set("Referrer-Policy", "same-origin");
    response.headers.set("X-Frame-Options", "DENY");
    return response;
}

}  // namespace pintle::api
