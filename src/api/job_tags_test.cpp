#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "api/test_server.hpp"
#include "json/json_text.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

using Names = std::vector<std::string>;

Names names(const Answer& page) {
    INFO(page.text);
    REQUIRE(page.status == 200);
    Names found;
    for (const json::Value& job : page.json["items"].as_array()) found.push_back(job["name"].as_string());
    return found;
}

std::string tags(const json::Value& job) { return json::to_json(job["tags"]); }

std::string fault(const Answer& answer) {
    REQUIRE(answer.status == 400);
    REQUIRE(answer.json["details"].size() > 0);
    const json::Value& first = answer.json["details"][std::size_t{0}];
    return first["path"].as_string() + ": " + first["message"].as_string();
}

}  // namespace

TEST_CASE("a job keeps the tags it was given, a clone has the same unless it is given others") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const Answer made = client.post("/projects/digits/tasks/train/jobs", R"({"tags": ["base, line", "v1.2", "v1.2"]})");
    REQUIRE(made.status == 201);
    CHECK(tags(made.json) == R"(["base, line","v1.2"])");
    const std::string path = "/jobs/" + made.json["id"].as_string();
    CHECK(tags(client.get(path).json) == R"(["base, line","v1.2"])");

    CHECK(tags(client.post(path + "/clone").json) == R"(["base, line","v1.2"])");
    CHECK(tags(client.post(path + "/clone", R"({"tags": ["again"]})").json) == R"(["again"])");
    CHECK(tags(client.post(path + "/clone", R"({"tags": []})").json) == "[]");
    CHECK(tags(client.post("/projects/digits/tasks/train/jobs").json) == "[]");

    CHECK(names(client.get("/jobs?tag=v1.2")) == Names{"digits/train:2", "digits/train:1"});
    CHECK(names(client.get("/jobs?tag=v1.2,base%5C,%20line")) == Names{"digits/train:2", "digits/train:1"});
    CHECK(names(client.get("/jobs?tag=v1.2,again")).empty());
    CHECK(names(client.get("/jobs?project=digits&tag=again&order=oldest")) == Names{"digits/train:3"});
    CHECK(client.get("/jobs?tag=a,,b").json["message"].as_string() == "the parameter tag: a tag may not be empty");
}

TEST_CASE("a tag of 257 characters is refused at its place, everywhere") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const std::string most(256, 'x');
    const std::string submit = "/projects/digits/tasks/train/jobs";
    CHECK(client.post(submit, R"({"tags": [")" + most + R"("]})").status == 201);
    const std::string wrong = R"({"tags": ["a", ")" + most + R"(x"]})";
    const std::string told = "tags[1]: a tag may have at most 256 characters, this has 257";
    CHECK(fault(client.post(submit, wrong)) == told);
    CHECK(fault(client.post("/projects/digits/tasks/train/dry-run", wrong)) == told);
    CHECK(fault(client.post("/jobs/digits%2Ftrain:1/clone", wrong)) == told);
    CHECK(fault(client.send("PATCH", "/jobs/digits%2Ftrain:1", wrong)) == told);
    CHECK(fault(client.send("PATCH", "/jobs/digits%2Ftrain:1", "{}")) ==
          "tags: is missing; an empty list takes the job's tags away");
    CHECK(
        fault(client.send("PATCH", "/jobs/digits%2Ftrain:1", R"({"tags": "a"})")).starts_with("tags: expected a list"));
    CHECK(fault(client.send("PATCH", "/jobs/digits%2Ftrain:1", R"({"tags": [], "x": 1})")).starts_with("x: "));
    CHECK(client.get("/jobs?tag=" + most + "x").status == 400);
    CHECK(names(client.get("/jobs?tag=" + most)) == Names{"digits/train:1"});
}

TEST_CASE("the owner and operators change the tags of a job, whether it has ended or not") {
    TestServer server;
    const domain::GroupId group = a_group(server, "research");
    TestClient root(server, first_operator(server).token);
    TestClient ana(server, a_person(server, "ana", group).token);
    TestClient mia(server, a_person(server, "mia", group).token);
    TestClient bo(server, a_person(server, "bo").token);
    ana.make_project(std::string(kDigits));
    const std::string id = ana.run("digits", "train")["id"].as_string();
    const std::string path = "/jobs/" + id;

    const Answer changed = ana.send("PATCH", path, R"({"tags": ["live"]})");
    CHECK(changed.status == 200);
    CHECK(tags(changed.json) == R"(["live"])");
    CHECK(mia.send("PATCH", path, R"({"tags": []})").status == 403);
    CHECK(bo.send("PATCH", path, R"({"tags": []})").status == 404);
    CHECK(names(mia.get("/jobs?tag=live")) == Names{"digits/train:1"});
    CHECK(names(bo.get("/jobs?tag=live")).empty());

    server.engine().finish(domain::JobId(id), "worker-0", 0, server.now());
    ana.wait_for(id, "Complete");
    CHECK(tags(ana.get(path).json) == R"(["live"])");
    CHECK(tags(root.send("PATCH", path, R"({"tags": ["ended", "good"]})").json) == R"(["ended","good"])");
    CHECK(names(ana.get("/jobs?tag=good")) == Names{"digits/train:1"});
    CHECK(tags(ana.send("PATCH", path, R"({"tags": []})").json) == "[]");
    CHECK(names(ana.get("/jobs?tag=good")).empty());
    CHECK(root.get("/audit?action=job.tag").json["items"].size() == 3);
    CHECK(ana.send("DELETE", path).status == 200);
    CHECK(ana.send("PATCH", path, R"({"tags": []})").status == 404);
}
