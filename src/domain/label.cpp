#include "domain/label.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace pintle::domain {
namespace {

constexpr std::size_t kLabelMost = 255;
constexpr std::size_t kTagMost = 256;

// Code points, not bytes: people count characters.
std::size_t length_of(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
    return count;
}

bool has_control(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20U || c == 0x7F) return true;
    }
    return false;
}

std::string text_fault(std::string_view subject, std::string_view text, std::size_t most) {
    if (to_valid_utf8(text) != text) return fmt::format("{} is not UTF-8 text", subject);
    if (has_control(text)) return fmt::format("{} may not have control characters such as line breaks", subject);
    if (const std::size_t length = length_of(text); length > most)
        return fmt::format("{} may have at most {} characters, this has {}", subject, most, length);
    return {};
}

}  // namespace

std::string label_fault(std::string_view what, std::string_view name) {
    const std::string subject = fmt::format("a {}'s name", what);
    if (name.empty()) return subject + " may not be empty";
    if (std::string fault = text_fault(subject, name, kLabelMost); !fault.empty()) return fault;
    if (name.find_first_of("/:") != std::string_view::npos) return subject + " may not have a slash or a colon";
    if (trim(name) != name) return subject + " may not begin or end with a blank";
    return {};
}

std::string tag_fault(std::string_view tag) { return text_fault("a tag", tag, kTagMost); }

}  // namespace pintle::domain
