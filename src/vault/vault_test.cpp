#include "vault/vault.hpp"

#include <sys/stat.h>

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::vault;

namespace {

domain::Account sealed_by(const Vault& vault, const std::string& id, const std::string& secret) {
    domain::Account account;
    account.id = domain::AccountId(id);
    account.name = "work";
    account.user = "robot";
    account.secret = vault.seal(account.id, secret).value();
    return account;
}

}  // namespace

TEST_CASE("a sealed secret opens again, also after a restart, and shows nothing of itself") {
    const testing::TempFolder temp;
    const std::string path = temp.path() + "/account-key";
    const Vault vault = Vault::at(path, true);
    REQUIRE_FALSE(vault.fault().has_value());
    const domain::Account account = sealed_by(vault, "A1", "s3cret\n");
    CHECK(account.secret.ciphertext.find("s3cret") == std::string::npos);
    CHECK(account.secret.key == vault.mark());
    CHECK(sealed_by(vault, "A1", "s3cret\n").secret.ciphertext != account.secret.ciphertext);
    CHECK(vault.open(account).value().secret == "s3cret\n");
    CHECK(Vault::at(path, false).open(account).value().secret == "s3cret\n");
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK(os::read_file(path).value().find(vault.mark()) == std::string::npos);
}

TEST_CASE("a secret that was moved to another account, or changed, does not open") {
    const testing::TempFolder temp;
    const Vault vault = Vault::at(temp.path() + "/account-key", true);
    domain::Account account = sealed_by(vault, "A1", "s3cret");
    SUBCASE("moved") { account.id = domain::AccountId("A2"); }
    SUBCASE("changed") { account.secret.ciphertext[0] = account.secret.ciphertext[0] == '0' ? '1' : '0'; }
    SUBCASE("cut") { account.secret.ciphertext.resize(8); }
    SUBCASE("emptied") { account.secret.ciphertext.clear(); }
    SUBCASE("another nonce") { account.secret.nonce = "00"; }
    SUBCASE("no hexadecimal") { account.secret.nonce = "what is this"; }
    const Error error = vault.open(account).error();
    CHECK(error.code == ErrorCode::kCorrupt);
    CHECK(error.message.find("give it its token again") != std::string::npos);
}

TEST_CASE("a key that is lost, foreign, open to others or damaged is told in words, and nothing is made in its place") {
    const testing::TempFolder temp;
    const std::string path = temp.path() + "/account-key";
    const domain::Account account = sealed_by(Vault::at(path, true), "A1", "s3cret");
    std::string words;
    SUBCASE("lost") {
        REQUIRE(os::remove_tree(path).has_value());
        words = "is missing; put it back from a backup";
    }
    SUBCASE("open to others") {
        REQUIRE(::chmod(path.c_str(), 0640) == 0);
        words = "can be read by others; say: chmod 600 ";
    }
    SUBCASE("damaged") {
        REQUIRE(os::write_file_atomic(path, "no key\n", 0600).has_value());
        words = "does not hold what was written there";
    }
    SUBCASE("foreign") {
        REQUIRE(os::remove_tree(path).has_value());
        const Vault other = Vault::at(path, true);
        CHECK_FALSE(other.fault().has_value());
        CHECK(other.fault_of(account)->find("sealed with another key") != std::string::npos);
        CHECK(other.open(account).error().code == ErrorCode::kUnavailable);
        return;
    }
    const Vault vault = Vault::at(path, false);
    CHECK(vault.fault()->find(words) != std::string::npos);
    CHECK(vault.mark().empty());
    CHECK(vault.open(account).error().message.find(words) != std::string::npos);
    CHECK(vault.seal(account.id, "x").error().message.find(words) != std::string::npos);
    CHECK(os::exists(path) == (words.find("missing") == std::string::npos));
}
