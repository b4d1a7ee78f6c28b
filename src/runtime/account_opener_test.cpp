#include "runtime/account_opener.hpp"

#include <doctest/doctest.h>

#include "store/store.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::domain;
using namespace pintle::runtime;

namespace {

struct Office {
    Office() {
        for (const char* name : {"ana", "ben"}) {
            User user;
            user.id = UserId(name);
            user.name = name;
            user.status = UserStatus::kOnboarded;
            user.group = GroupId("g1");
            REQUIRE(store->commit({change::UserSaved{user}}, Time{}).has_value());
        }
    }
    void add(const std::string& id, const std::string& name, const std::string& owner, const std::string& group,
             AccountKind kind = AccountKind::kGitToken, const std::string& server = "") {
        Account account;
        account.id = AccountId(id);
        account.name = name;
        account.kind = kind;
        account.owner = UserId(owner);
        account.group = GroupId(group);
        account.server = server;
        account.secret = vault.seal(account.id, "secret of " + id).value();
        REQUIRE(store->commit({change::AccountSaved{account}}, Time{}).has_value());
    }
    testing::TempFolder temp;
    std::unique_ptr<store::Store> store = std::move(store::Store::open({})).value();
    std::unique_ptr<store::ReaderPool> readers = store::ReaderPool::open(store->location()).value();
    vault::Vault vault = vault::Vault::at(temp.path() + "/account-key", true);
    AccountOpener opener{*readers, vault};
};

}  // namespace

TEST_CASE("a name means one's own account, or else the one of one's group") {
    Office office;
    office.add("A1", "work", "ana", "");
    office.add("A2", "work", "ana", "g1");
    CHECK(office.opener.open(UserId("ana"), "work").value().secret == "secret of A1");
    CHECK(office.opener.open(UserId("ben"), "work").value().secret == "secret of A2");
    CHECK(office.opener.open(UserId("ben"), "other").error().code == ErrorCode::kNotFound);
    CHECK(office.opener.open(UserId("eve"), "work").error().message.find("there is no account \"work\"") !=
          std::string::npos);
}

TEST_CASE("what the server itself reaches is opened with an operator's account, and nobody else's") {
    Office office;
    office.add("A1", "hub", "ana", "");
    CHECK(office.opener.open_of_operator("hub").error().message.find("no operator has an account \"hub\"") == 0);
    User user;
    user.id = UserId("olga");
    user.name = "olga";
    user.status = UserStatus::kOnboarded;
    user.role = Role::kOperator;
    REQUIRE(office.store->commit({change::UserSaved{user}}, Time{}).has_value());
    office.add("A2", "hub", "olga", "");
    CHECK(office.opener.open_of_operator("hub").value().secret == "secret of A2");
}

TEST_CASE("a registry's account is found by the registry") {
    Office office;
    office.add("A1", "images", "ben", "g1", AccountKind::kRegistry, "registry.example:5000");
    office.add("A2", "git", "ben", "g1", AccountKind::kGitToken, "registry.example");
    const auto found = [&](const std::string& server) {
        return office.opener.open_for_server(UserId("ana"), AccountKind::kRegistry, server).value();
    };
    CHECK(found("registry.example:5000")->secret == "secret of A1");
    CHECK_FALSE(found("registry.example").has_value());
}
