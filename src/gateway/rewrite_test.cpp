#include "gateway/rewrite.hpp"

#include <doctest/doctest.h>

#include "gateway/door.hpp"

using namespace pintle;
using namespace pintle::gateway;

namespace {

Endpoint endpoint() {
    Endpoint endpoint;
    endpoint.project = domain::ProjectId("01J00000000000000000000001");
    endpoint.name = "jupyter";
    endpoint.host = "127.0.0.1";
    endpoint.port = 8888;
    endpoint.token = "t0k";
    return endpoint;
}

Visit visit() { return {prefix_of(endpoint().project, "jupyter"), "localhost:7172", false, "10.1.2.3:5555", false}; }

std::string located(const std::string& location) {
    net::Headers headers{{"Location", location}};
    confine_answer(headers, endpoint(), visit());
    return std::string(headers.get("Location"));
}

}  // namespace

TEST_CASE("a component gets its own token and nothing of the server's credentials") {
    const net::Headers headers =
        request_headers({{"Host", "localhost:7172"},
                         {"Cookie", "pintle_session=pse_secret; a=1; pintle_component=sealed; _xsrf=2"},
                         {"Cookie", "__Host-pintle=3; PINTLE_x=4; b=5"},
                         {"Authorization", "Bearer ppt_secret"},
                         {"X-CSRF-Token", "secret"},
                         {"Sec-WebSocket-Extensions", "permessage-deflate"},
                         {"X-Forwarded-For", "6.6.6.6"},
                         {"X-Forwarded-Proto", "https"},
                         {"Forwarded", "for=6.6.6.6"},
                         {"Accept", "text/html"}},
                        endpoint(), visit());
    for (const auto& [name, value] : headers) {
        CAPTURE(name);
        CHECK(value.find("secret") == std::string::npos);
        CHECK(value.find("sealed") == std::string::npos);
        CHECK(value.find("6.6.6.6") == std::string::npos);
    }
    CHECK(headers.get("Cookie") == "a=1; _xsrf=2; b=5");
    CHECK(headers.get("Authorization") == "token t0k");
    CHECK(headers.count("Host") == 1);
    CHECK(headers.get("Host") == "127.0.0.1:8888");
    CHECK(headers.get("X-Forwarded-For") == "10.1.2.3");
    CHECK(headers.get("X-Forwarded-Host") == "localhost:7172");
    CHECK(headers.get("X-Forwarded-Proto") == "http");
    CHECK(headers.get("X-Forwarded-Prefix") == visit().prefix);
    CHECK(headers.get("Accept") == "text/html");
    CHECK(headers.find("Sec-WebSocket-Extensions") == nullptr);
}

TEST_CASE("the component's own pages look to it as if they were at its address, other pages do not") {
    const auto origin = [](const std::string& from) {
        return std::string(
            request_headers({{"Origin", from}, {"Referer", from + "/a"}}, endpoint(), visit()).get("Origin"));
    };
    CHECK(origin("http://localhost:7172") == "http://127.0.0.1:8888");
    CHECK(origin("http://localhost:71722") == "http://localhost:71722");
    CHECK(origin("https://evil.example") == "https://evil.example");
    CHECK(request_headers({{"Referer", "http://localhost:7172/x?y"}}, endpoint(), visit()).get("Referer") ==
          "http://127.0.0.1:8888/x?y");
}

TEST_CASE("a component's cookies stay below its path and are not the server's") {
    const std::string prefix = visit().prefix;
    CHECK(confined_cookie("a=b", prefix) == "a=b; Path=" + prefix + "/");
    CHECK(confined_cookie("a=b; Path=/; HttpOnly; domain=example.org; SameSite=Lax", prefix) ==
          "a=b; HttpOnly; SameSite=Lax; Path=" + prefix + "/");
    CHECK(confined_cookie("a=b; path=" + prefix + "/lab", prefix) == "a=b; Path=" + prefix + "/lab");
    CHECK(confined_cookie("a=b; Path=" + prefix + "x", prefix) == "a=b; Path=" + prefix + "/");
    CHECK(confined_cookie("a=b; Path=/; Path=/api", prefix) == "a=b; Path=" + prefix + "/");
    for (const std::string cookie : {"pintle_session=x", "Pintle_Session=x", " pintle_component =x",
                                     "__Host-a=b; Path=/; Secure", "=x", "novalue", ""}) {
        CAPTURE(cookie);
        CHECK(confined_cookie(cookie, prefix).empty());
    }
}

TEST_CASE("redirects to itself stay below the component's path, others are left alone") {
    const std::string prefix = visit().prefix;
    CHECK(located("/lab?x") == prefix + "/lab?x");
    CHECK(located(prefix + "/lab") == prefix + "/lab");
    CHECK(located("http://127.0.0.1:8888/login") == prefix + "/login");
    CHECK(located("http://localhost:7172" + prefix + "/a") == prefix + "/a");
    CHECK(located("http://127.0.0.1:8888") == prefix + "/");
    CHECK(located("tree/a") == "tree/a");
    CHECK(located("https://docs.example/x") == "https://docs.example/x");
}

TEST_CASE("a component does not speak for the host or open itself to other origins") {
    net::Headers headers{{"Access-Control-Allow-Origin", "*"},
                         {"access-control-allow-credentials", "true"},
                         {"Clear-Site-Data", "\"*\""},
                         {"Service-Worker-Allowed", "/"},
                         {"Strict-Transport-Security", "max-age=1"},
                         {"Set-Cookie", "pintle_session=x; Path=/"},
                         {"Set-Cookie", "a=b"},
                         {"Content-Type", "text/plain"}};
    confine_answer(headers, endpoint(), visit());
    CHECK(headers.count("Set-Cookie") == 1);
    CHECK(headers.get("Content-Type") == "text/plain");
    CHECK(headers.get("X-Frame-Options") == "SAMEORIGIN");
    CHECK(headers.size() == 4);
}
