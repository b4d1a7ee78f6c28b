#include "domain/storage_quota.hpp"

#include <doctest/doctest.h>

namespace pintle::domain {
namespace {

TEST_CASE("what somebody said of a project goes before the storage's default") {
    const StorageOwner digits{"default", ProjectId("P1"), GroupId()};
    const StorageOwner other{"default", ProjectId("P2"), GroupId()};
    const StorageQuotas quotas{{digits, 100}, {{"default", ProjectId("P3"), GroupId()}, std::nullopt}};
    CHECK(quota_in_force(quotas, digits, 7) == QuotaInForce{100, true});
    CHECK(quota_in_force(quotas, other, 7) == QuotaInForce{7, false});
    CHECK(quota_in_force(quotas, other, std::nullopt) == QuotaInForce{std::nullopt, false});
    CHECK(quota_in_force(quotas, {"default", ProjectId("P3"), GroupId()}, 7) == QuotaInForce{std::nullopt, true});
    CHECK(quota_in_force(quotas, {"fast", ProjectId("P1"), GroupId()}, std::nullopt) ==
          QuotaInForce{std::nullopt, false});
}

TEST_CASE("what is exactly full is full, and a quota of 0 always is") {
    CHECK_FALSE(is_full({99, 100}));
    CHECK(is_full({100, 100}));
    CHECK(is_full({101, 100}));
    CHECK(is_full({0, 0}));
}

TEST_CASE("there is room for what does not go past the quota, however large the numbers are") {
    CHECK(has_room_for({90, 100}, 10));
    CHECK_FALSE(has_room_for({90, 100}, 11));
    CHECK_FALSE(has_room_for({101, 100}, 0));
    CHECK(has_room_for({100, 100}, 0));
    CHECK_FALSE(has_room_for({INT64_MAX, 100}, INT64_MAX));
    CHECK_FALSE(has_room_for({0, 100}, INT64_MAX));
}

TEST_CASE("a quota is written as people say sizes") {
    CHECK(parse_quota("100GB").value() == std::optional<std::int64_t>(100'000'000'000));
    CHECK(parse_quota("100 GB").value() == std::optional<std::int64_t>(100'000'000'000));
    CHECK(parse_quota("20Gi").value() == std::optional<std::int64_t>(std::int64_t{20} << 30));
    CHECK(parse_quota("20GiB").value() == std::optional<std::int64_t>(std::int64_t{20} << 30));
    CHECK(parse_quota("0").value() == std::optional<std::int64_t>(0));
    CHECK(parse_quota("none").value() == std::optional<std::int64_t>());
    for (const char* wrong : {"", "B", "much", "-1", "100XB", "5m", "1e3Ki", "nan", "inf", "1e99"}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_quota(wrong).has_value());
    }
}

}  // namespace
}  // namespace pintle::domain
