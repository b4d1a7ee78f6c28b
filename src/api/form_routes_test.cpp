#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "api/test_server.hpp"
#include "json/json_text.hpp"
#include "os/file.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

constexpr const char* kProject = R"(
name: digits
form:
- {name: epochs, label: Epochs, type: int16, value: 5}
- {name: note, type: string}
- {name: data, type: byte}
form_template: |
  name: train-form
  resources:
  - name: worker
    replicas: 1
    command: python train.py --epochs {{ .epochs }} --note {{ shellQuote .note }}{{ if .data }} --data {{ .data }}{{ end }}
tasks:
- name: train
  resources: [{name: worker, command: "true"}]
)";

std::string first_fault(const json::Value& error) {
    const json::Value& fault = error["details"][std::size_t{0}];
    return fault["path"].as_string() + ": " + fault["message"].as_string();
}
std::string command_of(const json::Value& task) { return task["resources"][std::size_t{0}]["command"].as_string(); }

}  // namespace

TEST_CASE("a form is shown, tells its values as a schema, and makes a job of what is filled in") {
    TestServer server;
    TestClient client(server);
    client.make_project(kProject);
    const Answer shown = client.get("/projects/digits/form");
    REQUIRE(shown.status == 200);
    CHECK(shown.json["fields"].size() == 3);
    CHECK(shown.json["text"].as_string().find("name: epochs") != std::string::npos);
    CHECK(shown.json["faults"].size() == 0);
    CHECK(client.get("/projects/digits/form/schema").json["properties"]["epochs"]["maximum"].as_int() == 32767);

    const Answer preview = client.post("/projects/digits/form/render", R"({"values": {"epochs": 7, "note": "it's"}})");
    REQUIRE(preview.status == 200);
    CHECK(preview.json["error"].is_null());
    CHECK(command_of(preview.json["task"]) == "python train.py --epochs 7 --note 'it'\\''s'");
    CHECK(preview.json["dry_run"]["starts_now"].as_bool());
    CHECK(client.get("/jobs").json["items"].size() == 0);

    const Answer built =
        client.post("/projects/digits/form/jobs", R"({"values": {"epochs": 7}, "tags": ["first"], "priority": 3})");
    REQUIRE(built.status == 201);
    CHECK(built.json["task"].as_string() == "train-form");
    CHECK(built.json["build"].as_int() == 1);
    CHECK(built.json["priority"].as_int() == 3);
    CHECK(json::to_json(built.json["form_values"]) == R"({"epochs":7,"note":"","data":""})");
    const Answer by_text = client.post("/projects/digits/form/render", R"({"texts": {"epochs": "9"}})");
    CHECK(by_text.json["values"]["epochs"] == json::Value(9));
    const Answer cloned = client.post("/jobs/" + built.json["id"].as_string() + "/clone");
    CHECK(cloned.json["form_values"] == built.json["form_values"]);
}

TEST_CASE("what is filled in wrongly is told by its field and makes nothing") {
    TestServer server;
    TestClient client(server);
    client.make_project(kProject);
    const Answer refused = client.post("/projects/digits/form/jobs", R"({"values": {"epochs": 70000, "nte": "x"}})");
    CHECK(refused.status == 400);
    CHECK(first_fault(refused.json) == "epochs: expected a whole number from -32768 to 32767 (int16), got 70000");
    CHECK(refused.json["details"].size() == 2);
    const Answer preview = client.post("/projects/digits/form/render", R"({"values": {"epochs": "many"}})");
    REQUIRE(preview.status == 200);
    CHECK(first_fault(preview.json["error"]) == "epochs: expected a whole number, got \"many\"");
    CHECK(client.get("/jobs").json["items"].size() == 0);
    CHECK(client.post("/projects/digits/form/jobs", R"({"values": {"data": "../../secret"}})").status == 404);
    CHECK(client.post("/projects/digits/form/jobs", R"({"value": {}})").status == 400);
}

TEST_CASE("a draft of form and template is tried without being saved, and each fault has its place") {
    TestServer server;
    TestClient client(server);
    client.make_project(kProject);
    const auto tried = [&](const std::string& body) { return client.post("/projects/digits/form/render", body).json; };
    CHECK(
        command_of(tried(
            R"({"form": "- {name: x, type: int, value: 3}\n", "template": "name: a\nresources: [{name: w, command: 'run {{ .x }}'}]"})")
                       ["task"]) == "run 3");
    CHECK(first_fault(tried(R"({"form": "- {name: x, type: inte}\n"})")["error"]).find("did you mean \"int\"?") !=
          std::string::npos);
    const json::Value missing = tried(R"({"template": "name: a\nresources: {{ .nothing }}"})")["error"];
    CHECK(missing["message"].as_string() ==
          "the execution template failed: line 2, column 15 of the template: there is no value .nothing");
    CHECK(missing["details"][std::size_t{0}]["line"].as_int() == 2);
    const json::Value no_task = tried(R"({"template": "resources: {{ .epochs }}"})");
    CHECK(no_task["text"].as_string() == "resources: 5");
    CHECK(no_task["error"]["message"].as_string().find("makes is no task") != std::string::npos);
    const json::Value too_large = tried(R"({"template": "name: a\nresources: [{name: w, gpus: 99, command: x}]"})");
    CHECK(too_large["error"]["message"].as_string().find("can never run") != std::string::npos);
    CHECK(tried(R"({"template": "{{ define \"r\" }}{{ template \"r\" }}{{ end }}{{ template \"r\" }}"})")
              ["error"]["message"]
                  .as_string()
                  .find("call each other") != std::string::npos);
}

TEST_CASE("an uploaded file is the job's own, and its path is what the task gets") {
    TestServer server;
    TestClient client(server);
    client.make_project(kProject);
    const Answer sent = client.send("POST", "/projects/digits/form/files?name=train.csv", "a,b\n");
    REQUIRE(sent.status == 201);
    const std::string id = sent.json["id"].as_string();
    const Answer built = client.post("/projects/digits/form/jobs", R"({"values": {"data": ")" + id + R"("}})");
    REQUIRE(built.status == 201);
    const std::string job = built.json["id"].as_string();
    const std::string files = server.folder() + "/files/" + built.json["project_id"].as_string() + "/" + job;
    CHECK(os::read_file(files + "/" + id + "/train.csv").value() == "a,b\n");
    const std::string document = client.get("/jobs/" + job + "/spec").text;
    CHECK(document.find("/" + id + "/train.csv") != std::string::npos);

    const Answer again = client.post("/projects/digits/form/jobs",
                                     R"({"values": {"data": ")" + id + R"("}, "from_job": ")" + job + R"("})");
    CHECK(again.status == 201);
    const Answer cloned = client.post("/jobs/" + job + "/clone");
    REQUIRE(cloned.status == 201);
    CHECK(os::exists(server.folder() + "/files/" + built.json["project_id"].as_string() + "/" +
                     cloned.json["id"].as_string() + "/" + id + "/train.csv"));
}

TEST_CASE("the owner saves form and template; faults of either are refused with their places") {
    TestServer server;
    TestClient client(server);
    client.make_project("name: digits\ntasks: [{name: t, resources: [{name: w, command: x}]}]\n");
    CHECK(client.post("/projects/digits/form/jobs").status == 409);
    const auto put = [&](const std::string& body) { return client.send("PUT", "/projects/digits/form", body); };
    const Answer saved = put(
        R"({"form": "- name: x\n  type: int\n  value: 1\n", "template": "name: a\nresources: [{name: w, command: 'run {{ .x }}'}]"})");
    REQUIRE(saved.status == 200);
    CHECK(saved.json["fields"][std::size_t{0}]["name"].as_string() == "x");
    CHECK(put(R"({"form": "- {name: x, type: int}\n- {name: x, type: int}\n"})").status == 400);
    const Answer bad_template = put(R"({"template": "{{ .x "})");
    CHECK(bad_template.status == 400);
    CHECK(first_fault(bad_template.json).find("form_template: line 1, column 1") == 0);
    CHECK(client.get("/projects/digits/form").json["template"] == saved.json["template"]);
    CHECK(client.post("/projects/digits/form/jobs", "{}").status == 201);
    CHECK(client.send("PATCH", "/projects/digits", R"({"form": [{"name": "x", "type": "nothing"}]})").status == 400);
    REQUIRE(put(R"({"form": ""})").status == 200);
    CHECK(client.get("/projects/digits/form").json["fields"].size() == 0);
}
