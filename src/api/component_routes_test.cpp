#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "api/component_directory.hpp"
#include "api/test_people.hpp"
#include "api/test_server.hpp"
#include "auth/secret.hpp"
#include "base/text.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

constexpr std::string_view kProject =
    "name: digits\n"
    "tasks: [{name: train, resources: [{name: worker, command: 'true'}]}]\n"
    "components: [{name: board, display_name: Results, command: serve, port: 8000}, {name: open, command: serve, port: "
    "8001, shared: true}]\n";

const json::Value& component(const Answer& list, std::string_view name) {
    for (const json::Value& item : list.json["items"].as_array()) {
        if (item["name"] == json::Value(name)) return item;
    }
    FAIL("there is no component " << name);
    return list.json;
}

std::string state_of(TestClient& client, const std::string& name) {
    return client.get("/projects/digits/components/" + name).json["state"].as_string();
}

/// Asks until it is so; the time only ends a test that would never end.
template <typename Condition>
void wait_until(Condition is_so) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    bool so = is_so();
    for (; !so && std::chrono::steady_clock::now() < deadline; so = is_so()) std::this_thread::yield();
    CHECK(so);
}

void wait_until(TestClient& client, const std::string& name, const std::string& state) {
    wait_until([&] { return state_of(client, name) == state; });
}

std::string job_of(TestClient& client, const std::string& name) {
    return client.get("/projects/digits/components/" + name).json["job"].as_string();
}

}  // namespace

TEST_CASE("a project's components are listed, enabled, restarted and disabled") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kProject));
    const Answer list = client.get("/projects/digits/components");
    REQUIRE(list.status == 200);
    CHECK(list.json["items"].size() == 4);
    CHECK(component(list, "jupyter")["state"].as_string() == "Disabled");
    CHECK(component(list, "jupyter")["port"].as_int() == 8888);
    CHECK(component(list, "board")["display_name"].as_string() == "Results");
    CHECK(component(list, "board")["url"].is_null());

    REQUIRE(client.post("/projects/digits/components/board/enable").status == 200);
    wait_until(client, "board", "Running");
    const std::string first = job_of(client, "board");
    REQUIRE(client.post("/projects/digits/components/board/restart").status == 200);
    wait_until([&] { return client.get("/projects/digits/components/board").json["job"] != json::Value(first); });
    wait_until(client, "board", "Running");
    CHECK(job_of(client, "board") != first);

    const std::string second = job_of(client, "board");
    REQUIRE(client.post("/projects/digits/components/board/disable").json["wanted"].as_string() == "disabled");
    client.wait_for(second, "Stopped");
    CHECK(state_of(client, "board") == "Disabled");
    CHECK(client.get("/projects/digits/components/board").json["jobs"].size() == 2);
    CHECK(client.get("/audit?action=component.").json["items"].size() == 3);
}

TEST_CASE("jobs of components are found by name and are in no list of jobs, and no number is missing") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kProject));
    REQUIRE(client.post("/projects/digits/components/board/enable").status == 200);
    wait_until(client, "board", "Running");
    CHECK(client.get("/jobs").json["items"].size() == 0);
    CHECK(client.get("/jobs?live=1").json["items"].size() == 0);
    CHECK(client.get("/projects/digits/history").json["items"].size() == 0);
    CHECK(client.get("/server").json["jobs_by_state"]["Running"].as_int() == 0);
    const Answer job = client.get("/jobs/digits%2Fboard");
    REQUIRE(job.status == 200);
    CHECK(job.json["kind"].as_string() == "component");
    CHECK(job.json["name"].as_string() == "digits/board:component");
    CHECK(client.get("/jobs/digits%2Fboard%3Acomponent").json["id"] == job.json["id"]);
    CHECK(client.get("/jobs/digits%2Fnone").status == 404);
    CHECK(client.run("digits", "train")["build"].as_int() == 1);
    CHECK(client.post("/jobs/digits%2Fboard/clone").status == 409);
}

TEST_CASE("what is wrong with a request is said in a sentence") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kProject));
    CHECK(client.get("/projects/digits/components/bord").status == 404);
    const Answer near = client.post("/projects/digits/components/bord/enable");
    CHECK(near.status == 404);
    CHECK(near.json["message"].as_string() == "the project digits has no component \"bord\"; did you mean \"board\"?");
    CHECK(client.post("/projects/digits/components/board/enable", R"({"gpus": -1})").status == 400);
    CHECK(client.post("/projects/digits/components/board/enable", R"({"cpus": 1})").status == 400);
    CHECK(client.post("/projects/digits/components/board/restart").status == 409);
    const Answer never = client.post("/projects/digits/components/board/enable", R"({"gpus": 5})");
    CHECK(never.status == 400);
    CHECK(never.json["message"].as_string().find("can never run here") != std::string::npos);
}

TEST_CASE("the status tells what runs of a project, and why something does not") {
    TestServer server({.nodes = {testing::a_node("gpu", 8, 32, 1)}});
    TestClient client(server);
    client.make_project(std::string(kProject));
    const Answer nothing = client.get("/projects/digits/status");
    REQUIRE(nothing.status == 200);
    CHECK(nothing.json["rows"].size() == 0);
    REQUIRE(client.post("/projects/digits/components/board/enable").status == 200);
    wait_until(client, "board", "Running");
    client.run("digits", "train");
    const Answer status = client.get("/projects/digits/status");
    CHECK(status.json["running_components"].as_int() == 1);
    REQUIRE(status.json["rows"].size() == 2);
    const json::Value& board = status.json["rows"][std::size_t{0}];
    CHECK(board["name"].as_string() == "board");
    CHECK(board["type"].as_string() == "Ui");
    CHECK(board["status"].as_string() == "Running");
    CHECK(board["events"].size() == 0);
    CHECK(board["pods"][std::size_t{0}]["name"].as_string() == "board-0");
    CHECK(status.json["rows"][std::size_t{1}]["name"].as_string() == "train:1");
    CHECK(status.json["rows"][std::size_t{1}]["type"].as_string() == "Task");

    // It starts again with its GPU before the other asks for the same one.
    const json::Value first(job_of(client, "board"));
    REQUIRE(client.post("/projects/digits/components/board/enable", R"({"gpus": 1})").status == 200);
    wait_until([&] { return client.get("/projects/digits/components/board").json["job"] != first; });
    wait_until(client, "board", "Running");
    REQUIRE(client.post("/projects/digits/components/open/enable", R"({"gpus": 1})").status == 200);
    Answer after;
    wait_until([&] {
        after = client.get("/projects/digits/status");
        return after.json["rows"].size() == 3 && after.json["rows"][std::size_t{1}]["events"].size() == 1;
    });
    const json::Value& waiting = after.json["rows"][std::size_t{1}];
    CHECK(waiting["name"].as_string() == "open");
    CHECK(waiting["status"].as_string() == "Pending");
    CHECK(waiting["code"].as_string() == "insufficient");
    CHECK(waiting["reason"].as_string().find("1 GPU") != std::string::npos);
    REQUIRE(waiting["events"].size() == 1);
    CHECK(waiting["events"][std::size_t{0}]["reason"].as_string() == "WaitingForGpus");
    CHECK(waiting["events"][std::size_t{0}]["source"].as_string() == "scheduler");
    CHECK(waiting["events"][std::size_t{0}]["count"].as_int() == 1);
}

TEST_CASE("a component is opened by its owner, and by the group where it is shared") {
    TestServer server;
    const Person ana = a_person(server, "ana");
    const Person ben = a_person(server, "ben");
    TestClient owner(server, ana.token);
    TestClient mate(server, ben.token);
    TestClient stranger(server, a_person(server, "stranger", a_group(server, "elsewhere")).token);
    TestClient root(server, first_operator(server).token);
    owner.make_project(std::string(kProject));
    const auto may_open = [](TestClient& client, const std::string& name) {
        return client.get("/projects/digits/components/" + name).json["may_open"].as_bool();
    };
    CHECK(may_open(owner, "jupyter"));
    CHECK(may_open(owner, "board"));
    CHECK_FALSE(may_open(mate, "jupyter"));
    CHECK_FALSE(may_open(mate, "board"));
    CHECK(may_open(mate, "open"));
    CHECK(may_open(mate, "tensorboard"));
    CHECK_FALSE(may_open(root, "jupyter"));
    CHECK(stranger.get("/projects/digits/components").status == 404);
    CHECK(mate.post("/projects/digits/components/board/enable").status == 403);
    CHECK_FALSE(mate.get("/projects/digits/components/board").json["may_control"].as_bool());
    CHECK(root.post("/projects/digits/components/board/enable").status == 200);
}

TEST_CASE("the server finds a running component by its address, port and secret") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kProject));
    const domain::ProjectId project(client.get("/projects/digits").json["id"].as_string());
    ComponentDirectory directory(server.deps());
    CHECK(directory.find(project, "none").error().code == ErrorCode::kNotFound);
    CHECK(directory.find(project, "board").value().state == gateway::Endpoint::State::kDisabled);
    REQUIRE(client.post("/projects/digits/components/board/enable").status == 200);
    wait_until(client, "board", "Running");
    const gateway::Endpoint endpoint = directory.find(project, "board").value();
    CHECK(endpoint.state == gateway::Endpoint::State::kRunning);
    CHECK(endpoint.port == 8000);
    CHECK(endpoint.host.starts_with("127."));
    CHECK(endpoint.job.str() == job_of(client, "board"));
    CHECK(endpoint.token.size() >= 32);
    REQUIRE(directory.running().size() == 1);
    CHECK(directory.running()[0].host == endpoint.host);
}

TEST_CASE("what is remembered of a running component holds until something of it changes, and no moment longer") {
    TestServer server;
    TestClient client(server);
    const domain::GroupId group = a_group(server, "research");
    const Person ana = a_person(server, "ana", group), mia = a_person(server, "mia", group);
    TestClient owner(server, ana.token);
    const auto document = [](bool shared) {
        return replace_all(
            R"({"name": "digits", "tasks": [{"name": "train", "resources": [{"name": "worker", "command": "true"}]}],
                               "components": [{"name": "board", "command": "serve", "port": 8000, "shared": SHARED}]})",
            "SHARED", shared ? "true" : "false");
    };
    owner.make_project(document(true));
    const domain::ProjectId project(owner.get("/projects/digits").json["id"].as_string());
    ComponentDirectory directory(server.deps());
    REQUIRE(owner.post("/projects/digits/components/board/enable").status == 200);
    wait_until(owner, "board", "Running");
    const auto pass_of = [&](const Person& person) {
        gateway::Pass pass;
        pass.via = auth::Identity::Via::kToken;
        pass.credential = auth::secret_hash(person.token);
        pass.user = person.id;
        pass.project = project;
        pass.component = "board";
        return pass;
    };
    const gateway::Endpoint running = directory.find(project, "board").value();
    REQUIRE(directory.admit(pass_of(mia)).has_value());

    const std::uint64_t generation = server.runtime().component_generation();
    owner.run("digits", "train");
    CHECK(server.runtime().component_generation() == generation);
    CHECK(directory.find(project, "board").value().host == running.host);

    // It is shared no more.
    REQUIRE(owner.send("PUT", "/projects/digits", document(false)).status == 200);
    CHECK(directory.admit(pass_of(mia)).error().code == ErrorCode::kDenied);
    CHECK(directory.admit(pass_of(ana)).has_value());
    // Its owner is another one.
    REQUIRE(owner.post("/projects/digits/transfer", R"({"to": "mia"})").status == 200);
    CHECK(directory.admit(pass_of(ana)).error().code == ErrorCode::kDenied);
    wait_until(owner, "board", "Running");
    CHECK(directory.find(project, "board").value().job != running.job);
    CHECK(directory.admit(pass_of(mia)).has_value());
    // It is stopped.
    TestClient taker(server, mia.token);
    REQUIRE(taker.post("/projects/digits/components/board/disable").status == 200);
    CHECK(directory.find(project, "board").value().state != gateway::Endpoint::State::kRunning);
    // Its sign-in has ended.
    REQUIRE(client.post("/users/mia/offboard", R"({"force": true})").status == 200);
    CHECK(directory.admit(pass_of(mia)).error().code == ErrorCode::kUnauthorized);
}

TEST_CASE("a component in a container is where its engine says, which is asked once") {
    TestServer server({.containers = true});
    TestClient client(server);
    client.make_project(
        "name: digits\n"
        "components: [{name: board, command: serve, port: 8000, images: {cpu: 'board:1'}}]\n");
    const domain::ProjectId project(client.get("/projects/digits").json["id"].as_string());
    ComponentDirectory directory(server.deps());
    REQUIRE(client.post("/projects/digits/components/board/enable").status == 200);
    wait_until(client, "board", "Running");
    const Result<gateway::Endpoint> early = directory.find(project, "board");
    REQUIRE_FALSE(early.has_value());
    CHECK(early.error().code == ErrorCode::kUnavailable);
    CHECK(directory.running().empty());
    server.engine().set_own_address("10.89.0.2");
    CHECK(directory.find(project, "board").value().host == "10.89.0.2");
    server.engine().set_own_address("10.89.0.3");
    CHECK(directory.find(project, "board").value().host == "10.89.0.2");
    const std::string first = job_of(client, "board");
    REQUIRE(client.post("/projects/digits/components/board/restart").status == 200);
    wait_until([&] { return client.get("/projects/digits/components/board").json["job"] != json::Value(first); });
    wait_until(client, "board", "Running");
    CHECK(directory.find(project, "board").value().host == "10.89.0.3");
}
