#include "domain/name.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace pintle::domain {

bool is_valid_name(std::string_view name) {
    const auto letter_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (name.empty() || name.size() > 63) return false;
    if (!letter_or_digit(name.front()) || !letter_or_digit(name.back())) return false;
    return std::all_of(name.begin(), name.end(), [&](char c) { return letter_or_digit(c) || c == '-'; });
}

std::string name_fault(std::string_view name) {
    return fmt::format(
        "\"{}\" is not a valid name: use 1 to 63 lower-case letters, digits and dashes, with a letter or digit at both "
        "ends",
        to_valid_utf8(name.substr(0, 80)));
}

std::string variable_stem(std::string_view name) {
    std::string stem = to_upper(name);
    for (char& c : stem) {
        const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!kept) c = '_';
    }
    return stem;
}

}  // namespace pintle::domain
