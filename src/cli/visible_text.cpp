#include "cli/visible_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/text.hpp"

namespace pintle::cli {
namespace {

struct Range {
    char32_t first, last;
};

constexpr std::array kNoCells{
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x0610, 0x061A}, Range{0x064B, 0x065F},
    Range{0x0E31, 0x0E31}, Range{0x0E34, 0x0E3A}, Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F},
    Range{0x2060, 0x2064}, Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF},
};

constexpr std::array kTwoCells{
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},
    Range{0x3400, 0x4DBF},   Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},   Range{0xAC00, 0xD7A3},
    Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE4F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},
    Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD},
};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, char32_t c) {
    return std::any_of(ranges.begin(), ranges.end(), [c](Range r) { return c >= r.first && c <= r.last; });
}

/// The length of the sequence that starts with `lead`, of valid UTF-8.
std::size_t length_of(char lead) {
    const auto byte = static_cast<unsigned char>(lead);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

char32_t decode(std::string_view sequence) {
    constexpr std::array<unsigned char, 5> kLeadBits{0, 0x7F, 0x1F, 0x0F, 0x07};
    char32_t c = static_cast<unsigned char>(sequence[0]) & kLeadBits[sequence.size()];
    for (const char next : sequence.substr(1)) c = (c << 6) | (static_cast<unsigned char>(next) & 0x3F);
    return c;
}

std::size_t cells_of(char32_t c) {
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || is_in(kNoCells, c)) return 0;
    return is_in(kTwoCells, c) ? 2 : 1;
}

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }
/// Marks that reorder the text around them, and line separators that some terminals obey.
bool is_mark(char32_t c) {
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x061C ||
           c == 0x2028 || c == 0x2029;
}

/// The length of "ESC [ digits;: m" at the start, or 0.
std::size_t sgr_length(std::string_view text) {
    if (!text.starts_with("\x1b[")) return 0;
    const std::size_t end = text.find_first_not_of("0123456789;:", 2);
    return end != std::string_view::npos && end < 64 && text[end] == 'm' ? end + 1 : 0;
}

std::string caret(char32_t c) {
    if (c < 0x20) return {'^', static_cast<char>('@' + c)};
    if (c == 0x7F) return "^?";
    return fmt::format("\\u{:04x}", static_cast<unsigned>(c));
}

}  // namespace

std::string make_visible(std::string_view text, Colors colors) {
    const std::string valid = to_valid_utf8(text);
    const std::string_view rest = valid;
    std::string out;
    bool colored = false;
    for (std::size_t i = 0; i < rest.size();) {
        if (const std::size_t sgr = sgr_length(rest.substr(i)); sgr > 0) {
            if (colors == Colors::kKeep) out += rest.substr(i, sgr);
            colored = true;
            i += sgr;
            continue;
        }
        const std::string_view sequence = rest.substr(i, length_of(rest[i]));
        const char32_t c = decode(sequence);
        if (c != '\t' && (is_control(c) || is_mark(c))) {
            out += caret(c);
        } else {
            out += sequence;
        }
        i += sequence.size();
    }
    if (colored && colors == Colors::kKeep) out += "\x1b[0m";
    return out;
}

std::size_t display_width(std::string_view text) {
    const std::string valid = to_valid_utf8(text);
    const std::string_view rest = valid;
    std::size_t cells = 0;
    for (std::size_t i = 0; i < rest.size();) {
        if (const std::size_t sgr = sgr_length(rest.substr(i)); sgr > 0) {
            i += sgr;
            continue;
        }
        const std::string_view sequence = rest.substr(i, length_of(rest[i]));
        cells += cells_of(decode(sequence));
        i += sequence.size();
    }
    return cells;
}

std::string cut_to_width(std::string_view text, std::size_t cells) {
    const std::string valid = to_valid_utf8(text);
    if (display_width(valid) <= cells) return valid;
    if (cells == 0) return "";
    const std::string_view rest = valid;
    std::string out;
    std::size_t used = 0;
    for (std::size_t i = 0; i < rest.size();) {
        const std::string_view sequence = rest.substr(i, length_of(rest[i]));
        const std::size_t wide = cells_of(decode(sequence));
        if (used + wide + 1 > cells) break;
        out += sequence;
        used += wide;
        i += sequence.size();
    }
    return out + "…";
}

}  // namespace pintle::cli
