#include "auth/secret.hpp"

#include <set>

#include <doctest/doctest.h>

using namespace pintle::auth;

TEST_CASE("a secret is known by its prefix, its length and its checksum") {
    for (const std::string_view prefix : {kPersonalTokenPrefix, kInvitePrefix, kSessionPrefix}) {
        const std::string secret = make_secret(prefix);
        CAPTURE(secret);
        CHECK(secret.starts_with(prefix));
        CHECK(secret.size() == 53);
        CHECK(looks_like_secret(prefix, secret));
    }
    const std::string token = make_secret(kPersonalTokenPrefix);
    CHECK_FALSE(looks_like_secret(kInvitePrefix, token));
    CHECK_FALSE(looks_like_secret(kPersonalTokenPrefix, ""));
    CHECK_FALSE(looks_like_secret(kPersonalTokenPrefix, "ppt_"));
    CHECK_FALSE(looks_like_secret(kPersonalTokenPrefix, token + "0"));
    CHECK_FALSE(looks_like_secret(kPersonalTokenPrefix, token.substr(0, token.size() - 1)));
    CHECK_FALSE(looks_like_secret(kPersonalTokenPrefix, "ppt_" + std::string(49, '-')));
}

TEST_CASE("the checksum of a secret is the one that its description says") {
    const std::string body(43, '0');
    // The CRC-32 of "ppt_000…" is 0x95677925.
    CHECK(looks_like_secret("ppt_", "ppt_" + body + "2jdNcz"));
}

TEST_CASE("a secret with one slip of the pen does not look like one") {
    const std::string token = make_secret(kPersonalTokenPrefix);
    for (std::size_t i = 0; i < token.size(); ++i) {
        CAPTURE(i);
        std::string slip = token;
        slip[i] = slip[i] == 'a' ? 'b' : 'a';
        CHECK_FALSE(looks_like_secret(kPersonalTokenPrefix, slip));
    }
}

TEST_CASE("no two secrets are alike") {
    std::set<std::string> secrets;
    for (int i = 0; i < 1000; ++i) secrets.insert(make_secret(kSessionPrefix));
    CHECK(secrets.size() == 1000);
}

TEST_CASE("a secret is kept as its SHA-256") {
    CHECK(secret_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(secret_hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
