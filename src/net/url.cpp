#include "net/url.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace pintle::net {
namespace {

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_utf8(const std::string& text) {
    const bool ascii =
        std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    return ascii || to_valid_utf8(text) == text;
}

/// "host:port" of a URL, without the user and the password.
std::string_view authority(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    const std::size_t at = url.rfind('@');
    return at == std::string_view::npos ? url : url.substr(at + 1);
}

}  // namespace

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kHex[byte >> 4];
        out += kHex[byte & 15];
    }
    return out;
}

namespace {

Result<std::string> decode(std::string_view text, Plus plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '+' && plus == Plus::kSpace) c = ' ';
        if (c == '%') {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return fail(ErrorCode::kInvalid,
                            "the percent sign at byte {} is not followed by two hexadecimal digits", i + 1);
            }
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (c == '\0') return fail(ErrorCode::kInvalid, "a zero byte is not allowed in a URL");
        out += c;
    }
    return out;
}

}  // namespace

Result<std::string> percent_decode(std::string_view text, Plus plus) {
    std::string out = TRY(decode(text, plus));
    if (!is_utf8(out)) return fail(ErrorCode::kInvalid, "the URL is not UTF-8 once its percent encoding is undone");
    return out;
}

Result<std::string> percent_decode_bytes(std::string_view text) { return decode(text, Plus::kLiteral); }

std::string url_origin(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return std::string(url.substr(0, url.find_first_of("/?#@")));
    return to_valid_utf8(std::string(url.substr(0, scheme)) + "://" + std::string(authority(url)));
}

std::string url_host(std::string_view url) {
    const std::string_view place = authority(url);
    if (place.starts_with('[')) return to_lower(place.substr(1, place.find(']') - 1));
    return to_lower(place.substr(0, place.find(':')));
}

bool is_loopback(std::string_view host) {
    if (host == "localhost" || host == "::1") return true;
    return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace pintle::net
