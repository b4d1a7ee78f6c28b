#include <doctest/doctest.h>

#include "os/file.hpp"
#include "store/sample_jobs.hpp"
#include "store/sqlite.hpp"
#include "store/store.hpp"
#include "store/store_reader.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::domain;
using namespace pintle::store;

namespace {

Time at(std::int64_t ms) { return time_from_ms(1'000'000 + ms); }

Account an_account(const std::string& name, const std::string& owner, const std::string& group = "") {
    Account account;
    account.id = AccountId("A-" + name + "-" + owner + "-" + group);
    account.name = name;
    account.kind = AccountKind::kGitKey;
    account.owner = UserId(owner);
    account.group = GroupId(group);
    account.server = "git.example";
    account.fingerprint = "SHA256:abc";
    account.known_hosts = "git.example ssh-ed25519 AAAA\n";
    account.secret = {"k1", "00ff", "abcd"};
    account.created_at = at(1);
    account.updated_at = at(2);
    return account;
}

User a_user(const std::string& id, const std::string& group) {
    User user;
    user.id = UserId(id);
    user.name = id;
    user.status = UserStatus::kOnboarded;
    user.group = GroupId(group);
    user.created_at = user.updated_at = at(1);
    return user;
}

std::string names(const Result<std::vector<Account>>& accounts) {
    std::string text;
    for (const Account& account : accounts.value())
        text += account.name + "/" + account.owner.str() + "/" + account.group.str() + " ";
    return text;
}

}  // namespace

TEST_CASE("accounts come back after a restart as they were saved last") {
    const testing::TempFolder folder;
    const Store::Options options{.path = folder.path() + "/state.db"};
    Account work = an_account("work", "ana");
    {
        auto store = std::move(Store::open(options)).value();
        REQUIRE(store->commit({change::AccountSaved{work}, change::AccountSaved{an_account("gone", "ana")}}, at(2))
                    .has_value());
        work.name = "renamed";
        work.secret = {"k2", "11", "22"};
        work.updated_at = at(3);
        REQUIRE(store->commit({change::AccountSaved{work}, change::AccountDeleted{AccountId("A-gone-ana-")}}, at(3))
                    .has_value());
    }
    auto store = std::move(Store::open(options)).value();
    CHECK(store->load_live().value().accounts == std::vector{work});
    auto reader = std::move(StoreReader::open(store->location())).value();
    CHECK(reader->find_account(work.id).value() == work);
    CHECK_FALSE(reader->find_account(AccountId("none")).value().has_value());
}

TEST_CASE("everybody is shown their own accounts and those of their group, the own ones first") {
    auto store = std::move(Store::open({})).value();
    REQUIRE(store
                ->commit({change::UserSaved{a_user("ana", "g1")}, change::UserSaved{a_user("ben", "g1")},
                          change::UserSaved{a_user("cleo", "g2")}, change::AccountSaved{an_account("zeta", "ana")},
                          change::AccountSaved{an_account("alpha", "ana")},
                          change::AccountSaved{an_account("alpha", "ana", "g1")},
                          change::AccountSaved{an_account("beta", "ben", "g1")},
                          change::AccountSaved{an_account("alpha", "ben")},
                          change::AccountSaved{an_account("alpha", "cleo", "g2")}},
                         at(2))
                .has_value());
    auto reader = std::move(StoreReader::open(store->location())).value();
    using Scope = Viewer::Scope;
    const auto seen = [&](const std::string& user, const std::string& group, Scope scope) {
        return names(reader->list_accounts({UserId(user), GroupId(group), scope}));
    };
    CHECK(seen("ana", "g1", Scope::kAll) == "alpha/ana/ zeta/ana/ alpha/ana/g1 beta/ben/g1 ");
    CHECK(seen("ana", "g1", Scope::kOwned) == "alpha/ana/ zeta/ana/ alpha/ana/g1 ");
    CHECK(seen("ana", "g1", Scope::kShared) == "beta/ben/g1 ");
    CHECK(seen("cleo", "g2", Scope::kAll) == "alpha/cleo/g2 ");
    CHECK(seen("", "", Scope::kAll).empty());
    CHECK(reader->list_accounts(kEverything).value().size() == 6);
    CHECK(names(reader->accounts_for(UserId("ben"))) == "alpha/ben/ alpha/ana/g1 beta/ben/g1 ");
    CHECK(names(reader->accounts_for(UserId("nobody"))).empty());
    User ben = a_user("ben", "g1");
    ben.status = UserStatus::kOffboarded;
    REQUIRE(store->commit({change::UserSaved{ben}}, at(3)).has_value());
    CHECK(names(reader->accounts_for(UserId("ben"))).empty());
}

TEST_CASE("the database itself refuses two accounts of one name beside each other") {
    auto store = std::move(Store::open({})).value();
    REQUIRE(store
                ->commit({change::AccountSaved{an_account("work", "ana")},
                          change::AccountSaved{an_account("work", "ana", "g1")}},
                         at(1))
                .has_value());
    Account twin = an_account("work", "ana");
    twin.id = AccountId("another");
    CHECK_FALSE(store->commit({change::AccountSaved{twin}}, at(2)).has_value());
    Account of_group = an_account("work", "ben", "g1");
    CHECK_FALSE(store->commit({change::AccountSaved{of_group}}, at(2)).has_value());
}
