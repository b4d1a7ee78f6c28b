#include "form/go_quote.hpp"

#include <fmt/format.h>

namespace pintle::form {

void append_utf8(std::string& out, std::uint32_t code) {
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = 0xfffd;
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | (code >> 6));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | (code >> 12));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | (code >> 18));
        out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    }
}

Character next_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
    const std::uint32_t first = byte(0);
    if (first < 0x80) return {first, 1};
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < size) return {0xfffd, 1};
    std::uint32_t code = first & (0xffU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return {0xfffd, 1};
        code = (code << 6) | (byte(i) & 0x3f);
    }
    const bool is_overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    if (is_overlong || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {0xfffd, 1};
    return {code, size};
}

namespace {

// Go asks Unicode's tables; these are the ranges without a picture that people meet: controls, separators, marks of
// direction, surrogates and private use.
bool is_printable(std::uint32_t code) {
    if (code < 0x20 || (code >= 0x7f && code <= 0xa0) || code == 0xad) return false;
    if ((code >= 0x2000 && code <= 0x200f) || (code >= 0x2028 && code <= 0x202f) || (code >= 0x205f && code <= 0x206f))
        return false;
    return code != 0x3000 && code != 0xfeff && !(code >= 0xe000 && code <= 0xf8ff) && code < 0xf0000;
}

void append_escaped(std::string& out, std::uint32_t code, char quote, bool only_ascii) {
    switch (code) {
        case '\a': out += "\\a"; return;
        case '\b': out += "\\b"; return;
        case '\f': out += "\\f"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        case '\v': out += "\\v"; return;
        case '\\': out += "\\\\"; return;
        default: break;
    }
    if (code == static_cast<unsigned char>(quote)) {
        out += '\\';
        out += quote;
    } else if (is_printable(code) && (code < 0x80 || !only_ascii)) {
        append_utf8(out, code);
    } else if (code < 0x20 || code == 0x7f) {
        out += fmt::format("\\x{:02x}", code);
    } else if (code < 0x10000) {
        out += fmt::format("\\u{:04x}", code);
    } else {
        out += fmt::format("\\U{:08x}", code);
    }
}

std::optional<std::uint32_t> digits(std::string_view text, std::size_t count, int base) {
    if (text.size() < count) return std::nullopt;
    std::uint32_t code = 0;
    for (const char c : text.substr(0, count)) {
        const int value = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : 99;
        if (value >= base) return std::nullopt;
        code = code * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(value);
    }
    return code;
}

}  // namespace

std::string go_quote(std::string_view text, bool only_ascii) {
    std::string out = "\"";
    while (!text.empty()) {
        const Character next = next_character(text);
        if (next.code == 0xfffd && next.size == 1) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
        else append_escaped(out, next.code, '"', only_ascii);
        text.remove_prefix(next.size);
    }
    return out + "\"";
}

std::string go_quote_character(std::int64_t code) {
    std::string out = "'";
    append_escaped(out, code < 0 || code > 0x10ffff ? 0xfffd : static_cast<std::uint32_t>(code), '\'', false);
    return out + "'";
}

std::optional<std::string> go_unquote(std::string_view content) {
    std::string out;
    while (!content.empty()) {
        if (content[0] != '\\') {
            out += content[0];
            content.remove_prefix(1);
            continue;
        }
        if (content.size() < 2) return std::nullopt;
        const char kind = content[1];
        content.remove_prefix(2);
        static constexpr std::string_view kLetters = "abfnrtv\\\"'";
        static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\\"'";
        if (const std::size_t i = kLetters.find(kind); i != std::string_view::npos) {
            out += kMeanings[i];
            continue;
        }
        const std::size_t count = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 3;
        const bool is_octal = kind >= '0' && kind <= '7';
        if (count == 3 && !is_octal) return std::nullopt;
        const std::string octal = is_octal ? std::string(1, kind) + std::string(content.substr(0, 2)) : "";
        const auto code = is_octal ? digits(octal, 3, 8) : digits(content, count, 16);
        if (!code || (is_octal && *code > 255)) return std::nullopt;
        if (is_octal || kind == 'x') out += static_cast<char>(*code);
        else append_utf8(out, *code);
        content.remove_prefix(is_octal ? 2 : count);
    }
    return out;
}

}  // namespace pintle::form
