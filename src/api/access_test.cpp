#include <doctest/doctest.h>

#include "api/routes.hpp"
#include "api/router.hpp"
#include "api/test_server.hpp"
#include "base/text.hpp"
#include "testing/builders.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

std::string path_for(const Route& route, const std::string& project, const std::string& job) {
    std::string path;
    for (const std::string_view part : path_parts(route.path)) {
        const std::string_view name = param_name(part);
        path += '/';
        if (name.empty()) path += part;
        if (name == "project") path += project;
        if (name == "job") path += job;
        if (name == "task") path += "train";
        if (name == "source") path += "data";
        if (name == "replica") path += "job";
    }
    return path;
}

// Streams do not end while the job lives, so they are asked for and left.
int status_of(TestServer& server, const std::string& token, const Route& route, const std::string& path) {
    net::HttpClient http;
    net::ClientRequest request;
    request.method = std::string(route.method);
    request.url = server.url(path);
    if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
    if (route.answer.media == AnswerShape::Media::kEvents) {
        const auto response = http.stream(request, [](std::string_view) { return false; });
        REQUIRE(response.has_value());
        return response->status;
    }
    const auto response = http.send(request);
    REQUIRE(response.has_value());
    return response->status;
}

bool is_allowed_for_job(const Route& route) {
    if (!route.permission) return true;
    switch (*route.permission) {
        case auth::Permission::kSeeProjects:
        case auth::Permission::kSeeProject:
        case auth::Permission::kRunTask:
        case auth::Permission::kReportProperties: return true;
        case auth::Permission::kSeeServer:
        case auth::Permission::kMakeProject:
        case auth::Permission::kEditProject:
        case auth::Permission::kDeleteJob: return false;
    }
    return false;
}

}  // namespace

TEST_CASE("every route refuses nobody, hides other projects from a job, and lets a job do what it may") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    client.make_project(
        "name: other\ntasks: [{name: train, resources: [{name: worker, command: 'true'}]}]\nsources: [{name: data, cluster_storage: default}]\n");
    const json::Value own = client.run("digits", "train");
    const json::Value foreign = client.run("other", "train");
    const std::string token = server.job_token(own["project_id"].as_string(), own["id"].as_string());

    for (const Route& route : all_routes()) {
        INFO(route.method << " " << route.path);
        const std::string there = path_for(route, "other", foreign["id"].as_string());
        CHECK(status_of(server, "", route, there) == 401);
        CHECK(status_of(server, "pot_" + std::string(64, '0'), route, there) == 401);
        const bool of_project = route.path.find("{project}") != std::string_view::npos ||
                                route.path.find("{job}") != std::string_view::npos;
        const int foreign_status = status_of(server, token, route, there);
        if (of_project) {
            CHECK(foreign_status == 404);
        } else {
            CHECK(foreign_status == (is_allowed_for_job(route) ? 200 : 403));
        }
        // What ends the job would end its token with it.
        if (route.operation == "stopJob") continue;
        const int own_status = status_of(server, token, route, path_for(route, "digits", own["id"].as_string()));
        if (is_allowed_for_job(route)) {
            CHECK(own_status != 401);
            CHECK(own_status != 403);
            CHECK(own_status != 404);
        } else {
            CHECK(own_status == 403);
        }
    }
}

TEST_CASE("the operator reaches every route") {
    TestServer server({.nodes = {testing::a_node("large", 64, 256)}});
    TestClient client(server);
    int count = 0;
    for (const Route& route : all_routes()) {
        // One project for each, since some of the routes delete it.
        const std::string project = fmt::format("p{}", ++count);
        client.make_project(
            fmt::format("name: {}\ntasks: [{{name: train, resources: [{{name: worker, command: 'true'}}]}}]\n"
                        "sources: [{{name: data, cluster_storage: default}}]\n",
                        project));
        const json::Value job = client.run(project, "train");
        INFO(route.method << " " << route.path);
        const int status = status_of(server, client.token(), route, path_for(route, project, job["id"].as_string()));
        CHECK(status != 401);
        CHECK(status != 403);
        CHECK(status != 404);
        CHECK(status != 405);
        CHECK(status < 500);
    }
}

TEST_CASE("a job's token ends with the job, and sees only its project in lists") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    client.make_project("name: other\ntasks: [{name: train, resources: [{name: worker, command: 'true'}]}]\n");
    const json::Value job = client.run("digits", "train");
    client.run("other", "train");
    TestClient inside(server, server.job_token(job["project_id"].as_string(), job["id"].as_string()));

    CHECK(inside.get("/projects").json["items"].size() == 1);
    CHECK(inside.get("/jobs").json["items"].size() == 1);
    CHECK(inside.get("/history").json["items"].size() == 1);
    CHECK(inside.get("/jobs?project=other").status == 404);
    CHECK(inside.get("/history?project=other").status == 404);
    CHECK(inside.get("/jobs/other%2Ftrain:1").status == 404);
    CHECK(inside.get("/projects/other").json["message"].as_string() == "there is no project \"other\"");
    CHECK(inside.get("/projects/nothing").json["message"].as_string() == "there is no project \"nothing\"");

    // It starts and stops jobs of its project, which are then known to be its doing.
    const Answer started = inside.post("/projects/digits/tasks/pair/jobs");
    REQUIRE(started.status == 201);
    CHECK(started.json["submitted_by"].as_string() == "job digits/train:1");
    CHECK(inside.post("/jobs/" + started.json["id"].as_string() + "/stop").status == 200);
    // Properties are its own only.
    CHECK(inside.post("/jobs/" + job["id"].as_string() + "/properties", R"({"accuracy": 0.5})").status == 200);
    CHECK(inside.post("/jobs/" + started.json["id"].as_string() + "/properties", R"({"accuracy": 0.5})").status == 403);

    server.engine().finish(domain::JobId(job["id"].as_string()), "worker-0", 0, server.now());
    client.wait_for(job["id"].as_string(), "Complete");
    const Answer after = inside.get("/projects");
    CHECK(after.status == 401);
    CHECK(after.json["message"].as_string() == "the token belongs to a job that has ended");
}

TEST_CASE("tokens are asked for before anything else is told") {
    TestServer server;
    TestClient nobody(server, "");
    CHECK(nobody.get("/nothing/at/all").status == 401);
    CHECK(nobody.get("/openapi.json").headers.get("WWW-Authenticate") == "Bearer");
    CHECK(nobody.get("/jobs", {{"Authorization", "Basic abc"}}).status == 401);
    CHECK(nobody.get("/jobs", {{"Authorization", "Bearer"}}).status == 401);
    CHECK(nobody.get("/jobs", {{"Authorization", "Bearer "}}).status == 401);

    TestClient client(server);
    CHECK(client.get("/nothing").status == 404);
    const Answer wrong = client.send("PUT", "/jobs");
    CHECK(wrong.status == 405);
    CHECK(wrong.headers.get("Allow") == "GET");
    CHECK(client.get("/jobs", {{"Host", "evil.example"}}).status == 403);
    CHECK(client.get("/jobs", {{"Host", "pintle.example"}}).status == 200);
    CHECK(client.get("/jobs?nonsense=1").status == 400);
}
