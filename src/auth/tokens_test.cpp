#include "auth/tokens.hpp"

#include <sys/stat.h>

#include <doctest/doctest.h>

#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::auth;

TEST_CASE("the operator's token is made once and readable by its owner only") {
    const testing::TempFolder folder;
    const std::string token = Tokens::open(folder.path()).value().operator_token();
    CHECK(Tokens::open(folder.path()).value().operator_token() == token);
    struct stat info {};
    REQUIRE(::stat((folder.path() + "/token").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    const Identity owner = Tokens::open(folder.path()).value().identify(token).value();
    CHECK(owner.kind == Identity::Kind::kUser);
    CHECK(owner.via == Identity::Via::kLocal);
}

TEST_CASE("a token file that others can read is refused") {
    const testing::TempFolder folder;
    REQUIRE(Tokens::open(folder.path()).has_value());
    REQUIRE(::chmod((folder.path() + "/token").c_str(), 0644) == 0);
    CHECK(Tokens::open(folder.path()).error().code == ErrorCode::kDenied);
}

TEST_CASE("a job's token names its job and cannot be made for another") {
    const testing::TempFolder folder;
    const Tokens tokens = Tokens::open(folder.path()).value();
    const std::string token = tokens.job_token(domain::ProjectId("P1"), domain::JobId("J1"));
    const Identity identity = tokens.identify(token).value();
    CHECK(identity.kind == Identity::Kind::kJob);
    CHECK(identity.project.str() == "P1");
    CHECK(identity.job.str() == "J1");
    std::string forged = token;
    forged.replace(forged.find("P1"), 2, "P2");
    CHECK(tokens.identify(forged).error().code == ErrorCode::kUnauthorized);
    for (const char* wrong : {"", "pot_", "pjt_", "pjt_P1_J1_", "pjt___"})
        CHECK_FALSE(tokens.identify(wrong).has_value());
    const testing::TempFolder other;
    CHECK_FALSE(Tokens::open(other.path()).value().identify(token).has_value());
}

TEST_CASE("each purpose and each server has a key of its own, the same after a restart") {
    const testing::TempFolder folder;
    const testing::TempFolder other;
    const Tokens tokens = Tokens::open(folder.path()).value();
    const std::string key = tokens.key_for("sign-in state");
    CHECK(key.size() == 32);
    CHECK(key == Tokens::open(folder.path()).value().key_for("sign-in state"));
    CHECK(key != tokens.key_for("another"));
    CHECK(key != Tokens::open(other.path()).value().key_for("sign-in state"));
}
