#include "auth/sign_in_state.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using namespace pintle::auth;

namespace {

const Time kBegun = time_from_ms(1'700'000'000'000);
const std::string kCookieKey(32, 'k');

std::string cookie_fault(std::string_view cookie, Time now = kBegun, const std::string& key = kCookieKey) {
    const Result<SignInState> state = open_sign_in(cookie, key, now);
    if (state) return "";
    CHECK(state.error().code == ErrorCode::kUnauthorized);
    return state.error().message;
}

}  // namespace

TEST_CASE("a sign-in comes back from its cookie as it went in") {
    const SignInState made = new_sign_in("keycloak", "/jobs?page=2#top", kBegun).value();
    const std::string cookie = seal_sign_in(made, kCookieKey);
    CHECK(cookie.find(made.state) == std::string::npos);
    const SignInState read = open_sign_in(cookie, kCookieKey, kBegun).value();
    CHECK(read.provider == "keycloak");
    CHECK(read.state == made.state);
    CHECK(read.nonce == made.nonce);
    CHECK(read.verifier == made.verifier);
    CHECK(read.return_to == "/jobs?page=2#top");
    CHECK(read.expires_at == kBegun + std::chrono::minutes(10));
    CHECK(made.verifier.size() == 43);
    CHECK(made.state != made.nonce);
    CHECK(made.state != new_sign_in("keycloak", "/", kBegun).value().state);
}

TEST_CASE("a cookie that is absent, changed, of another server or too old is refused") {
    const std::string cookie = seal_sign_in(new_sign_in("keycloak", "/", kBegun).value(), kCookieKey);
    CHECK(cookie_fault("") ==
          "this browser has not begun a sign-in here within 10 minutes, or keeps no cookies; sign in again");
    const std::string not_ours = "the cookie of the sign-in is not this server's; sign in again";
    std::string changed = cookie;
    changed[50] = changed[50] == 'A' ? 'B' : 'A';
    CHECK(cookie_fault(changed) == not_ours);
    CHECK(cookie_fault(cookie, kBegun, std::string(32, 'x')) == not_ours);
    CHECK(cookie_fault(cookie.substr(0, cookie.size() - 4)) == not_ours);
    for (const char* junk : {"x", "{}", "AAAA", "%%%"}) CHECK(cookie_fault(junk) == not_ours);
    CHECK(cookie_fault(std::string(100'000, 'A')) == not_ours);
    CHECK(cookie_fault(cookie, kBegun + std::chrono::minutes(10) - Duration(1)) == "");
    CHECK(cookie_fault(cookie, kBegun + std::chrono::minutes(10)) ==
          "the sign-in took longer than 10 minutes; sign in again");
}

TEST_CASE("the longest cookie fits into a browser") {
    const std::string path = "/" + std::string(1023, '"');
    CHECK(seal_sign_in(new_sign_in(std::string(64, 'p'), path, kBegun).value(), kCookieKey).size() < 3800);
}

TEST_CASE("a sign-in returns to this server only") {
    for (const char* path : {"/", "/jobs", "/a//b?c=http://x/#d", "/%2F"}) CHECK(is_local_path(path));
    for (const char* path : {"", "jobs", "//evil.example", "/\\evil.example", "https://evil.example", "/a\\b",
                             "/\t/evil", "/a b", "/a\r\nSet-Cookie:x", "javascript:alert(1)", "/\xc3\xa4"}) {
        CAPTURE(path);
        CHECK_FALSE(is_local_path(path));
    }
    CHECK_FALSE(is_local_path("/" + std::string(1024, 'a')));
    const Error error = new_sign_in("keycloak", "//evil.example", kBegun).error();
    CHECK(error.code == ErrorCode::kInvalid);
    CHECK(error.message == "\"//evil.example\" is not a path of this server to return to after the sign-in");
}

TEST_CASE("the challenge is the one of RFC 7636") {
    CHECK(code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") ==
          "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}
