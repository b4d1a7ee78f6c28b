#include "auth/password.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::auth;

TEST_CASE("a password is told from every other by its hash") {
    const std::string hash = hash_password("correct horse", HashStrength::kTestsOnly).value();
    CHECK(hash.starts_with("$argon2id$"));
    CHECK(verify_password(hash, "correct horse", HashStrength::kTestsOnly));
    for (const char* wrong : {"", "correct hors", "correct horse ", "Correct horse"}) {
        CAPTURE(wrong);
        CHECK_FALSE(verify_password(hash, wrong, HashStrength::kTestsOnly));
    }
}

TEST_CASE("the same password gets another salt each time") {
    const std::string first = hash_password("correct horse", HashStrength::kTestsOnly).value();
    CHECK(first != hash_password("correct horse", HashStrength::kTestsOnly).value());
}

TEST_CASE("the hash of a server says how much work a guess is") {
    const std::string hash = hash_password("correct horse").value();
    CHECK(hash.find("$m=65536,t=2,p=1$") != std::string::npos);
    CHECK(verify_password(hash, "correct horse"));
}

TEST_CASE("nothing fits a hash that is empty or damaged") {
    for (const char* hash : {"", "x", "$argon2id$", "$argon2id$v=19$m=65536,t=2,p=1$", "correct horse"}) {
        CAPTURE(hash);
        CHECK_FALSE(verify_password(hash, "correct horse", HashStrength::kTestsOnly));
        CHECK_FALSE(verify_password(hash, "", HashStrength::kTestsOnly));
    }
    const std::string sound = hash_password("correct horse", HashStrength::kTestsOnly).value();
    CHECK_FALSE(verify_password(sound.substr(0, sound.size() - 1), "correct horse", HashStrength::kTestsOnly));
    CHECK_FALSE(verify_password(sound + std::string(200, 'x'), "correct horse", HashStrength::kTestsOnly));
}

TEST_CASE("guessing at a user who is not there does the work and says nothing") {
    verify_nobody("correct horse", HashStrength::kTestsOnly);
    verify_nobody("", HashStrength::kTestsOnly);
}

TEST_CASE("passwords that are too short, too long or easily guessed are refused in words") {
    CHECK(password_fault("correct horse", "ana") == "");
    CHECK(password_fault("ten chars!", "ana") == "");
    CHECK(password_fault("nine char", "ana") == "a password needs at least 10 characters; this one has 9");
    CHECK(password_fault("", "ana") == "a password needs at least 10 characters; this one has 0");
    CHECK(password_fault("äöüäöüäöü", "ana") == "a password needs at least 10 characters; this one has 9");
    CHECK(password_fault("äöüäöüäöüä", "ana") == "");
    std::string longest;
    for (int i = 0; i < 128; ++i) longest += "abcdefgh";
    CHECK(password_fault(longest, "ana") == "");
    CHECK(password_fault(longest + "x", "ana") == "a password has at most 1024 characters; this one has 1025");
    CHECK(password_fault("\xff\xfe" "correct horse", "ana") == "the password is not text in UTF-8");
    CHECK(password_fault("Annabella.Lee", "annabella.lee") ==
          "the password must not be the user name; choose another");
    for (const char* common : {"1234567890", "Password123", "QWERTYUIOP", "aaaaaaaaaaaa"}) {
        CAPTURE(common);
        CHECK(password_fault(common, "ana") ==
              "this password is among the first that anybody would guess; choose another");
    }
}
