#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "api/test_server.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

void check_refused(TestClient& client, const std::string& method, const std::string& path, const std::string& body,
                   int status, const std::string& message) {
    const Answer answer = client.send(method, path, body);
    INFO(method << " " << path << " " << body << ": " << answer.text);
    CHECK(answer.status == status);
    CHECK(answer.json["message"].as_string() == message);
}

/// Two machines with 2 A100 each, one of which is broken, and one with 2 H100.
std::vector<domain::Node> three_nodes() {
    domain::Node old_one = testing::a_node("one", 8, 32, 2);
    domain::Node other = testing::a_node("two", 8, 32, 2);
    domain::Node young = testing::a_node("young", 8, 32, 2);
    other.devices[1].healthy = false;
    other.devices[1].fault = "it fell off the bus";
    for (domain::Device& device : young.devices) device.model = "H100";
    old_one.os = "Debian GNU/Linux 12";
    old_one.cpus = 16;
    return {old_one, other, young};
}

const std::string kVision =
    "name: vision\ntasks: [{name: train, resources: [{name: worker, command: 'true', "
    "resources: {accelerators: {gpu: 1}}}]}]\n";

const std::string kDefaultPoolStays =
    "the Default Pool cannot be changed: it has whatever no other pool has; change another pool to give it GPUs or "
    "take "
    "some away";

const json::Value& device_named(const Answer& answer, const std::string& name) {
    for (const json::Value& device : answer.json["items"].as_array()) {
        if (device["name"].as_string() == name) return device;
    }
    FAIL("no device " << name);
    return answer.json;
}

}  // namespace

TEST_CASE("a pool takes GPUs of one model from the Default Pool, and the sum stays") {
    TestServer server({.nodes = three_nodes()});
    static_cast<void>(first_operator(server));
    TestClient client(server);
    check_refused(client, "POST", "/pools", R"({"name":"research","gpus":2})", 400,
                  "a pool has GPUs of one model; say which: the Default Pool has 4 A100, 2 H100");
    check_refused(client, "POST", "/pools", R"({"name":"research","gpus":2,"model":"V100"})", 400,
                  "there is no GPU of the model \"V100\"; the Default Pool has 4 A100, 2 H100");
    check_refused(client, "POST", "/pools", R"({"name":"research","gpus":5,"model":"A100"})", 409,
                  "the Default Pool has 1 too few A100 to give");
    check_refused(client, "POST", "/pools", R"({"gpus":1})", 400, "a new pool needs a name");
    check_refused(client, "POST", "/pools", R"({"name":")" + std::string(256, 'p') + "\"}", 400,
                  "a pool's name may have at most 255 characters, this has 256");
    check_refused(client, "POST", "/pools", R"({"name":"research","gpus":1,"devices":[]})", 400,
                  "say how many GPUs, or which, not both");
    const Answer made = client.post("/pools", R"({"name":"research","gpus":3,"model":"A100"})");
    REQUIRE(made.status == 201);
    CHECK(made.json["model"].as_string() == "A100");
    CHECK(made.json["total"].as_int() == 3);
    CHECK(made.json["clustered"].as_bool());
    CHECK(made.json["nodes"].size() == 2);
    CHECK(made.json["devices"].size() == 3);
    CHECK(made.json["group"].is_null());
    check_refused(client, "POST", "/pools", R"({"name":"research"})", 409,
                  "there is already a pool named \"research\"");
    check_refused(client, "PATCH", "/pools/research", R"({"model":"H100"})", 409,
                  "the pool research has GPUs of the model A100; a pool has one model only");
    const Answer rest = client.get("/pools/default");
    CHECK(rest.json["total"].as_int() == 3);
    CHECK(rest.json["model"].is_null());

    // Fewer: those that do not work go first.
    const Answer fewer = client.send("PATCH", "/pools/research", R"({"gpus":2,"name":"vision"})");
    CHECK(fewer.json["name"].as_string() == "vision");
    CHECK(fewer.json["total"].as_int() == 2);
    CHECK(client.get("/pools/default").json["total"].as_int() == 4);
    CHECK(client.send("DELETE", "/pools/vision").json["deleted"].as_string() == "vision");
    CHECK(client.get("/pools/default").json["total"].as_int() == 6);
}

TEST_CASE("a pool is made of named GPUs, each in one pool, all of one model") {
    TestServer server({.nodes = three_nodes()});
    static_cast<void>(first_operator(server));
    TestClient client(server);
    REQUIRE(client.post("/pools", R"({"name":"a","devices":[{"node":"one","uuid":"one-0"}]})").status == 201);
    check_refused(
        client, "PATCH", "/pools/a", R"({"devices":[{"node":"one","uuid":"one-0"},{"node":"young","uuid":"young-0"}]})",
        400,
        "the pool has GPUs of the model A100, and young-0 of young is of the model H100; a pool has one model only");
    check_refused(client, "POST", "/pools", R"({"name":"b","devices":[{"node":"one","uuid":"one-0"}]})", 409,
                  "the GPU one-0 of one is in the pool a; take it out there first");
    check_refused(client, "POST", "/pools", R"({"name":"b","devices":[{"node":"one","uuid":"none"}]})", 404,
                  "there is no GPU none of one");
    const Answer fault = client.post("/pools", R"({"name":"b","devices":[{"node":"one"}]})");
    CHECK(fault.status == 400);
    CHECK(fault.json["details"][std::size_t{0}]["path"].as_string() == "devices[0].uuid");
    check_refused(client, "PATCH", "/pools/default", R"({"gpus":1})", 409, kDefaultPoolStays);
    check_refused(client, "PATCH", "/pools/Default%20Pool", R"({"name":"mine"})", 409, kDefaultPoolStays);
    check_refused(client, "DELETE", "/pools/default", "", 409, "the Default Pool cannot be deleted");
    check_refused(client, "DELETE", "/pools/nothing", "", 404, "there is no pool \"nothing\"");
    CHECK(client.send("PATCH", "/pools/a", R"({"devices":[]})").json["total"].as_int() == 0);
}

TEST_CASE("a GPU that vanishes stays in its pool and is told as missing") {
    TestServer server({.nodes = three_nodes()});
    TestClient client(server);
    REQUIRE(
        client.post("/pools", R"({"name":"a","devices":[{"node":"one","uuid":"one-0"},{"node":"two","uuid":"two-0"}]})")
            .status == 201);
    std::vector<domain::Node> left = three_nodes();
    left.erase(left.begin());
    server.engine().set_nodes(left);
    server.runtime().post(core::input::NodesChanged{left}, {}, [](const Result<std::string>&) {});
    const Answer pool = client.get("/pools/a");
    CHECK(pool.json["total"].as_int() == 1);
    CHECK(pool.json["missing"].as_int() == 1);
    CHECK(pool.json["missing_devices"][std::size_t{0}]["uuid"].as_string() == "one-0");
    CHECK(client.get("/pools").json["items"].size() == 2);
}

TEST_CASE("what a job uses is known to its group and to operators, and stays in its pool meanwhile") {
    TestServer server({.nodes = three_nodes()});
    static_cast<void>(first_operator(server));
    TestClient client(server);
    REQUIRE(client.post("/pools", R"({"name":"research","devices":[{"node":"one","uuid":"one-0"}]})").status == 201);
    REQUIRE(client.post("/groups", R"({"name":"research","pool":"research"})").status == 201);
    const domain::GroupId group(client.get("/groups/research").json["id"].as_string());
    const Person ana = a_person(server, "ana", group);
    const Person abe = a_person(server, "abe", group);
    const Person bo = a_person(server, "bo");
    TestClient as_ana(server, ana.token);
    TestClient as_abe(server, abe.token);
    TestClient as_bo(server, bo.token);
    as_ana.make_project(kVision);
    const json::Value job = as_ana.run("vision", "train");

    for (TestClient* who : {&client, &as_ana, &as_abe}) {
        const json::Value device = device_named(who->get("/devices"), "one/one-0");
        CHECK(device["in_use"].as_bool());
        CHECK(device["job_name"].as_string() == "vision/train:1");
        CHECK(device["job"].as_string() == job["id"].as_string());
        CHECK(device["pool"].as_string() == "research");
    }
    const json::Value hidden = device_named(as_bo.get("/devices"), "one/one-0");
    CHECK(hidden["in_use"].as_bool());
    CHECK(hidden["job"].is_null());
    CHECK(hidden["job_name"].is_null());
    CHECK(hidden["pool"].as_string() == "another group");
    CHECK(as_bo.get("/nodes/one").text.find("vision") == std::string::npos);
    CHECK(as_bo.get("/server").text.find("vision") == std::string::npos);
    CHECK(as_bo.get("/devices").text.find("research") == std::string::npos);

    CHECK(client.get("/users/ana").json["gpus"].as_int() == 1);
    const Answer shown = client.get("/groups/research");
    CHECK(shown.json["gpus"].as_int() == 1);
    CHECK(shown.json["members"][std::size_t{0}]["gpus"].as_int() == 0);
    CHECK(shown.json["members"][std::size_t{1}]["gpus"].as_int() == 1);
    const Answer pool = client.get("/pools/research");
    CHECK(pool.json["used"].as_int() == 1);
    CHECK(pool.json["used_by_group"][std::size_t{0}]["group"]["name"].as_string() == "research");
    CHECK(as_abe.get("/capability").json["text"].as_string() == "0 of 1 free in your pool");

    check_refused(client, "PATCH", "/pools/research", R"({"devices":[]})", 409,
                  "the GPU one-0 of one is in use by vision/train:1 and cannot be moved until it is released");
    check_refused(client, "PATCH", "/pools/research", R"({"gpus":0})", 409,
                  "1 of the pool's GPUs are in use and cannot be moved until they are released; at most 0 can go now");
    check_refused(client, "DELETE", "/groups/research", "", 409,
                  "jobs of the group research are running (vision/train:1 is one); stop them or wait for their end");

    server.engine().finish(domain::JobId(job["id"].as_string()), "worker-0", 0, server.now());
    as_ana.wait_for(job["id"].as_string(), "Complete");
    CHECK(as_ana.get("/capability").json["text"].as_string() == "1 of 1 free in your pool");
    CHECK(client.send("DELETE", "/groups/research").status == 200);
    CHECK(client.send("DELETE", "/pools/research").status == 200);
}

TEST_CASE("machines and GPUs are there for everybody to see") {
    TestServer server({.nodes = three_nodes()});
    const Person ana = a_person(server, "ana");
    TestClient client(server, ana.token);
    CHECK(client.get("/nodes").json["items"].size() == 3);
    const Answer node = client.get("/nodes/one");
    CHECK(node.json["os"].as_string() == "Debian GNU/Linux 12");
    CHECK(node.json["cpus"].as_int() == 16);
    CHECK(node.json["kernel"].is_null());
    CHECK(node.json["booted_at"].is_null());
    CHECK(node.json["devices"].size() == 2);
    check_refused(client, "GET", "/nodes/nine", "", 404, "there is no node \"nine\"");
    CHECK(client.get("/devices").json["items"].size() == 6);
    CHECK(client.get("/devices?pool=default").json["items"].size() == 6);
    const Answer sick = client.get("/devices/two%2Ftwo-1");
    CHECK_FALSE(sick.json["healthy"].as_bool());
    CHECK(sick.json["fault"].as_string() == "it fell off the bus");
    CHECK(sick.json["pool"].as_string() == "Default Pool");
    CHECK(client.get("/devices/two-1").json["name"].as_string() == "two/two-1");
    check_refused(client, "GET", "/devices/none", "", 404,
                  "there is no GPU \"none\"; a GPU is named by its UUID or as NODE/UUID");
    const Answer own = client.get("/capability");
    CHECK(own.json["text"].as_string() == "5 of 6 free in your pool");
    CHECK(own.json["models"].size() == 2);
    CHECK(own.json["models"][std::size_t{0}]["free"].as_int() == 3);
}
