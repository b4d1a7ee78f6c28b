#include "base/id.hpp"

#include <algorithm>

namespace pintle {
namespace {
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
}

std::string make_ulid(Time time, std::uint64_t random_high, std::uint64_t random_low) {
    std::string text(26, '0');
    auto ms = static_cast<std::uint64_t>(to_ms(time));
    for (std::size_t i = 10; i-- > 0; ms >>= 5) text[i] = kAlphabet[ms & 31];
    for (std::size_t i = 18; i-- > 10; random_high >>= 5) text[i] = kAlphabet[random_high & 31];
    for (std::size_t i = 26; i-- > 18; random_low >>= 5) text[i] = kAlphabet[random_low & 31];
    return text;
}

bool looks_like_ulid(std::string_view text) {
    return text.size() == 26 &&
           std::all_of(text.begin(), text.end(), [](char c) { return kAlphabet.find(c) != std::string_view::npos; });
}

}  // namespace pintle
