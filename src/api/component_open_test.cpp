#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "api/test_server.hpp"
#include "base/text.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

constexpr const char* kPassword = "correct horse battery";
constexpr std::string_view kProject =
    "name: digits\n"
    "tasks: [{name: train, resources: [{name: worker, command: 'true'}]}]\n"
    "components: [{name: board, command: serve, port: 8000}, {name: open, command: serve, port: 8001, shared: true}]\n";

struct Site {
    Site() : server({.leads_to_components = true}) {
        group = a_group(server, "research");
        ana = a_person(server, "ana", group);
        give_password(server, ana.id, kPassword);
        session = sign_in(server, "ana", kPassword);
        TestClient(server, ana.token).make_project(std::string(kProject));
    }
    Answer open(const std::string& component, const net::Headers& more, const std::string& query = "") {
        net::Headers headers = more;
        headers.add("Cookie", "pintle_session=" + session.cookie);
        return TestClient(server, "").get("/projects/digits/components/" + component + "/open" + query, headers);
    }

    TestServer server;
    domain::GroupId group;
    Person ana;
    TestSession session;
};

}  // namespace

TEST_CASE("the owner gets an address that is good for a minute, and a browser is led there") {
    Site site;
    const Answer told = site.open("board", {});
    REQUIRE(told.status == 200);
    CHECK(told.json["url"].as_string().starts_with("http://localhost:7172/enter?ticket="));
    CHECK(told.headers.get("Cache-Control") == "no-store");
    const Answer led = site.open("board", {{"Accept", "text/html"}});
    REQUIRE(led.status == 303);
    CHECK(led.headers.get("Location").starts_with("http://localhost:7172/enter?ticket="));
    CHECK(led.headers.get("Referrer-Policy") == "no-referrer");
    CHECK(TestClient(site.server, site.ana.token).get("/projects/digits/components/board/open").status == 200);
}

TEST_CASE("a way into a component is a path below it, and a component that is not there is told of") {
    Site site;
    CHECK(site.open("board", {}, "?to=%2Fprojects%2Fx%2Fcomponents%2Fboard%2F").status == 400);
    CHECK(site.open("board", {}, "?to=https%3A%2F%2Fevil.example").status == 400);
    CHECK(site.open("nothing", {}).status == 404);
    const Answer page = site.open("nothing", {{"Accept", "text/html"}});
    CHECK(page.status == 404);
    CHECK(page.text.find("<h1>This cannot be opened</h1>") != std::string::npos);
}

TEST_CASE("who opens a component acts as its owner, so nobody else may, unless it is shared") {
    Site site;
    const Person mate = a_person(site.server, "ben", site.group);
    const Person stranger = a_person(site.server, "cleo", a_group(site.server, "elsewhere"));
    const Person root = first_operator(site.server);
    const auto status = [&](const Person& person, const std::string& component) {
        const std::string project =
            TestClient(site.server, site.ana.token).get("/projects/digits").json["id"].as_string();
        return TestClient(site.server, person.token)
            .get("/projects/" + project + "/components/" + component + "/open")
            .status;
    };
    CHECK(status(mate, "board") == 403);
    CHECK(status(root, "board") == 403);
    CHECK(status(stranger, "board") == 404);
    CHECK(status(mate, "open") == 200);
    CHECK(status(stranger, "open") == 404);
}

TEST_CASE("a page that is not the server's own gets no way in, and a person is asked") {
    Site site;
    const std::vector<net::Headers> others{
        {{"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Mode", "no-cors"}},
        {{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "cors"}, {"Origin", "http://localhost:7172"}},
        {{"Origin", "http://localhost:7172"}},
        {{"Referer", "http://localhost:7172/projects/"}},
    };
    for (const net::Headers& other : others) CHECK(site.open("board", other).status == 403);
    const Answer asked = site.open("board", {{"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Mode", "navigate"}});
    CHECK(asked.status == 200);
    CHECK(asked.headers.get("Set-Cookie").empty());
    CHECK(asked.text.find("Open it if you meant to.") != std::string::npos);
    CHECK(asked.text.find("ticket") == std::string::npos);
    CHECK(site.open("board", {{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Mode", "navigate"}}).status == 303);
    CHECK(site.open("board", {{"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Mode", "navigate"}}).status == 303);
}
