#include "auth/cookie.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"

using namespace pintle;
using namespace pintle::auth;
using net::Headers;

namespace {

std::string told(std::string_view header) {
    std::vector<std::string> pairs;
    for (const auto& [name, value] : parse_cookies(header)) pairs.push_back(name + "=" + value);
    return join(pairs, "|");
}

std::string origin_fault(const Headers& headers, std::string_view host = "pintle.example") {
    const Result<void> result = same_origin(headers, host);
    if (result) return "";
    CHECK(result.error().code == ErrorCode::kDenied);
    return result.error().message;
}

constexpr auto kOtherSite = "another site's page made this request; open pintle.example itself and try again";

std::string other_page(const std::string& from, const std::string& host = "pintle.example") {
    return "the page that made this request is of \"" + from + "\", but this server was addressed as \"" + host +
           "\"; behind a proxy, let it pass the Host header on";
}

}  // namespace

TEST_CASE("cookies are read in their order") {
    CHECK(told("a=1; b=2") == "a=1|b=2");
    CHECK(told("a=1;b=2 ;  c=x=y==") == "a=1|b=2|c=x=y==");
    CHECK(told("a=") == "a=");
}

TEST_CASE("what is no cookie is left out of the header, and the rest still counts") {
    CHECK(told("") == "");
    CHECK(told(";;; ;=;=x;a") == "");
    CHECK(told("junk; a=1; =2; b c=3; d=\"4\"; e=a,b; f=\\; g=5") == "a=1|g=5");
    CHECK(told("a=x\x01y; b=\xc3\xa4; c=1 2; d=ok") == "d=ok");
    CHECK(told(std::string("a=\0; b=1", 8)) == "b=1");
    std::string many;
    for (int i = 0; i < 5000; ++i) many += "a=1;";
    CHECK(parse_cookies(many).size() == 100);
}

TEST_CASE("a cookie is found in any Cookie header, unless it is ambiguous") {
    CHECK(find_cookie({{"Cookie", "a=1; s=x"}}, "s") == "x");
    CHECK(find_cookie({{"Cookie", "a=1"}, {"cookie", "s=x"}}, "s") == "x");
    CHECK(find_cookie({{"Cookie", "S=x"}}, "s") == std::nullopt);
    CHECK(find_cookie({}, "s") == std::nullopt);
    CHECK(find_cookie({{"Cookie", "s=x; s=x"}}, "s") == "x");
    CHECK(find_cookie({{"Cookie", "s=x; s=y"}}, "s") == std::nullopt);
    CHECK(find_cookie({{"Cookie", "s=x"}, {"Cookie", "s=y"}}, "s") == std::nullopt);
}

TEST_CASE("a cookie of the server is out of reach for scripts and other sites") {
    Cookie cookie{"pintle_session", "pse_abc", std::chrono::hours(12), Cookie::SameSite::kLax, false};
    CHECK(set_cookie(cookie) == "pintle_session=pse_abc; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax");
    cookie.secure = true;
    cookie.same_site = Cookie::SameSite::kStrict;
    CHECK(set_cookie(cookie) == "pintle_session=pse_abc; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure");
    cookie.value = "";
    cookie.max_age = Duration{0};
    CHECK(set_cookie(cookie) == "pintle_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure");
}

TEST_CASE("a request of the server's own pages passes") {
    CHECK(origin_fault({{"Origin", "https://pintle.example"}}) == "");
    CHECK(origin_fault({{"Origin", "http://pintle.example"}}) == "");
    CHECK(origin_fault({{"Origin", "https://pintle.example"}}, "PINTLE.example:443") == "");
    CHECK(origin_fault({{"Origin", "http://127.0.0.1:7171"}}, "127.0.0.1:7171") == "");
    CHECK(origin_fault({{"Origin", "http://[::1]:7171"}}, "[::1]:7171") == "");
    CHECK(origin_fault({{"Origin", "http://[::1]"}}, "[::1]:80") == "");
    CHECK(origin_fault({{"Referer", "https://pintle.example/jobs/1?a=//b#c"}}) == "");
    CHECK(origin_fault({{"Referer", "https://pintle.example"}}) == "");
    CHECK(origin_fault({{"Origin", "https://pintle.example"}, {"Sec-Fetch-Site", "same-origin"}}) == "");
    CHECK(origin_fault({{"Origin", "https://pintle.example"}, {"Sec-Fetch-Site", "none"}}) == "");
}

TEST_CASE("a request of another origin's page is refused") {
    for (const char* origin :
         {"https://evil.example", "https://pintle.example.evil.example", "https://pintle.example:8443", "null", "",
          "pintle.example", "ftp://pintle.example", "https://pintle.example@evil.example", "https://pintle.example/",
          "https://", "https://a@pintle.example", "https://pintle.example:", "https://sub.pintle.example",
          "https://pintle.example https://evil.example"}) {
        CHECK(origin_fault({{"Origin", origin}}) == other_page(origin));
    }
    CHECK(origin_fault({{"Origin", "http://127.0.0.1:7172"}}, "127.0.0.1:7171") ==
          other_page("http://127.0.0.1:7172", "127.0.0.1:7171"));
    // http on port 443 is not where https://… without a port is.
    CHECK(origin_fault({{"Origin", "http://pintle.example"}}, "pintle.example:443") ==
          other_page("http://pintle.example", "pintle.example:443"));
    CHECK(origin_fault({{"Origin", "https://pintle.example"}}, "") == other_page("https://pintle.example", ""));
    CHECK(origin_fault({{"Referer", "https://evil.example/https://pintle.example"}}) ==
          other_page("https://evil.example"));
    CHECK(origin_fault({{"Referer", "about:blank"}}) == other_page(""));
    // A right Referer does not excuse a wrong Origin.
    CHECK(origin_fault({{"Origin", "null"}, {"Referer", "https://pintle.example/"}}) == other_page("null"));
}

TEST_CASE("a request whose browser says that it comes from elsewhere is refused") {
    for (const char* site : {"cross-site", "same-site", "", "Same-Origin", "same-origin, none"}) {
        CHECK(origin_fault({{"Origin", "https://pintle.example"}, {"Sec-Fetch-Site", site}}) == kOtherSite);
    }
    CHECK(origin_fault(
              {{"Origin", "https://pintle.example"}, {"Sec-Fetch-Site", "none"}, {"sec-fetch-site", "cross-site"}}) ==
          kOtherSite);
}

TEST_CASE("a request that does not say which page made it is refused") {
    const std::string words =
        "the browser did not say which page made this request (no Origin and no Referer); with an access token instead "
        "of a cookie it need not";
    CHECK(origin_fault({}) == words);
    CHECK(origin_fault({{"Sec-Fetch-Site", "same-origin"}}) == words);
}

TEST_CASE("a request that says twice which page made it is refused") {
    CHECK(origin_fault({{"Origin", "https://pintle.example"}, {"Origin", "https://evil.example"}}) ==
          "the request says twice which page made it");
    CHECK(origin_fault({{"Referer", "https://pintle.example"}, {"Referer", "https://pintle.example"}}) ==
          "the request says twice which page made it");
}
