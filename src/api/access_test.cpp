#include <doctest/doctest.h>

#include "api/routes.hpp"
#include "api/router.hpp"
#include "api/test_people.hpp"
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
        if (name == "component") path += "jupyter";
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

using auth::Permission;

bool is_allowed_for_job(const Route& route) {
    switch (*route.permission) {
        case Permission::kOpen:
        case Permission::kSignedIn:
        case Permission::kSeeProjects:
        case Permission::kSeeProject:
        case Permission::kSeeJob:
        case Permission::kRunTask:
        case Permission::kControlJob:
        case Permission::kReportProperties: return true;
        case Permission::kSelf:
        case Permission::kSeeServer:
        case Permission::kOperate:
        case Permission::kMakeProject:
        case Permission::kEditProject:
        case Permission::kSeeAccounts:
        case Permission::kMakeAccount:
        case Permission::kEditAccount:
        case Permission::kDeleteJob: return false;
    }
    return false;
}

bool is_of_project(const Route& route) {
    return route.path.find("{project}") != std::string_view::npos || route.path.find("{job}") != std::string_view::npos;
}

enum class Who { kNobody, kStranger, kMate, kOwner, kOperator };

// People, groups and pools of others are not there; what only operators may do is refused before it is looked up.
bool is_of_group(const Route& route) {
    const bool named = route.path.find("{user}") != std::string_view::npos ||
                       route.path.find("{group}") != std::string_view::npos ||
                       route.path.find("{pool}") != std::string_view::npos;
    return named && *route.permission == Permission::kSeeServer;
}

bool is_of_account(const Route& route) { return route.path.find("{account}") != std::string_view::npos; }

// One's uploads are one's own: nobody else learns of them, operators neither.
bool is_of_upload(const Route& route) { return route.path.find("{upload}") != std::string_view::npos; }

// Who opens a notebook acts as its owner, so nobody else may, whoever they are.
bool opens_component(const Route& route) { return route.operation == "openComponent"; }

// What the rules of groups say, written down once more: 0 stands for "neither 401, 403 nor 404".
int expected_status(Who who, const Route& route) {
    const Permission permission = *route.permission;
    if (permission == Permission::kOpen) return 0;
    if (who == Who::kNobody) return 401;
    if (permission == Permission::kSelf) return 403;  // they all come with tokens
    if (permission == Permission::kOperate) return who == Who::kOperator ? 0 : 403;
    if (who == Who::kStranger && (is_of_group(route) || is_of_account(route))) return 404;
    if (who == Who::kMate && permission == Permission::kEditAccount) return 403;
    if (who == Who::kOperator && opens_component(route)) return 403;
    if (who == Who::kOperator && is_of_upload(route)) return 404;
    if (who == Who::kOperator || who == Who::kOwner || !is_of_project(route)) return 0;
    if (who == Who::kStranger) return 404;
    if (opens_component(route)) return 403;
    const bool sees = permission == Permission::kSeeProject || permission == Permission::kSeeJob ||
                      permission == Permission::kRunTask || permission == Permission::kMakeProject;
    return sees ? 0 : 403;
}

// Room for a running job of each neighbourhood: there is one for every route and everybody who may ask.
domain::Node a_large_node() {
    domain::Node node = testing::a_node("large", 1000, 1000, 1);
    node.replicas_max = 10'000;
    return node;
}

/// A group of its own with an owner, a mate, a project and a running job, since some routes end or delete these.
struct Neighbourhood {
    Neighbourhood(TestServer& server, int number)
        : name(fmt::format("g{}", number)),
          group(a_group(server, name)),
          owner(a_person(server, "owner-" + name, group)),
          mate(a_person(server, "mate-" + name, group)) {
        const domain::TokenId token(server.runtime().make_id());
        const auto made = server.runtime().call(core::input::CreateToken{
            {token, mate.id, "test", "hash " + name, {domain::Scope::kRead}, server.now(), {}}});
        REQUIRE(made.has_value());
        domain::Account account;
        account.id = domain::AccountId(server.runtime().make_id());
        account.name = "account-" + name;
        account.kind = domain::AccountKind::kGitToken;
        account.owner = owner.id;
        account.group = group;
        account.secret = {"key", "00", "sealed"};
        REQUIRE(server.runtime().call(core::input::CreateAccount{account}).has_value());
        TestClient client(server, owner.token);
        client.make_project(
            fmt::format("name: p-{}\ntasks: [{{name: train, resources: [{{name: worker, command: 'true'}}]}}]\n"
                        "sources: [{{name: data, cluster_storage: default}}]\n",
                        name));
        project = client.get("/projects/p-" + name).json["id"].as_string();
        job = client.run("p-" + name, "train")["id"].as_string();
        upload = client.post("/projects/" + project + "/sources/data/uploads?path=x", R"({"size_bytes":1})")
                     .json["id"]
                     .as_string();
    }
    [[nodiscard]] std::string path(const Route& route) const {
        std::string text;
        for (const std::string_view part : path_parts(route.path)) {
            const std::string_view param = param_name(part);
            text += '/';
            if (param.empty()) text += part;
            else if (param == "project") text += project;
            else if (param == "job") text += job;
            else if (param == "task") text += "train";
            else if (param == "source") text += "data";
            else if (param == "replica") text += "job";
            else if (param == "component") text += "jupyter";
            else if (param == "user") text += "mate-" + name;
            else if (param == "group" || param == "pool") text += name;
            else if (param == "token") text += "test";
            else if (param == "upload") text += upload;
            else if (param == "account") text += "account-" + name;
            else if (param == "node") text += "large";
            else if (param == "catalog") text += "built-in";
            else if (param == "template") text += "digits";
            else if (param == "device") text += "large-0";
            else if (param == "storage") text += "default";
            else text += "none";
        }
        return text;
    }
    std::string name;
    domain::GroupId group;
    Person owner;
    Person mate;
    std::string project;
    std::string job;
    std::string upload;
};

}  // namespace

TEST_CASE("every route, as nobody, a stranger, a group mate, the owner and an operator") {
    TestServer server({.nodes = {a_large_node()}, .leads_to_components = true});
    const Person root = first_operator(server);
    const Person stranger = a_person(server, "stranger", a_group(server, "elsewhere"));
    int number = 0;
    for (const Route& route : all_routes()) {
        // It would revoke the token with which the next one asks; session_routes_test.cpp has it.
        if (route.operation == "signOut") continue;
        for (const Who who : {Who::kNobody, Who::kStranger, Who::kMate, Who::kOwner, Who::kOperator}) {
            const Neighbourhood here(server, ++number);
            const std::string token = who == Who::kNobody     ? ""
                                      : who == Who::kStranger ? stranger.token
                                      : who == Who::kMate     ? here.mate.token
                                      : who == Who::kOwner    ? here.owner.token
                                                              : root.token;
            INFO(route.method << " " << route.path << " as number " << static_cast<int>(who));
            const int status = status_of(server, token, route, here.path(route));
            const int expected = expected_status(who, route);
            CHECK(status != 405);
            CHECK(status < 500);
            if (expected != 0) CHECK(status == expected);
            if (expected != 0 || *route.permission == Permission::kOpen) continue;
            CHECK(status != 401);
            CHECK(status != 403);
            // A stranger's own lists and things of other kinds may well not hold what the path names.
            if (who != Who::kStranger) CHECK(status != 404);
        }
    }
}

TEST_CASE("every route refuses nobody, hides other projects from a job, and lets a job do what it may") {
    TestServer server({.nodes = {a_large_node()}});
    TestClient client(server);
    client.make_project(std::string(kDigits));
    client.make_project(
        "name: other\ntasks: [{name: train, resources: [{name: worker, command: 'true'}]}]\nsources: [{name: data, "
        "cluster_storage: default}]\n");
    const json::Value own = client.run("digits", "train");
    const json::Value foreign = client.run("other", "train");
    const std::string token = server.job_token(own["project_id"].as_string(), own["id"].as_string());

    for (const Route& route : all_routes()) {
        INFO(route.method << " " << route.path);
        const std::string there = path_for(route, "other", foreign["id"].as_string());
        if (*route.permission != Permission::kOpen) CHECK(status_of(server, "", route, there) == 401);
        CHECK(status_of(server, "pot_" + std::string(64, '0'), route, there) == 401);
        if (*route.permission == Permission::kOpen || *route.permission == Permission::kSelf) continue;
        if (route.operation == "signOut") continue;
        const bool of_project = is_of_project(route);
        const int foreign_status = status_of(server, token, route, there);
        if (of_project) {
            CHECK(foreign_status == 404);
        } else {
            CHECK(foreign_status == (is_allowed_for_job(route) ? 200 : 403));
        }
        // What ends the job would end its token with it.
        if (route.operation == "stopJob") continue;
        const int own_status = status_of(server, token, route, path_for(route, "digits", own["id"].as_string()));
        if (is_allowed_for_job(route) && !opens_component(route)) {
            CHECK(own_status != 401);
            CHECK(own_status != 403);
            CHECK(own_status != 404);
        } else {
            CHECK(own_status == 403);
        }
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
    CHECK(nobody.get("/jobs?token=abc").status == 400);
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
