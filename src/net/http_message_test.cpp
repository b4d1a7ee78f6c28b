#include "net/http_message.hpp"

#include <doctest/doctest.h>

using namespace pintle;
using net::parse_target;

TEST_CASE("a target is taken apart into decoded segments and ordered parameters") {
    const auto target = parse_target("/api/v1/a%2Fb/%C3%BC?b=2&a=x+y%26&b&=v&&c=1=2").value();
    CHECK(target.path == "/api/v1/a/b/ü");
    CHECK(target.segments == std::vector<std::string>{"api", "v1", "a/b", "ü"});
    const std::vector<net::QueryParams::Param> params(target.query.begin(), target.query.end());
    CHECK(params ==
          std::vector<net::QueryParams::Param>{{"b", "2"}, {"a", "x y&"}, {"b", ""}, {"", "v"}, {"c", "1=2"}});
    CHECK(*target.query.find("b") == "2");
    CHECK(target.query.find("B") == nullptr);
}

TEST_CASE("the forms of a target that servers must know") {
    CHECK(parse_target("/").value().segments.empty());
    CHECK(parse_target("/a/").value().segments == std::vector<std::string>{"a", ""});
    CHECK(parse_target("//a").value().segments == std::vector<std::string>{"", "a"});
    CHECK(parse_target("http://h:1/a?b=c").value().path == "/a");
    CHECK(parse_target("http://h:1?b=c").value().path == "/");
    CHECK(parse_target("https://h").value().path == "/");
    CHECK(parse_target("*").value().path == "*");
    CHECK(parse_target("/a#f?x=1").value().query.size() == 0);
    CHECK(parse_target("/a?").value().query.size() == 0);
}

TEST_CASE("hostile targets are refused") {
    for (const char* bad :
         {"",    "a",    "?a=b",      "../x", "/..",  "/a/../b",  "/.",     "/%2e%2e/x", "/%2E./x", "/a%00",   "/%",
          "/%4", "/%gg", "/a%0d%0aX", "/%7f", "/%ff", "/a?x=%00", "/a?%=1", "/a?x=%c3",  "host:80", "ftp://h/"}) {
        CAPTURE(bad);
        const auto target = parse_target(bad);
        REQUIRE_FALSE(target.has_value());
        CHECK(target.error().code == ErrorCode::kInvalid);
    }
}

TEST_CASE("headers compare without case, keep their order and can be replaced") {
    net::Headers headers{{"Accept", "a"}, {"X-One", "1"}, {"accept", "b"}};
    CHECK(headers.get("ACCEPT") == "a");
    CHECK(headers.count("accept") == 2);
    CHECK(headers.find("Acceptx") == nullptr);
    CHECK(headers.get("none").empty());
    headers.set("ACCEPT", "c");
    CHECK(headers.size() == 2);
    CHECK(headers.get("accept") == "c");
}

TEST_CASE("a header that would split the message is not valid") {
    CHECK(net::is_valid_header("X-A", "b c"));
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"", "b"},
                                                                                      {"a b", "c"},
                                                                                      {"a:", "c"},
                                                                                      {"a\n", "c"},
                                                                                      {"a", "b\r\nc: d"},
                                                                                      {"a", "b\n"},
                                                                                      {"a", std::string(1, '\0')}}) {
        CAPTURE(name);
        CHECK_FALSE(net::is_valid_header(name, value));
    }
}
