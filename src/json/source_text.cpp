#include "json/source_text.hpp"

#include <algorithm>

namespace pintle::json {
namespace {

bool is_character_start(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

int count_characters(std::string_view text) {
    return static_cast<int>(std::count_if(text.begin(), text.end(), is_character_start));
}

std::size_t length_by_lead(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead < 0xC2) return 0;
    if (lead < 0xE0) return 2;
    if (lead < 0xF0) return 3;
    return lead < 0xF5 ? 4 : 0;
}

}  // namespace

std::size_t utf8_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(at);
    const std::size_t length = length_by_lead(lead);
    if (length == 0 || text.size() - at < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0) != 0x80) return 0;
    }
    // Overlong forms, surrogates and code points past U+10FFFF.
    if (lead == 0xE0 && byte(at + 1) < 0xA0) return 0;
    if (lead == 0xED && byte(at + 1) >= 0xA0) return 0;
    if (lead == 0xF0 && byte(at + 1) < 0x90) return 0;
    if (lead == 0xF4 && byte(at + 1) >= 0x90) return 0;
    return length;
}

std::optional<std::size_t> first_invalid_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8_length(text, i);
        if (length == 0) return i;
        i += length;
    }
    return std::nullopt;
}

std::string_view without_bom(std::string_view text) {
    constexpr std::string_view kBom = "\xEF\xBB\xBF";
    if (text.starts_with(kBom)) text.remove_prefix(kBom.size());
    return text;
}

Error error_at(std::string_view what, std::string message, Place place) {
    Error error;
    error.code = ErrorCode::kInvalid;
    error.message = fmt::format("{}: {}", what, message);
    if (place.known()) error.message += fmt::format(" (line {}, column {})", place.line, place.column);
    error.details.push_back({"", std::move(message), place.line, place.column});
    return error;
}

Place PlaceFinder::at(std::size_t offset) {
    offset = std::min(offset, text_.size());
    if (offset >= offset_) {
        forward(offset);
    } else {
        backward(offset);
    }
    return place_;
}

void PlaceFinder::forward(std::size_t offset) {
    const std::string_view passed = text_.substr(offset_, offset - offset_);
    const std::size_t last_break = passed.rfind('\n');
    if (last_break == std::string_view::npos) {
        place_.column += count_characters(passed);
    } else {
        place_.line += static_cast<int>(std::count(passed.begin(), passed.end(), '\n'));
        place_.column = 1 + count_characters(passed.substr(last_break + 1));
    }
    offset_ = offset;
}

void PlaceFinder::backward(std::size_t offset) {
    const std::string_view passed = text_.substr(offset, offset_ - offset);
    const auto breaks = static_cast<int>(std::count(passed.begin(), passed.end(), '\n'));
    if (breaks == 0) {
        place_.column -= count_characters(passed);
    } else {
        place_.line -= breaks;
        const std::size_t last_break = offset == 0 ? std::string_view::npos : text_.rfind('\n', offset - 1);
        const std::size_t line_start = last_break == std::string_view::npos ? 0 : last_break + 1;
        place_.column = 1 + count_characters(text_.substr(line_start, offset - line_start));
    }
    offset_ = offset;
}

}  // namespace pintle::json
