#include "auth/plain_page.hpp"

#include "auth/base64url.hpp"
#include "auth/secret.hpp"
#include "base/text.hpp"

namespace pintle::auth {
namespace {

constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 12vh auto 4rem; padding: 0 1rem; }
h1 { font-size: 1.2rem; margin: 0 0 1rem; }
p { overflow-wrap: anywhere; }
button { font: inherit; padding: .35rem .9rem; }
)css";

int hex_digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

/// 'sha256-…' as a Content-Security-Policy names a style that may be used.
std::string source_hash(std::string_view text) {
    const std::string hex = secret_hash(text);
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(hex_digit(hex[i]) * 16 + hex_digit(hex[i + 1]));
    std::string base64 = base64url(bytes);
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
            case '\'': out += "&#39;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string content_of(const PlainPage& page) {
    std::string content = fmt::format("<h1>{}</h1>\n", escaped(to_valid_utf8(page.title)));
    for (const std::string& sentence : page.sentences)
        content += fmt::format("<p>{}</p>\n", escaped(to_valid_utf8(sentence)));
    if (page.button)
        content += fmt::format("<form method=\"post\" action=\"{}\"><button>{}</button></form>\n",
                               escaped(page.button->second), escaped(page.button->first));
    if (page.link)
        content += fmt::format("<p><a href=\"{}\">{}</a></p>\n", escaped(page.link->second), escaped(page.link->first));
    return content;
}

}  // namespace

net::Response plain_page(const PlainPage& page) {
    const std::string reload = page.reload_after_s > 0
                                   ? fmt::format("<meta http-equiv=\"refresh\" content=\"{}\">\n", page.reload_after_s)
                                   : "";
    std::string text = fmt::format(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">\n{}<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n"
        "<main>\n{}</main>\n</body>\n</html>\n",
        reload, escaped(to_valid_utf8(page.title)), kStyle, content_of(page));
    net::Response response{page.status, {{"Content-Type", "text/html; charset=utf-8"}}, std::move(text)};
    response.headers.set("Content-Security-Policy",
                         fmt::format("default-src 'none'; style-src {}; form-action {}; base-uri 'none'; "
                                     "frame-ancestors 'none'",
                                     source_hash(kStyle), page.button ? "'self'" : "'none'"));
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("Referrer-Policy", "same-origin");
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("X-Frame-Options", "DENY");
    return response;
}

}  // namespace pintle::auth
