#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "api/test_server.hpp"
#include "json/json_text.hpp"
#include "os/file.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

std::string message(const Answer& answer) { return answer.json["message"].as_string(); }

void finish(TestServer& server, TestClient& client, const json::Value& job) {
    server.engine().finish(domain::JobId(job["id"].as_string()), "worker-0", 0, server.now());
    client.wait_for(job["id"].as_string(), "Complete");
}

}  // namespace

TEST_CASE("a disabled project stops, says so, and runs again once it is enabled") {
    TestServer server;
    TestClient client(server);
    CHECK_FALSE(client.make_project(std::string(kDigits))["disabled"].as_bool());
    const json::Value job = client.run("digits", "train");
    const Answer disabled = client.post("/projects/digits/disable");
    REQUIRE(disabled.status == 200);
    CHECK(disabled.json["project"]["disabled"].as_bool());
    CHECK(disabled.json["project"]["disabled_at"].is_string());
    CHECK(client.wait_for(job["id"].as_string(), "Stopped")["reason"].as_string() ==
          "stopped by root, who disabled the project");

    const std::string conflict = "project digits is disabled; enable it first";
    const std::string clone = "/jobs/" + job["id"].as_string() + "/clone";
    for (const std::string& path : {std::string("/projects/digits/tasks/train/jobs"),
                                   std::string("/projects/digits/tasks/train/dry-run"), clone}) {
        CAPTURE(path);
        const Answer refused = client.post(path);
        CHECK(refused.status == 409);
        CHECK(message(refused) == conflict);
    }
    server.restart();
    TestClient later(server);
    CHECK(later.get("/projects").json["items"][std::size_t{0}]["disabled"].as_bool());
    CHECK(message(later.post(clone)) == conflict);
    // It can be seen and edited meanwhile; a copy of it is not disabled.
    CHECK(later.send("PATCH", "/projects/digits", R"({"summary": "New."})").json["project"]["disabled"].as_bool());
    CHECK_FALSE(later.post("/projects/digits/clone", R"({"name": "copy"})").json["project"]["disabled"].as_bool());
    REQUIRE(later.post("/projects/digits/enable").status == 200);
    CHECK(later.get("/projects/digits").json["disabled_at"].is_null());
    CHECK(later.run("digits", "train")["build"].as_int() == 2);

    const std::string audit = later.get("/audit?action=project.").text;
    CHECK(audit.find("project.disable") != std::string::npos);
    CHECK(audit.find("with 1 live job") != std::string::npos);
    CHECK(audit.find("project.enable") != std::string::npos);
}

TEST_CASE("only its owner and operators disable, enable and reset a project") {
    TestServer server;
    TestClient owner(server, a_person(server, "owner").token);
    TestClient mate(server, a_person(server, "mate").token);
    TestClient stranger(server, a_person(server, "stranger", a_group(server, "elsewhere")).token);
    owner.make_project(std::string(kDigits));
    for (const char* what : {"disable", "enable", "reset"}) {
        CAPTURE(what);
        const std::string path = fmt::format("/projects/digits/{}", what);
        CHECK(mate.post(path).status == 403);
        CHECK(stranger.post(path).status == 404);
        CHECK(TestClient(server).post(path).status == 200);
        CHECK(owner.post(path).status == 200);
    }
    CHECK(mate.get("/projects/digits/reset").status == 403);
}

TEST_CASE("a reset project has no jobs, logs and notices, counts from 1, and keeps its document and data") {
    TestServer server;
    TestClient client(server);
    const json::Value project = client.make_project(std::string(kDigits));
    REQUIRE(client.send("PUT", "/projects/digits/sources/data/files?path=a.txt", "content").status == 201);
    const json::Value job = client.run("digits", "train");
    CHECK(client.get("/projects/digits/reset").json["live_jobs"].as_int() == 1);
    const Answer early = client.post("/projects/digits/reset");
    CHECK(early.status == 409);
    CHECK(message(early) == "1 job of the project have not ended; stop them first");
    finish(server, client, job);
    const std::string logs = server.folder() + "/logs/" + project["id"].as_string();
    REQUIRE(os::make_folders(logs + "/" + job["id"].as_string()).has_value());

    const Answer preview = client.get("/projects/digits/reset");
    CHECK(preview.json["removed"][std::size_t{0}].as_string() == "1 job with their logs and history");
    CHECK(json::to_json(preview.json["kept"]).find("storage/default") != std::string::npos);
    const Answer reset = client.post("/projects/digits/reset");
    REQUIRE(reset.status == 200);
    CHECK(reset.json["reset"] == preview.json);
    CHECK(client.get("/jobs").json["items"].size() == 0);
    CHECK(client.get("/history").json["items"].size() == 0);
    CHECK(client.get("/jobs/" + job["id"].as_string()).status == 404);
    CHECK(client.get("/projects/digits").json["document"] == project["document"]);
    CHECK(client.get("/projects").json["items"][std::size_t{0}]["jobs"]["total"].as_int() == 0);
    CHECK(client.get("/projects/digits/sources/data/files").json["items"].size() == 1);
    CHECK(client.get("/audit?action=project.reset").json["items"].size() == 1);
    server.stop();  // Finishes what is still to be removed.
    CHECK_FALSE(os::exists(logs + "/" + job["id"].as_string()));
    server.start();
    TestClient later(server);
    CHECK(later.run("digits", "train")["name"].as_string() == "digits/train:1");
}

TEST_CASE("a project with a long history is reset too") {
    TestServer server;
    TestClient client(server);
    const json::Value project = client.make_project(std::string(kDigits));
    const domain::ProjectId id(project["id"].as_string());
    for (int i = 0; i < 450; ++i) {
        core::input::SubmitJob job;
        job.id = domain::JobId(server.runtime().make_id());
        job.project = id;
        job.task = "train";
        job.hold = "";
        REQUIRE(server.runtime().call(job).has_value());
        REQUIRE(server.runtime().call(core::input::StopJob{job.id, "somebody"}).has_value());
    }
    REQUIRE(client.post("/projects/digits/reset").status == 200);
    CHECK(client.get("/jobs").json["items"].size() == 0);
    CHECK(client.run("digits", "train")["build"].as_int() == 1);
}
