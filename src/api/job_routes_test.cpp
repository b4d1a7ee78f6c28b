#include <doctest/doctest.h>

#include "api/test_server.hpp"
#include "json/json_text.hpp"

using namespace pintle;
using namespace pintle::api;

TEST_CASE("a job is run, watched by long polls, and ends") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));

    const Answer made = client.post("/projects/digits/tasks/train/jobs");
    REQUIRE(made.status == 201);
    CHECK(made.json["name"].as_string() == "digits/train:1");
    CHECK(made.json["submitted_by"].as_string() == "operator");
    const std::string id = made.json["id"].as_string();

    const json::Value running = client.wait_for("digits/train:1", "Running");
    CHECK(running["id"].as_string() == id);
    REQUIRE(running["replicas"].size() == 1);
    CHECK(running["replicas"][std::size_t{0}]["state"].as_string() == "Running");
    CHECK(running["duration_ms"].as_int() >= 0);

    server.engine().finish(domain::JobId(id), "worker-0", 0, server.now());
    const json::Value complete = client.wait_for(id, "Complete");
    CHECK(complete["replicas"][std::size_t{0}]["exit_code"].as_int() == 0);
    CHECK_FALSE(complete["ended_at"].is_null());

    const Answer list = client.get("/jobs?project=digits&state=complete");
    REQUIRE(list.json["items"].size() == 1);
    CHECK(list.json["items"][std::size_t{0}]["id"].as_string() == id);
    CHECK(client.get("/jobs?live=true").json["items"].size() == 0);
}

TEST_CASE("a job's own log and its replicas' logs are read by lines") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const json::Value job = client.run("digits", "train");
    const std::string id = job["id"].as_string();
    server.engine().say(domain::JobId(id), "worker-0", "epoch 1\nepoch 2\n", server.now());

    const Answer streams = client.get("/jobs/" + id + "/logs");
    REQUIRE(streams.json["items"].size() == 2);
    CHECK(streams.json["items"][std::size_t{1}]["lines"].as_int() == 2);

    const Answer page = client.get("/jobs/" + id + "/logs/worker-0");
    REQUIRE(page.json["items"].size() == 2);
    CHECK(page.json["items"][std::size_t{1}]["text"].as_string() == "epoch 2");

    const Answer own = client.get("/jobs/" + id + "/logs/job");
    REQUIRE(own.json["items"].size() >= 3);
    CHECK(own.json["items"][std::size_t{0}]["text"].as_string() == "Submitted by operator as build 1.");
}
