#include <doctest/doctest.h>

#include "store/store.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::domain;
using namespace pintle::store;

TEST_CASE("quotas on storages come back after a restart as they were set last") {
    const testing::TempFolder folder;
    const Store::Options options{.path = folder.path() + "/state.db"};
    const StorageOwner project{"default", ProjectId("P1"), GroupId()};
    const StorageOwner group{"default", ProjectId(), GroupId("G1")};
    {
        auto store = std::move(Store::open(options)).value();
        REQUIRE(store->commit({change::StorageQuotaSaved{{project, 5}}, change::StorageQuotaSaved{{group, 7}}}, Time{})
                    .has_value());
        REQUIRE(store
                    ->commit({change::StorageQuotaSaved{{project, std::nullopt}}, change::StorageQuotaDeleted{group}},
                             Time{})
                    .has_value());
    }
    auto store = std::move(Store::open(options)).value();
    CHECK(store->load_live().value().storage_quotas == std::vector<StorageQuota>{{project, std::nullopt}});
}
