#include <doctest/doctest.h>

#include "api/test_server.hpp"
#include "json/json_text.hpp"
#include "os/file.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

const net::Headers kYaml{{"Content-Type", "application/yaml"}};

const json::Value* detail_at(const Answer& answer, std::string_view path) {
    for (const json::Value& detail : answer.json["details"].as_array()) {
        if (detail["path"].as_string() == path) return &detail;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("a project's document comes back as it was given") {
    TestServer server;
    TestClient client(server);
    const json::Value project = client.make_project(std::string(kDigits));
    CHECK(project["name"].as_string() == "digits");
    CHECK(project["document"]["tasks"].size() == 2);

    const Answer list = client.get("/projects?text=reads%20nothing");
    CHECK(list.json["items"].size() == 0);
    const Answer all = client.get("/projects");
    REQUIRE(all.json["items"].size() == 1);
    const json::Value& item = all.json["items"][std::size_t{0}];
    CHECK(item["summary_line"].as_string() == "Digits");
    CHECK(item["sources"].as_int() == 1);
    CHECK(item["tasks"].size() == 2);

    const Answer yaml = client.get("/projects/digits/document");
    CHECK(yaml.headers.get("Content-Disposition") == "attachment; filename=\"digits.yaml\"");
    const Answer as_json = client.get("/projects/digits/document?format=json");
    CHECK(as_json.json == project["document"]);

    // The same file makes the same project elsewhere.
    TestServer elsewhere;
    TestClient other(elsewhere);
    CHECK(other.make_project(yaml.text)["document"] == project["document"]);
}

TEST_CASE("every fault of a document is told with its path, line and column") {
    TestServer server;
    TestClient client(server);
    const Answer answer = client.post("/projects", R"(name: digits
tasks:
  - name: a
    resources:
      - name: worker
        command: "true"
  - name: b
    resources:
      - name: worker
        replicas: two
        command: "true"
        cpu: [1]
)",
                                      kYaml);
    CHECK(answer.status == 400);
    CHECK(answer.json["code"].as_string() == "invalid");
    const json::Value* replicas = detail_at(answer, "tasks[1].resources[0].replicas");
    REQUIRE(replicas != nullptr);
    CHECK((*replicas)["line"].as_int() == 10);
    CHECK((*replicas)["column"].as_int() == 19);
    CHECK(answer.json["details"].size() >= 1);
    CHECK(client.get("/projects").json["items"].size() == 0);

    CHECK(client.post("/projects", "name: [", kYaml).json["details"][std::size_t{0}]["line"].as_int() >= 1);
    CHECK(client.post("/projects", "", kYaml).status == 400);
    CHECK(client.post("/projects", R"({"name": "x", "tasks": 7})").status == 400);
    CHECK(client.post("/projects", "<xml/>", {{"Content-Type", "text/xml"}}).status == 400);
}

TEST_CASE("unknown fields of a document are warnings") {
    TestServer server;
    TestClient client(server);
    const Answer made = client.post("/projects", "name: digits\ncolour: blue\n", kYaml);
    REQUIRE(made.status == 201);
    REQUIRE(made.json["warnings"].size() == 1);
    CHECK(made.json["warnings"][std::size_t{0}]["path"].as_string() == "colour");
    CHECK(made.json["warnings"][std::size_t{0}]["line"].as_int() == 2);
}

TEST_CASE("a repeated request with the same key has the same answer") {
    TestServer server;
    TestClient client(server);
    const net::Headers keyed{{"Content-Type", "application/yaml"}, {"Idempotency-Key", "one"}};
    const Answer first = client.post("/projects", std::string(kDigits), keyed);
    const Answer again = client.post("/projects", std::string(kDigits), keyed);
    CHECK(first.status == 201);
    CHECK(again.status == 201);
    CHECK(again.json["project"]["id"] == first.json["project"]["id"]);
    CHECK(client.post("/projects", "name: another\n", keyed).status == 409);
    CHECK(client.post("/projects", std::string(kDigits), kYaml).status == 409);

    const Answer job = client.post("/projects/digits/tasks/train/jobs", "", {{"Idempotency-Key", "run"}});
    server.restart();
    TestClient later(server);
    const Answer same = later.post("/projects/digits/tasks/train/jobs", "", {{"Idempotency-Key", "run"}});
    CHECK(same.json["id"] == job.json["id"]);
    CHECK(later.get("/jobs").json["items"].size() == 1);
}

TEST_CASE("a project is replaced, patched and renamed, and an edit of an old revision is refused") {
    TestServer server;
    TestClient client(server);
    const json::Value project = client.make_project(std::string(kDigits));
    const std::string id = project["id"].as_string();

    const Answer patched = client.send("PATCH", "/projects/digits", R"({"summary": "New."})");
    REQUIRE(patched.status == 200);
    CHECK(patched.json["project"]["document"]["summary"].as_string() == "New.");
    CHECK(patched.json["project"]["document"]["tasks"].size() == 2);

    CHECK(client.send("PUT", "/projects/digits", "name: digits\n", {{"If-Match", "1"}}).status == 409);
    const Answer replaced = client.send("PUT", "/projects/digits", "name: digits\nsummary: Empty.\n",
                                        {{"If-Match", "2"}, {"Content-Type", "application/yaml"}});
    REQUIRE(replaced.status == 200);
    CHECK(replaced.json["project"]["revision"].as_int() == 3);
    CHECK_FALSE(replaced.json["project"]["document"].has("tasks"));

    REQUIRE(client.send("PATCH", "/projects/digits", R"({"name": "numbers"})").status == 200);
    CHECK(client.get("/projects/digits").status == 404);
    CHECK(client.get("/projects/numbers").json["id"].as_string() == id);
    CHECK(client.get("/projects/" + id).json["name"].as_string() == "numbers");

    CHECK(client.send("PATCH", "/projects/numbers", "[1]").status == 400);
    const Answer wrong = client.send("PATCH", "/projects/numbers", R"({"name": "Not A Name"})");
    CHECK(wrong.status == 400);
    CHECK(detail_at(wrong, "name") != nullptr);
}

TEST_CASE("jobs go by the name that their project has now") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const std::string id = client.run("digits", "train")["id"].as_string();
    CHECK(client.send("PATCH", "/projects/digits", R"({"name": "numbers"})").status == 409);
    server.engine().finish(domain::JobId(id), "worker-0", 0, server.now());
    client.wait_for(id, "Complete");
    REQUIRE(client.send("PATCH", "/projects/digits", R"({"name": "numbers"})").status == 200);
    CHECK(client.get("/jobs/numbers%2Ftrain:1").json["name"].as_string() == "numbers/train:1");
    CHECK(client.get("/jobs/digits%2Ftrain:1").status == 404);
    CHECK(client.get("/jobs").json["items"][std::size_t{0}]["name"].as_string() == "numbers/train:1");
    CHECK(client.get("/history").json["items"][std::size_t{0}]["job_name"].as_string() == "numbers/train:1");
    CHECK(client.get("/jobs/" + id + "/spec").json["project"].as_string() == "digits");
}

TEST_CASE("edits that meet each other are all carried out") {
    TestServer server;
    TestClient client(server);
    client.make_project("name: digits\n");
    std::vector<std::thread> editors;
    std::atomic<int> good{0};
    for (int i = 0; i < 4; ++i) {
        editors.emplace_back([&, i] {
            net::HttpClient http;
            net::ClientRequest request;
            request.method = "POST";
            request.url = server.url("/projects/digits/sources");
            request.headers.add("Authorization", "Bearer " + client.token());
            request.body = fmt::format(R"({{"name": "s{}", "cluster_storage": "default"}})", i);
            const auto response = http.send(request);
            good += response && response->status == 201 ? 1 : 0;
        });
    }
    for (std::thread& editor : editors) editor.join();
    CHECK(good == 4);
    CHECK(client.get("/projects/digits/sources").json["items"].size() == 4);
}

TEST_CASE("a clone has the same document under another name") {
    TestServer server;
    TestClient client(server);
    const json::Value project = client.make_project(std::string(kDigits));
    const Answer cloned = client.post("/projects/digits/clone", R"({"name": "copy"})");
    REQUIRE(cloned.status == 201);
    CHECK(cloned.json["project"]["document"]["tasks"] == project["document"]["tasks"]);
    CHECK(client.post("/projects/digits/clone", R"({"name": "copy"})").status == 409);
    CHECK(client.post("/projects/digits/clone", R"({})").json["details"][std::size_t{0}]["path"].as_string() == "name");
    CHECK(client.post("/projects/digits/clone", R"({"name": "c", "x": 1})")
              .json["details"][std::size_t{0}]["path"]
              .as_string() == "x");
}

TEST_CASE("deleting a project tells before what goes and what stays") {
    TestServer server;
    TestClient client(server);
    client.make_project(R"(name: digits
sources:
  - {name: data, cluster_storage: default}
  - {name: common, cluster_storage: default, sub_path: /shared/common}
  - {name: src, git: {repository: "https://git.example/src.git"}}
tasks: [{name: train, resources: [{name: worker, command: "true", default_volume_mapping: false}]}]
)");
    REQUIRE(client.send("PUT", "/projects/digits/sources/data/files?path=a/b.txt", "content").status == 201);
    REQUIRE(client.send("PUT", "/projects/digits/sources/common/files?path=c.txt", "content").status == 201);
    const json::Value job = client.run("digits", "train");

    const Answer preview = client.get("/projects/digits/deletion");
    CHECK(preview.json["jobs"].as_int() == 1);
    CHECK(preview.json["live_jobs"].as_int() == 1);
    CHECK(preview.json["removed"].size() == 2);
    CHECK(preview.json["kept"].size() == 2);
    CHECK(json::to_json(preview.json["kept"]).find("shared/common") != std::string::npos);

    CHECK(client.send("DELETE", "/projects/digits").status == 409);
    server.engine().finish(domain::JobId(job["id"].as_string()), "worker-0", 0, server.now());
    client.wait_for(job["id"].as_string(), "Complete");
    const Answer deleted = client.send("DELETE", "/projects/digits");
    REQUIRE(deleted.status == 200);
    CHECK(deleted.json["deleted"]["removed"] == preview.json["removed"]);
    CHECK(client.get("/projects/digits").status == 404);
    CHECK(client.get("/jobs/" + job["id"].as_string()).status == 404);
    CHECK(os::exists(server.storage_folder() + "/shared/common/c.txt"));
}

TEST_CASE("lists come in pages") {
    TestServer server;
    TestClient client(server);
    for (int i = 0; i < 5; ++i) client.make_project(fmt::format("name: p{}\n", i));
    std::vector<std::string> names;
    std::string cursor;
    do {
        const Answer page = client.get("/projects?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
        REQUIRE(page.status == 200);
        CHECK(page.json["items"].size() <= 2);
        for (const json::Value& item : page.json["items"].as_array()) names.push_back(item["name"].as_string());
        cursor = page.json["next_cursor"].is_null() ? "" : page.json["next_cursor"].as_string();
    } while (!cursor.empty());
    CHECK(names == std::vector<std::string>{"p0", "p1", "p2", "p3", "p4"});
    CHECK(client.get("/projects?cursor=nonsense").status == 400);
    CHECK(client.get("/jobs?cursor=nonsense").status == 400);
    CHECK(client.get("/history?cursor=nonsense").status == 400);
}

TEST_CASE("a body over its limit is answered with 413") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    const Answer document = client.post("/projects", "name: x\nsummary: " + std::string(5 << 20, 'x') + "\n", kYaml);
    CHECK(document.status == 413);
    CHECK(document.json["code"].as_string() == "exhausted");
    const Answer run = client.post("/projects/digits/tasks/train/jobs", std::string(9 << 20, ' '));
    CHECK(run.status == 413);
}

TEST_CASE("the server tells what it is and has") {
    TestServer server;
    TestClient client(server);
    client.make_project(std::string(kDigits));
    client.run("digits", "train");
    const Answer info = client.get("/server");
    CHECK(info.json["version"].as_string() == "1.2.3");
    CHECK(info.json["live_jobs"].as_int() == 1);
    CHECK(info.json["jobs_by_state"]["Running"].as_int() == 1);
    CHECK(info.json["jobs_by_state"]["Error"].as_int() == 0);
    CHECK(info.json["projects"].as_int() == 1);
    const Answer nodes = client.get("/nodes");
    CHECK(nodes.json["items"][std::size_t{0}]["replicas"].as_int() == 1);
    CHECK(nodes.json["items"][std::size_t{0}]["cpu_millis_used"].as_int() > 0);
    CHECK(client.get("/doctor").json["findings"].size() == 4);
    CHECK(client.get("/storages").json["items"][std::size_t{0}]["free_bytes"].as_int() > 0);
    CHECK(client.get("/openapi.json").json["openapi"].as_string() == "3.1.0");
}

TEST_CASE("the text that a project was saved as comes back, comments too, until it is changed in another way") {
    TestServer server;
    TestClient client(server);
    const net::Headers yaml{{"Content-Type", "application/yaml"}};
    const std::string text = "# What it is about.\nname: noted\nsummary: one # for now\n";
    const auto text_now = [&] { return client.get("/projects/noted").json["text"]; };
    CHECK(client.post("/projects", text, yaml).json["project"]["text"].as_string() == text);
    CHECK(text_now().as_string() == text);
    CHECK(client.get("/projects/noted/document").text == text);
    CHECK(client.get("/projects/noted/document?format=json").json["summary"].as_string() == "one");
    server.restart();
    CHECK(text_now().as_string() == text);

    const std::string other = "name: noted # the same document\nsummary: one\n";
    CHECK(client.send("PUT", "/projects/noted", other, yaml).status == 200);
    CHECK(text_now().as_string() == other);
    // What leaves the document alone leaves its text alone.
    CHECK(client.post("/projects/noted/disable").status == 200);
    CHECK(client.post("/projects/noted/enable").status == 200);
    CHECK(text_now().as_string() == other);
    CHECK(client.send("PATCH", "/projects/noted", R"({"summary":"two"})").status == 200);
    CHECK(text_now().is_null());
    CHECK(client.get("/projects/noted/document").text.find("summary: two") != std::string::npos);
}

TEST_CASE("a text that is no YAML of pintle's own form, or very long, is not kept") {
    TestServer server;
    TestClient client(server);
    const net::Headers yaml{{"Content-Type", "application/yaml"}};
    CHECK(client.post("/projects", R"({"name":"plain"})").json["project"]["text"].is_null());
    CHECK(client.post("/projects", "kind: MLApp\nmetadata: {name: app}\nspec: {}\n", yaml)
              .json["project"]["text"]
              .is_null());
    const std::string padding = "# " + std::string(300 << 10, '-') + "\n";
    CHECK(client.post("/projects", padding + "name: long\n", yaml).json["project"]["text"].is_null());
    CHECK(client.get("/projects/long").json["document"]["name"].as_string() == "long");
}

TEST_CASE("projects are listed by their last change, with their owners") {
    TestServer server;
    TestClient client(server);
    for (const char* name : {"a", "b", "c"}) client.make_project("name: " + std::string(name));
    CHECK(client.send("PATCH", "/projects/a", R"({"summary":"later"})").status == 200);
    const Answer page = client.get("/projects?order=changed");
    REQUIRE(page.json["items"].size() == 3);
    CHECK(page.json["items"][std::size_t{0}]["name"].as_string() == "a");
    CHECK(page.json["items"][std::size_t{0}]["owner"].as_string() == "root");
    CHECK(client.get("/projects?order=size").status == 400);
}
