#include <sys/resource.h>

#include <doctest/doctest.h>

#include "api/test_server.hpp"
#include "json/json_text.hpp"
#include "net/raw_client.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::api;

TEST_CASE("a job is run, watched by long polls, and ends") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));

    const Answer made = client.post("/projects/digits/tasks/train/jobs");
    REQUIRE(made.status == 201);
    CHECK(made.json["name"].as_string() == "digits/train:1");
    CHECK(made.json["submitted_by"].as_string() == "root");
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
    CHECK(own.json["items"][std::size_t{0}]["text"].as_string() == "Submitted by root as build 1.");
}

TEST_CASE("a run takes overrides and tells the place of a wrong one") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const Answer made = client.post("/projects/digits/tasks/train/jobs",
                                    R"({"set": {"LR": 0.10, "worker.memory": "1Gi", "worker.replicas": 2}})");
    REQUIRE(made.status == 201);
    CHECK(made.json["replicas"].size() == 2);
    const Answer spec = client.get("/jobs/" + made.json["id"].as_string() + "/spec");
    CHECK(json::to_json(spec.json["task"]).find("0.10") != std::string::npos);

    const Answer wrong =
        client.post("/projects/digits/tasks/train/jobs", "{\"set\": {\"LR\": 1,\n  \"worker.memory\": \"much\"}}");
    CHECK(wrong.status == 400);
    REQUIRE(wrong.json["details"].size() == 1);
    CHECK(wrong.json["details"][std::size_t{0}]["path"].as_string() == "set[\"worker.memory\"]");
    CHECK(wrong.json["details"][std::size_t{0}]["line"].as_int() == 2);
    CHECK(client.post("/projects/digits/tasks/train/jobs", R"({"sett": {}})")
              .json["details"][std::size_t{0}]["path"]
              .as_string() == "sett");
    CHECK(client.post("/projects/digits/tasks/train/jobs", "[]").status == 400);
    CHECK(client.post("/projects/digits/tasks/train/jobs", "{").status == 400);
    CHECK(client.post("/projects/digits/tasks/train/jobs", R"({"engine": "steam"})").status == 400);

    const Answer unknown = client.post("/projects/digits/tasks/trian/jobs");
    CHECK(unknown.status == 404);
    CHECK(unknown.json["message"].as_string().find("did you mean \"train\"") != std::string::npos);
    CHECK(client.get("/jobs").json["items"].size() == 1);
}

TEST_CASE("a job is stopped, cloned with changes, and deleted") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const std::string id = client.run("digits", "train")["id"].as_string();
    CHECK(client.send("DELETE", "/jobs/" + id).status == 409);
    CHECK(client.post("/jobs/" + id + "/stop").status == 200);
    client.wait_for(id, "Stopped");

    const Answer cloned = client.post("/jobs/" + id + "/clone", R"({"set": {"LR": "0.2"}})");
    REQUIRE(cloned.status == 201);
    CHECK(cloned.json["cloned_from"].as_string() == id);
    CHECK(cloned.json["name"].as_string() == "digits/train:2");
    CHECK(json::to_json(client.get("/jobs/" + cloned.json["id"].as_string() + "/spec").json).find("0.2") !=
          std::string::npos);

    CHECK(client.send("DELETE", "/jobs/digits%2Ftrain:1").json["deleted"].as_string() == id);
    CHECK(client.get("/jobs/" + id).status == 404);
}

TEST_CASE("names of jobs that are none are not found") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    client.run("digits", "train");
    for (const char* name :
         {"digits%2Fpair:1", "digits%2Ftrain:2", "digits%2Ftrain:0", "digits%2Ftrain:x", "digits%2Ftrain:99999999999",
          "other%2Ftrain:1", "nonsense", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "digits%2Ftrain", "%2F:1", ":1"}) {
        CHECK_MESSAGE(client.get(std::string("/jobs/") + name).status == 404, name);
    }
}

TEST_CASE("a waiting job tells why it waits") {
    TestServer server({.nodes = {testing::a_node("small", 1, 4)}});
    TestClient client(server);
    client.make_project(
        "name: digits\ntasks: [{name: train, resources: [{name: worker, command: 'true', requests: {cpu: '1'}}]}]\n");
    client.run("digits", "train");
    const Answer second = client.post("/projects/digits/tasks/train/jobs");
    REQUIRE(second.status == 201);
    CHECK(second.json["state"].as_string() == "Queued");
    CHECK(second.json["waiting_reason"].is_null());
    CHECK(second.json["duration_ms"].is_null());
    const Answer asked = client.get("/jobs/" + second.json["id"].as_string());
    CHECK(asked.json["waiting"]["position"].as_int() == 1);
}

TEST_CASE("properties are reported, shown and held to their limits") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const std::string id = client.run("digits", "train")["id"].as_string();
    const std::string path = "/jobs/" + id + "/properties";
    const Answer set = client.post(path, R"({"accuracy": 0.97, "epochs": 3, "best": true, "model": "m.pt"})");
    REQUIRE(set.status == 200);
    CHECK(set.json["properties"]["accuracy"].as_double() == 0.97);
    CHECK(set.json["properties"]["epochs"].as_int() == 3);
    CHECK(set.json["properties"]["best"].as_bool());
    CHECK(set.json["properties"]["model"].as_string() == "m.pt");

    const Answer wrong = client.post(path, R"({"good": 1, "bad": [1]})");
    CHECK(wrong.status == 400);
    CHECK(wrong.json["details"][std::size_t{0}]["path"].as_string() == "bad");
    CHECK(client.post(path, "{}").status == 400);
    CHECK(client.post(path, "3").status == 400);
    CHECK(client.post(path, R"({"": 1})").status == 400);
    CHECK(client.post(path, "{\"long\": \"" + std::string(5000, 'x') + "\"}").status == 400);
    json::Value many = json::Value::object();
    for (int i = 0; i < 101; ++i) many.set(fmt::format("p{}", i), i);
    CHECK(client.post(path, json::to_json(many)).status == 400);
    CHECK(client.get("/jobs/" + id).json["properties"].size() == 4);
}

TEST_CASE("a long poll ends with the time it was given when nothing happens") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const json::Value job = client.run("digits", "train");
    const auto before = std::chrono::steady_clock::now();
    const Answer same = client.get("/jobs/" + job["id"].as_string() + "?wait=120ms");
    CHECK(same.status == 200);
    CHECK(same.json["revision"] == job["revision"]);
    CHECK(std::chrono::steady_clock::now() - before >= std::chrono::milliseconds(120));
}

TEST_CASE("a long poll on a job that is deleted is answered") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const std::string id = client.run("digits", "train")["id"].as_string();
    client.post("/jobs/" + id + "/stop");
    client.wait_for(id, "Stopped");
    int status = 0;
    std::thread waiter([&] {
        TestClient other(server);
        status = other.get("/jobs/" + id + "?wait=60s").status;
    });
    client.send("DELETE", "/jobs/" + id);
    waiter.join();
    CHECK(status == 404);
}

TEST_CASE("history and notices are listed by project and job") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    client.make_project("name: empty\n");
    const std::string id = client.run("digits", "pair")["id"].as_string();
    server.engine().finish(domain::JobId(id), "worker-1", 3, server.now());
    client.wait_for(id, "Error");

    const Answer history = client.get("/history?project=digits");
    REQUIRE(history.json["items"].size() == 2);
    CHECK(history.json["items"][std::size_t{0}]["job_name"].as_string() == "digits/pair:1");
    CHECK(client.get("/history?job=" + id + "&limit=1").json["items"].size() == 1);
    CHECK(client.get("/history?task=train").json["items"].size() == 0);
    CHECK(client.get("/history?project=empty").json["items"].size() == 0);
    CHECK(client.get("/history?job=nothing").status == 404);

    const Answer events = client.get("/events");
    CHECK(client.get("/events?project=digits").json["items"].size() == events.json["items"].size());
    CHECK(client.get("/events?project=empty").json["items"].size() == 0);
    CHECK(client.get("/jobs/" + id + "/notices").json["items"].size() == events.json["items"].size());
}

namespace {

// Both ends of every connection are in this process.
std::size_t connections_possible(std::size_t wanted) {
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 2 * wanted + 200);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
    return std::min<std::size_t>(wanted, (limit.rlim_cur - 200) / 2);
}

}  // namespace

TEST_CASE("a thousand clients wait for one job at once and all are answered") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const json::Value job = client.run("digits", "train");
    const std::string id = job["id"].as_string();
    const std::string request = fmt::format(
        "GET /api/v1/jobs/{}?wait=60s&after={} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n", id,
        job["revision"].as_int(), client.token());
    std::vector<std::unique_ptr<net::testing::RawClient>> waiting;
    for (std::size_t i = connections_possible(1000); i > 0; --i) {
        waiting.push_back(std::make_unique<net::testing::RawClient>(server.address()));
        REQUIRE(waiting.back()->send(request));
        // Others are served meanwhile.
        if (i % 100 == 0) CHECK(client.get("/jobs/" + id).status == 200);
    }
    server.engine().finish(domain::JobId(id), "worker-0", 0, server.now());
    client.wait_for(id, "Complete");
    std::size_t answered = 0;
    for (const auto& raw : waiting) {
        const net::Response response = raw->read_answer();
        if (response.status != 200) continue;
        const auto seen = json::parse_json(response.body);
        answered += seen && (*seen)["revision"].as_int() > job["revision"].as_int() ? 1 : 0;
    }
    CHECK(answered == waiting.size());
}
