#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/ids.hpp"

namespace pintle::domain {

/// Who may keep so much on a storage: a project in its own folder, or a group in everything of it, its projects'
/// folders among it.
struct StorageOwner {
    std::string storage;
    ProjectId project;  ///< Or else a group.
    GroupId group;
    auto operator<=>(const StorageOwner&) const = default;
};

/// What an operator said of one of them.
struct StorageQuota {
    StorageOwner owner;
    std::optional<std::int64_t> bytes;  ///< Nothing: as much as there is room for, whatever the storage's default is.
    bool operator==(const StorageQuota&) const = default;
};
using StorageQuotas = std::map<StorageOwner, std::optional<std::int64_t>>;

/// What holds for one of them.
struct QuotaInForce {
    std::optional<std::int64_t> bytes;  ///< Nothing: no limit.
    bool is_own = false;                ///< Somebody said so; otherwise it is the storage's default.
    bool operator==(const QuotaInForce&) const = default;
};
[[nodiscard]] QuotaInForce quota_in_force(const StorageQuotas& quotas, const StorageOwner& owner,
                                          std::optional<std::int64_t> by_default);

/// What is kept and what may be: "52 GB of 50 GB".
struct StorageFill {
    std::int64_t used_bytes = 0;
    std::int64_t quota_bytes = 0;
    bool operator==(const StorageFill&) const = default;
};
/// Whether nothing more may be written there. What is exactly full is full; a quota of 0 always is.
[[nodiscard]] bool is_full(const StorageFill& fill);
/// Whether so many bytes more would be too many.
[[nodiscard]] bool has_room_for(const StorageFill& fill, std::int64_t more_bytes);
[[nodiscard]] std::string in_words(const StorageFill& fill);

/// A quota as people write it: "100GB", "20Gi", a bare number of bytes, or "none" for no limit.
[[nodiscard]] Result<std::optional<std::int64_t>> parse_quota(std::string_view text);

}  // namespace pintle::domain
