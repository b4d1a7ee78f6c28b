#include "domain/storage_quota.hpp"

#include "base/text.hpp"
#include "domain/quantity.hpp"

namespace pintle::domain {

QuotaInForce quota_in_force(const StorageQuotas& quotas, const StorageOwner& owner,
                            std::optional<std::int64_t> by_default) {
    const auto own = quotas.find(owner);
    if (own == quotas.end()) return {by_default, false};
    return {own->second, true};
}

bool is_full(const StorageFill& fill) { return fill.used_bytes >= fill.quota_bytes; }

bool has_room_for(const StorageFill& fill, std::int64_t more_bytes) {
    return more_bytes <= fill.quota_bytes && fill.used_bytes <= fill.quota_bytes - more_bytes;
}

std::string in_words(const StorageFill& fill) {
    return fmt::format("{} of {}", bytes_in_words(fill.used_bytes), bytes_in_words(fill.quota_bytes));
}

Result<std::optional<std::int64_t>> parse_quota(std::string_view text) {
    if (text == "none") return std::optional<std::int64_t>();
    // People say GB where quantities have G; a B alone behind a number says nothing that is not clear.
    std::string_view size = text;
    if (size.size() > 1 && size.ends_with('B')) size.remove_suffix(1);
    while (size.ends_with(' ')) size.remove_suffix(1);
    const std::string plain = replace_all(std::string(size), " ", "");
    const auto bytes = parse_memory(plain);
    if (bytes && !plain.ends_with('m')) return std::optional<std::int64_t>(*bytes);
    return fail(ErrorCode::kInvalid, "expected a size such as 100GB or 20Gi, or \"none\" for no limit, got \"{}\"",
                to_valid_utf8(text.substr(0, 80)));
}

}  // namespace pintle::domain
