#include "document/field_table.hpp"

#include "base/text.hpp"

namespace pintle::document {

std::string folded(std::string_view key) {
    std::string out;
    for (const char c : key.substr(0, 100)) {
        if (c == '_' || c == '-') continue;
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

void warn_of_unknown(const Cursor& at, const json::Member& member, const std::vector<std::string>& names) {
    const auto meant = nearest(member.key, names);
    at.warn_of(member, meant ? fmt::format("is not a known field and is ignored; did you mean \"{}\"?", *meant)
                             : std::string("is not a known field and is ignored"));
}

}  // namespace pintle::document
