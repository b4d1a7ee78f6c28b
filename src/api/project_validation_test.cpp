#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "api/test_server.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

const net::Headers kYaml{{"Content-Type", "application/yaml"}};

const json::Value* fault_at(const Answer& answer, std::string_view path) {
    for (const json::Value& fault : answer.json["faults"].as_array()) {
        if (fault["path"].as_string() == path) return &fault;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("a good document is told to be valid as it will be kept, and nothing is made") {
    TestServer server;
    TestClient client(server);
    const Answer answer = client.post("/projects/validate", "colour: blue\n" + std::string(kDigits), kYaml);
    REQUIRE(answer.status == 200);
    CHECK(answer.json["valid"].as_bool());
    CHECK(answer.json["faults"].size() == 0);
    CHECK(answer.json["warnings"][std::size_t{0}]["line"].as_int() == 1);
    CHECK(client.get("/projects").json["items"].size() == 0);
    CHECK(client.make_project(std::string(kDigits))["document"] == answer.json["document"]);
    CHECK(client.post("/projects/validate", R"({"name": "numbers"})").json["valid"].as_bool());
}

TEST_CASE("faults of the document and of what is around it are told with their places in the text") {
    TestServer server;
    TestClient client(server);
    client.make_project("name: taken\n");
    const Answer around = client.post("/projects/validate", R"(# A comment.
name: taken
sources:
  - name: data
    cluster_storage: nowhere
)",
                                      kYaml);
    REQUIRE(around.status == 200);
    CHECK_FALSE(around.json["valid"].as_bool());
    CHECK(around.json["document"]["name"].as_string() == "taken");
    const json::Value* name = fault_at(around, "name");
    REQUIRE(name != nullptr);
    CHECK((*name)["line"].as_int() == 2);
    CHECK((*name)["message"].as_string().find("already a project") != std::string::npos);
    const json::Value* storage = fault_at(around, "sources[0].cluster_storage");
    REQUIRE(storage != nullptr);
    CHECK((*storage)["line"].as_int() == 5);
    CHECK((*storage)["column"].as_int() == 22);

    const Answer within = client.post("/projects/validate", "name: x\ntasks: [{name: t}]\nunknown: 1\n", kYaml);
    CHECK_FALSE(within.json["valid"].as_bool());
    CHECK(within.json["document"].is_null());
    CHECK(fault_at(within, "tasks[0].resources") != nullptr);
    CHECK(within.json["warnings"].size() == 1);

    const Answer broken = client.post("/projects/validate", "name: [", kYaml);
    REQUIRE(broken.status == 200);
    CHECK_FALSE(broken.json["valid"].as_bool());
    CHECK(broken.json["faults"][std::size_t{0}]["line"].as_int() >= 1);
    CHECK_FALSE(client.post("/projects/validate", "", kYaml).json["valid"].as_bool());
    CHECK(client.post("/projects/validate", "<x/>", {{"Content-Type", "text/xml"}}).status == 400);
}

TEST_CASE("a document is validated as the update of a project that may be edited") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    client.make_project("name: taken\n");
    CHECK(client.post("/projects/validate?project=digits", std::string(kDigits), kYaml).json["valid"].as_bool());
    CHECK(client.post("/projects/validate?project=digits", "name: fresh\n", kYaml).json["valid"].as_bool());
    CHECK(fault_at(client.post("/projects/validate?project=digits", "name: taken\n", kYaml), "name") != nullptr);
    client.run("digits", "train");
    const Answer renamed = client.post("/projects/validate?project=digits", "name: fresh\n", kYaml);
    const json::Value* name = fault_at(renamed, "name");
    REQUIRE(name != nullptr);
    CHECK((*name)["message"].as_string().find("1 job of the project") != std::string::npos);

    // Only for those who could carry it out, and others' names are not told.
    TestClient mate(server, a_person(server, "mate").token);
    CHECK(mate.post("/projects/validate?project=digits", "name: digits\n", kYaml).status == 403);
    TestClient stranger(server, a_person(server, "stranger", a_group(server, "elsewhere")).token);
    CHECK(stranger.post("/projects/validate?project=digits", "name: digits\n", kYaml).status == 404);
    CHECK(stranger.post("/projects/validate", "name: digits\n", kYaml).json["valid"].as_bool());
}

TEST_CASE("projects may have the names that routes have") {
    TestServer server;
    TestClient client(server);
    client.make_project("name: validate\n");
    CHECK(client.get("/projects/validate").json["name"].as_string() == "validate");
}
