#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "api/test_server.hpp"
#include "net/url.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

std::vector<std::string> names_in(const Answer& answer) {
    std::vector<std::string> names;
    for (const json::Value& item : answer.json["items"].as_array()) names.push_back(item["name"].as_string());
    return names;
}

/// Makes the request, which must be refused like this.
void check_refused(TestClient& client, const std::string& method, const std::string& path, const std::string& body,
                   int status, const std::string& message) {
    const Answer answer = client.send(method, path, body);
    INFO(method << " " << path << " " << body << ": " << answer.text);
    CHECK(answer.status == status);
    CHECK(answer.json["message"].as_string() == message);
}

}  // namespace

TEST_CASE("an operator on-boards people, who come in by a link that is told once") {
    TestServer server;
    static_cast<void>(first_operator(server));
    TestClient client(server);
    const Answer made = client.post("/users", R"({"name":"ana","role":"operator"})");
    REQUIRE(made.status == 201);
    CHECK(made.json["user"]["name"].as_string() == "ana");
    CHECK(made.json["user"]["role"].as_string() == "operator");
    CHECK(made.json["user"]["status"].as_string() == "onboarding");
    CHECK(made.json["user"]["group"]["name"].as_string() == "Default Group");
    CHECK_FALSE(made.json["user"]["has_password"].as_bool());
    const std::string code = made.json["code"].as_string();
    CHECK(code.starts_with("pin_"));
    CHECK(made.json["link"].as_string() == "http://" + server.address() + "/welcome#" + code);
    CHECK(client.get("/users/ana").text.find(code) == std::string::npos);
    CHECK(client.get("/audit").text.find(code) == std::string::npos);

    // A new link takes the place of the old one.
    const Answer again = client.post("/users/ana/invite");
    REQUIRE(again.status == 201);
    CHECK(again.json["code"].as_string() != code);
    CHECK(client.get("/users/" + made.json["user"]["id"].as_string()).json["name"].as_string() == "ana");
}

TEST_CASE("what on-boarding refuses, in its words") {
    TestServer server;
    static_cast<void>(first_operator(server));
    TestClient client(server);
    check_refused(client, "POST", "/users", R"({"name":""})", 400, "a user's name may not be empty");
    check_refused(client, "POST", "/users", R"({"name":")" + std::string(256, 'x') + "\"}", 400,
                  "a user's name may have at most 255 characters, this has 256");
    check_refused(client, "POST", "/users", R"({"name":"a/b"})", 400, "a user's name may not have a slash or a colon");
    check_refused(client, "POST", "/users", R"({"name":"root"})", 409, "there is already a user named \"root\"");
    check_refused(client, "POST", "/users", R"({"name":"ana","group":"nowhere"})", 404,
                  "there is no group \"nowhere\"");
    check_refused(client, "POST", "/users", R"({"name":"ana","role":"king"})", 400,
                  "role: expected \"data scientist\" or \"operator\", got \"king\"");
    const Answer unknown = client.post("/users", R"({"name":"ana","grup":"x"})");
    CHECK(unknown.status == 400);
    CHECK(unknown.json["details"][std::size_t{0}]["path"].as_string() == "grup");
    CHECK(client.post("/users", R"({"name":")" + std::string(255, 'x') + "\"}").status == 201);
}

TEST_CASE("roles and groups change one at a time, and there is always an operator") {
    TestServer server;
    const Person root = first_operator(server);
    static_cast<void>(a_group(server, "research"));
    static_cast<void>(a_person(server, "ana"));
    TestClient client(server);
    check_refused(client, "PATCH", "/users/root", R"({"role":"data scientist"})", 409,
                  "root is the last operator; promote somebody else first");
    check_refused(client, "POST", "/users/root/offboard", "", 409,
                  "root is the last operator; promote somebody else first");
    check_refused(client, "PATCH", "/users/ana", "{}", 400,
                  "say either the new role or the new group; each is a step of its own");
    check_refused(client, "PATCH", "/users/ana", R"({"role":"operator","group":"research"})", 400,
                  "say either the new role or the new group; each is a step of its own");
    check_refused(client, "PATCH", "/users/ana", R"({"group":"nowhere"})", 404, "there is no group \"nowhere\"");
    check_refused(client, "PATCH", "/users/nobody", R"({"role":"operator"})", 404, "there is no user \"nobody\"");

    CHECK(client.send("PATCH", "/users/ana", R"({"group":"research"})").json["group"]["name"].as_string() ==
          "research");
    CHECK(client.send("PATCH", "/users/ana", R"({"role":"operator"})").json["role"].as_string() == "operator");
    CHECK(client.send("PATCH", "/users/root", R"({"role":"data scientist"})").status == 200);
    // What root does is no longer an operator's doing, with the old token too.
    TestClient demoted(server, root.token);
    CHECK(demoted.get("/audit").status == 403);
}

TEST_CASE("off-boarding waits for the end of jobs, or stops them by force, and ends tokens") {
    TestServer server;
    const Person ana = a_person(server, "ana");
    TestClient client(server);
    TestClient as_ana(server, ana.token);
    as_ana.make_project(std::string(kDigits));
    const json::Value job = as_ana.run("digits", "train");
    CHECK(client.get("/users/ana").json["jobs"]["live"].as_int() == 1);
    check_refused(client, "POST", "/users/ana/offboard", "", 409,
                  "1 job of ana has not ended (the first is digits/train:1); wait for them, stop them, or off-board "
                  "with force, which stops them");
    CHECK(as_ana.get("/projects").status == 200);
    const Answer gone = client.post("/users/ana/offboard", R"({"force":true})");
    CHECK(gone.status == 200);
    CHECK(gone.json["status"].as_string() == "offboarded");
    CHECK(as_ana.get("/projects").status == 401);
    CHECK(names_in(client.get("/users")) == std::vector<std::string>{"root"});
    CHECK(names_in(client.get("/users?offboarded=true")) == std::vector<std::string>{"ana", "root"});
    check_refused(client, "POST", "/users/ana/invite", "", 404, "there is no such user");
    // Who comes back is the same again.
    const Answer back = client.post("/users", R"({"name":"ana"})");
    REQUIRE(back.status == 201);
    CHECK(back.json["user"]["id"].as_string() == ana.id.str());
}

TEST_CASE("everybody sees the people of their own group, and operators see all") {
    TestServer server;
    const auto research = a_group(server, "research");
    const auto vision = a_group(server, "vision");
    const Person ana = a_person(server, "ana", research);
    static_cast<void>(a_person(server, "abe", research));
    static_cast<void>(a_person(server, "bo", vision));
    TestClient client(server);
    CHECK(names_in(client.get("/users")) == std::vector<std::string>{"abe", "ana", "bo", "root"});
    CHECK(names_in(client.get("/users?group=vision")) == std::vector<std::string>{"bo"});
    CHECK(names_in(client.get("/users?text=a&group=research")) == std::vector<std::string>{"abe", "ana"});
    const Answer first = client.get("/users?limit=2");
    CHECK(names_in(client.get("/users?limit=2&cursor=" + net::percent_encode(first.json["next_cursor"].as_string()))) ==
          std::vector<std::string>{"bo", "root"});

    TestClient mate(server, ana.token);
    CHECK(names_in(mate.get("/users")) == std::vector<std::string>{"abe", "ana"});
    CHECK(mate.get("/users/abe").json["has_password"].is_null());
    check_refused(mate, "GET", "/users/bo", "", 404, "there is no user \"bo\"");
    check_refused(mate, "GET", "/users/nobody", "", 404, "there is no user \"nobody\"");
    check_refused(mate, "GET", "/users?group=vision", "", 404, "there is no group \"vision\"");
    CHECK(names_in(mate.get("/groups")) == std::vector<std::string>{"research"});
    check_refused(mate, "GET", "/groups/vision", "", 404, "there is no group \"vision\"");
    CHECK(names_in(mate.get("/pools")) == std::vector<std::string>{"research"});
    CHECK(mate.get("/pools/research").json["used_by_group"].is_null());
    check_refused(mate, "GET", "/pools/vision", "", 404, "there is no pool \"vision\"");
    check_refused(mate, "GET", "/devices?pool=vision", "", 404, "there is no pool \"vision\"");
    // It is refused before it is looked up: nobody learns what there is.
    for (const char* path : {"/groups/vision", "/groups/nothing", "/pools/vision"})
        check_refused(mate, "DELETE", path, "", 403, "only operators may do this");
    check_refused(mate, "POST", "/users", R"({"name":"eve"})", 403, "only operators may do this");
    check_refused(mate, "GET", "/audit", "", 403, "only operators may do this");
    TestClient nobody(server, "");
    for (const char* path : {"/users", "/groups", "/pools", "/nodes", "/devices", "/audit", "/capability"})
        CHECK(nobody.get(path).status == 401);
}

TEST_CASE("a group has a pool of its own, and what is protected stays") {
    TestServer server({.nodes = {testing::a_node("here", 8, 32, 4)}});
    static_cast<void>(first_operator(server));
    TestClient client(server);
    REQUIRE(client.post("/pools", R"({"name":"research","gpus":2})").status == 201);
    check_refused(client, "POST", "/groups", R"({"name":"research"})", 400,
                  "a new group needs a pool; make one (it may have no GPUs) and name it");
    check_refused(client, "POST", "/groups", R"({"pool":"research"})", 400, "a new group needs a name");
    check_refused(client, "POST", "/groups", R"({"name":"research","pool":"nothing"})", 404,
                  "there is no pool \"nothing\"");
    check_refused(client, "POST", "/groups", R"({"name":"research","pool":"Default Pool"})", 409,
                  "the Default Pool belongs to the Default Group; make a pool for this group");
    check_refused(client, "POST", "/groups", R"({"name":")" + std::string(256, 'g') + R"(","pool":"research"})", 400,
                  "a group's name may have at most 255 characters, this has 256");
    const Answer made = client.post(
        "/groups",
        R"({"name":"research","pool":"research","fair_share":true,"borrowing":{"cohort":"science","limit":3}})");
    REQUIRE(made.status == 201);
    CHECK(made.json["pool"]["total"].as_int() == 2);
    CHECK(made.json["borrowing"]["limit"].as_int() == 3);
    CHECK(made.json["borrowing"]["nominal"].is_null());
    check_refused(client, "POST", "/groups", R"({"name":"vision","pool":"research"})", 409,
                  "the pool research belongs to the group research already");
    check_refused(client, "DELETE", "/pools/research", "", 409,
                  "the pool research belongs to the group research; give the group another pool or delete it first");
    check_refused(client, "PATCH", "/groups/default", R"({"name":"other"})", 409,
                  "the Default Group cannot be renamed");
    check_refused(client, "PATCH", "/groups/default", R"({"pool":"research"})", 409,
                  "the Default Group always has the Default Pool");
    check_refused(client, "DELETE", "/groups/Default%20Group", "", 409, "the Default Group cannot be deleted");

    // Absence leaves the borrowing, null ends it.
    CHECK(client.send("PATCH", "/groups/research", R"({"fair_share":false})").json["borrowing"].is_object());
    CHECK(client.send("PATCH", "/groups/research", R"({"borrowing":null})").json["borrowing"].is_null());
    const Answer bad = client.send("PATCH", "/groups/research", R"({"borrowing":{"cohort":"x","limit":-1}})");
    CHECK(bad.status == 400);
    CHECK(bad.json["details"][std::size_t{0}]["path"].as_string() == "borrowing.limit");

    // People of a deleted group are in the Default Group.
    REQUIRE(client.post("/users", R"({"name":"ana","group":"research"})").status == 201);
    CHECK(client.get("/groups/research").json["members"].size() == 1);
    CHECK(client.send("DELETE", "/groups/research").json["deleted"].as_string() == "research");
    CHECK(client.get("/users/ana").json["group"]["name"].as_string() == "Default Group");
    CHECK(client.send("DELETE", "/pools/research").status == 200);
    CHECK(client.get("/pools/default").json["total"].as_int() == 4);
}

TEST_CASE("the audit log says who did what, and is filtered") {
    TestServer server;
    static_cast<void>(first_operator(server));
    TestClient client(server);
    REQUIRE(client.post("/users", R"({"name":"ana"})").status == 201);
    REQUIRE(client.post("/pools", R"({"name":"research"})").status == 201);
    const Answer all = client.get("/audit?actor=root");
    REQUIRE(all.json["items"].size() == 2);
    const json::Value& entry = all.json["items"][std::size_t{0}];
    CHECK(entry["action"].as_string() == "pool.create");
    CHECK(entry["subject"].as_string() == "research");
    CHECK(entry["via"].as_string() == "local token");
    CHECK(entry["address"].as_string() == "127.0.0.1");
    CHECK(client.get("/audit?action=user.&actor=root").json["items"].size() == 1);
    CHECK(client.get("/audit?subject=ana").json["items"].size() == 1);
    CHECK(client.get("/audit?until=2020-01-01T00:00:00Z").json["items"].size() == 0);
    CHECK(client.get("/audit?actor=root&since=2020-01-01T00:00:00Z&limit=1").json["items"].size() == 1);
    check_refused(
        client, "GET", "/audit?since=yesterday", "", 400,
        "the parameter since: expected a time such as 2026-03-01T12:00:00Z, or how long ago such as 1h or 7d, "
        "got \"yesterday\"");
}

TEST_CASE("a project is given to a mate, and by operators to anybody") {
    TestServer server;
    static_cast<void>(first_operator(server));
    TestClient client(server);
    const auto research = a_group(server, "research");
    const Person ana = a_person(server, "ana", research);
    const Person abe = a_person(server, "abe", research);
    static_cast<void>(a_person(server, "bo"));
    TestClient as_ana(server, ana.token), as_abe(server, abe.token);
    static_cast<void>(as_ana.make_project(std::string(kDigits)));

    check_refused(as_ana, "POST", "/projects/digits/transfer", "{}", 400, "the request has 1 fault");
    check_refused(as_ana, "POST", "/projects/digits/transfer", R"({"to":"bo"})", 404, "there is no user \"bo\"");
    check_refused(as_abe, "POST", "/projects/nothing/transfer", R"({"to":"abe"})", 404,
                  "there is no project \"nothing\"");
    const Answer given = as_ana.post("/projects/digits/transfer", R"({"to":"abe"})");
    REQUIRE(given.status == 200);
    CHECK(given.json["project"]["name"].as_string() == "digits");
    CHECK(names_in(as_abe.get("/projects?show=owned")) == std::vector<std::string>{"digits"});
    CHECK(names_in(as_ana.get("/projects?show=owned")).empty());

    // To another group only operators can, who know everybody.
    REQUIRE(client.post("/projects/research:digits/transfer", R"({"to":"bo"})").status == 200);
    CHECK(as_abe.get("/projects/digits").status == 404);
    CHECK(names_in(client.get("/projects?show=shared")) == std::vector<std::string>{"digits"});
}

TEST_CASE("lists say of which group a project and a job are, and its name opens them") {
    TestServer server;
    static_cast<void>(first_operator(server));
    TestClient client(server);
    const Person ana = a_person(server, "ana", a_group(server, "research"));
    TestClient as_ana(server, ana.token);
    static_cast<void>(as_ana.make_project(std::string(kDigits)));
    static_cast<void>(client.make_project(std::string(kDigits)));
    REQUIRE(as_ana.post("/projects/digits/tasks/train/jobs").status == 201);

    const auto group_in = [](const Answer& answer) {
        return answer.json["items"][std::size_t{0}]["group"].as_string();
    };
    CHECK(group_in(client.get("/jobs?show=everyone")) == "research");
    CHECK(group_in(as_ana.get("/jobs")) == "research");
    CHECK(group_in(as_ana.get("/projects")) == "research");
    CHECK(group_in(client.get("/projects")) == "Default Group");
    CHECK(client.get("/jobs/research:digits%2Ftrain:1").json["group"].as_string() == "research");
    check_refused(client, "GET", "/jobs/digits%2Ftrain:1", "", 404,
                  "there is no job \"digits/train:1\"; another group's is named GROUP:digits/train:1");
    check_refused(client, "GET", "/jobs/research:digits%2Ftrain:7", "", 404,
                  "there is no job \"research:digits/train:7\"");
    check_refused(as_ana, "GET", "/jobs/digits%2Ftrain:7", "", 404, "there is no job \"digits/train:7\"");
}

TEST_CASE("where the server's data is, only operators are told") {
    TestServer server;
    static_cast<void>(first_operator(server));
    const Person ana = a_person(server, "ana");
    CHECK(TestClient(server).get("/server").json["data_folder"].is_string());
    CHECK(TestClient(server, ana.token).get("/server").json["data_folder"].is_null());
}
