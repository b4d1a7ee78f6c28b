#include "api/byte_range.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace pintle::api {
namespace {

struct Ends {
    std::optional<std::int64_t> first;
    std::optional<std::int64_t> last;
};

std::optional<std::int64_t> digits(std::string_view text) {
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return plain ? parse_int(text) : std::nullopt;
}

std::optional<Ends> ends_of(std::string_view header) {
    constexpr std::string_view kUnit = "bytes=";
    if (to_lower(header.substr(0, kUnit.size())) != kUnit) return std::nullopt;
    const std::string_view range = trim(header.substr(kUnit.size()));
    const std::size_t dash = range.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const std::string_view first = trim(range.substr(0, dash)), last = trim(range.substr(dash + 1));
    const Ends ends{digits(first), digits(last)};
    const bool is_bad =
        (!first.empty() && !ends.first) || (!last.empty() && !ends.last) || (first.empty() && last.empty());
    if (is_bad || (ends.first && ends.last && *ends.last < *ends.first)) return std::nullopt;
    return ends;
}

}  // namespace

std::optional<ByteRange> byte_range(std::string_view header, std::int64_t size_bytes) {
    const auto ends = ends_of(header);
    if (!ends) return std::nullopt;
    if (!ends->first) return ByteRange{std::max<std::int64_t>(0, size_bytes - *ends->last), size_bytes};
    if (*ends->first >= size_bytes) return ByteRange{size_bytes, size_bytes};
    const std::int64_t last = ends->last ? std::min(*ends->last, size_bytes - 1) : size_bytes - 1;
    return ByteRange{*ends->first, last + 1};
}

std::int64_t first_byte(std::string_view header) {
    const auto ends = ends_of(header);
    return ends && ends->first ? *ends->first : 0;
}

}  // namespace pintle::api
