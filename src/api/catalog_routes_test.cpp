#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "api/test_server.hpp"
#include "json/json_text.hpp"
#include "os/file.hpp"
#include "source/git_fixture.hpp"

using namespace pintle;
using namespace pintle::api;
using json::Value;

namespace {

constexpr const char* kValues =
    "storage: {value: default, wizard: {kind: cluster_storage}}\n"
    "src: {value: '', wizard: {name: Source, kind: git}}\n"
    "size: {value: small, wizard: {kind: select, options: [small, large]}}\n";
constexpr const char* kConfig =
    "name: x\n"
    "tasks:\n"
    "- {name: train, resources: [{name: worker, command: 'echo {{ .size.value }}'}]}\n"
    "sources:\n"
    "- name: src\n"
    "  {{ if .src.value }}git: {{ gitRepo .src.value }}{{ else }}cluster_storage: {{ .storage.value }}{{ end }}\n";

void put(const std::string& path, const std::string& content) {
    REQUIRE(os::make_folders(path.substr(0, path.rfind('/'))));
    REQUIRE(os::write_file_atomic(path, content));
}

void write_catalog(const std::string& folder) {
    put(folder + "/learn/Chart.yaml", "Name: Learn things\nVersion: 1.2.0\nDescription: Learns\nKeywords: [numpy]\n");
    put(folder + "/learn/README.md", "# Learn\n");
    put(folder + "/learn/values.yaml", kValues);
    put(folder + "/learn/ml-templates/config.yaml", kConfig);
    put(folder + "/learn/task-form.yaml", "- {name: epochs, type: int, value: 3}\n");
    put(folder + "/learn/task-template.yaml", "name: filled\n");
    put(folder + "/learn/files/src/lib/train.py", "print(1)\n");
    put(folder + "/broken/Chart.yaml", "Name: Broken\nVersion: [\n");
}

struct Site {
    testing::TempFolder temp;
    TestServer server{options()};
    TestClient client{server};

    TestServerOptions options() {
        write_catalog(temp.path() + "/mine");
        TestServerOptions made;
        made.catalogs = {{"mine", temp.path() + "/mine", {}, "", {}},
                         {"away", "", {"file:///nowhere/at/all", "", ""}, "", std::chrono::minutes(10)}};
        return made;
    }
    Answer install(const Value& body, net::Headers headers = {}) {
        return client.post("/catalog/mine/learn/install", json::to_json(body), std::move(headers));
    }
    Answer preview(const Value& body) { return client.post("/catalog/mine/learn/preview", json::to_json(body)); }
};

Value named(const char* name) { return Value::object({{"name", name}}); }

}  // namespace

TEST_CASE("the catalog is listed with what is wrong in it, and searched") {
    Site site;
    const Answer all = site.client.get("/catalog");
    INFO(all.text);
    REQUIRE(all.status == 200);
    REQUIRE(all.json["catalogs"].size() == 3);
    const Value& away = all.json["catalogs"][std::size_t{2}];
    CHECK(away["kind"].as_string() == "git");
    CHECK(away["fault"].as_string().find("there is no git repository") == 0);
    CHECK(away["fault_since"].is_string());
    CHECK(away["read_at"].is_null());
    const Answer mine = site.client.get("/catalog?catalog=mine");
    REQUIRE(mine.json["items"].size() == 2);
    const Value& broken = mine.json["items"][std::size_t{0}];
    CHECK_FALSE(broken["sound"].as_bool());
    CHECK(broken["faults"][std::size_t{0}]["file"].as_string() == "Chart.yaml");
    CHECK(broken["faults"][std::size_t{0}]["line"].as_int() >= 2);
    CHECK(mine.json["items"][std::size_t{1}]["title"].as_string() == "Learn things");
    CHECK(site.client.get("/catalog?text=NUMPY%20things&catalog=mine").json["items"].size() == 1);
    CHECK(site.client.get("/catalog?text=nothing-like-it").json["items"].size() == 0);
    CHECK(site.client.get("/catalog?catalog=none").status == 404);
}

TEST_CASE("a template shows its chart, its README and what its wizard asks for") {
    Site site;
    const Answer shown = site.client.get("/catalog/mine/learn");
    INFO(shown.text);
    REQUIRE(shown.status == 200);
    CHECK(shown.json["readme"].as_string() == "# Learn\n");
    REQUIRE(shown.json["wizard"].size() == 3);
    CHECK(shown.json["wizard"][std::size_t{1}]["parts"].has("accountId"));
    CHECK(shown.json["wizard"][std::size_t{2}]["options"][std::size_t{1}]["value"].as_string() == "large");
    CHECK(shown.json["files"][std::size_t{0}]["path"].as_string() == "lib/train.py");
    CHECK(site.client.get("/catalog/mine/lern").json["message"].as_string().find("did you mean learn?") !=
          std::string::npos);
    CHECK(site.client.get("/catalog/yours/learn").status == 404);
}

TEST_CASE("a preview makes nothing and says what is wrong as its answer") {
    Site site;
    const Answer good =
        site.preview(Value::object({{"name", "first"}, {"values", Value::object({{"size", "large"}})}}));
    INFO(good.text);
    REQUIRE(good.status == 200);
    CHECK(good.json["valid"].as_bool());
    CHECK(good.json["text"].as_string().find("echo large") != std::string::npos);
    CHECK(good.json["document"]["name"].as_string() == "first");
    CHECK(site.client.get("/projects").json["items"].size() == 0);
    const Answer bad = site.preview(Value::object({{"texts", Value::object({{"size", "huge"}, {"colour", "red"}})}}));
    REQUIRE(bad.status == 200);
    CHECK_FALSE(bad.json["valid"].as_bool());
    REQUIRE(bad.json["faults"].size() == 2);
    CHECK(bad.json["faults"][std::size_t{0}]["file"].as_string() == "values");
    site.client.make_project("name: first\ntasks: [{name: t, resources: [{name: r, command: 'true'}]}]\n");
    const Answer taken = site.preview(named("first"));
    CHECK_FALSE(taken.json["valid"].as_bool());
    CHECK(taken.json["faults"][std::size_t{0}]["file"].as_string() == "name");
    CHECK_FALSE(site.preview(named("Not A Name")).json["valid"].as_bool());
    CHECK(site.client.post("/catalog/mine/broken/preview", "{}").status == 409);
    CHECK(site.client.post("/catalog/mine/learn/preview", "{\"nmae\": \"x\"}").status == 400);
}

TEST_CASE("installing makes a project with the template's summary, form and files, once for a key") {
    Site site;
    const Answer made = site.install(named("first"), {{"Idempotency-Key", "one"}});
    INFO(made.text);
    REQUIRE(made.status == 201);
    const Value& document = made.json["project"]["document"];
    CHECK(document["summary"].as_string() == "# Learn\n");
    CHECK(document["form"].size() == 1);
    CHECK(document["form_template"].as_string() == "name: filled\n");
    CHECK(site.client.get("/projects/first/sources/src/files?path=lib/train.py").text == "print(1)\n");
    // Its owner changes it; the same request again leaves that.
    REQUIRE(site.client.send("PUT", "/projects/first/sources/src/files?path=lib/train.py", "print(2)\n").status == 201);
    const Answer again = site.install(named("first"), {{"Idempotency-Key", "one"}});
    CHECK(again.json["project"]["id"] == made.json["project"]["id"]);
    CHECK(site.client.get("/projects/first/sources/src/files?path=lib/train.py").text == "print(2)\n");
    CHECK(site.install(named("first")).status == 409);
    CHECK(site.install(named("second"), {{"Idempotency-Key", "one"}}).status == 409);
}

TEST_CASE("a repository in the place of the template's files leaves these where they are, and says so") {
    Site site;
    Value body = named("first");
    body.set("values", Value::object({{"src", "https://host.example/org/repo/tree/v1/sub"}}));
    const Answer made = site.install(body);
    INFO(made.text);
    REQUIRE(made.status == 201);
    CHECK(made.json["project"]["document"]["sources"][std::size_t{0}]["git"].as_string() ==
          "https://host.example/org/repo");
    REQUIRE(made.json["warnings"].size() == 1);
    CHECK(made.json["warnings"][std::size_t{0}]["path"].as_string() == "files/src");
}

TEST_CASE("what cannot be installed says why, with the path of the value, and makes nothing") {
    Site site;
    Value body = named("first");
    body.set("values", Value::object({{"size", "huge"}, {"src", Value::object({{"revision", 3}})}}));
    const Answer bad = site.install(body);
    CHECK(bad.status == 400);
    REQUIRE(bad.json["details"].size() == 2);
    CHECK(bad.json["details"][std::size_t{0}]["path"].as_string() == "values: size");
    CHECK(bad.json["details"][std::size_t{1}]["path"].as_string() == "values: src.revision");
    const Answer broken = site.client.post("/catalog/mine/broken/install", json::to_json(named("x")));
    CHECK(broken.status == 409);
    CHECK(broken.json["message"].as_string().find("Chart.yaml:") != std::string::npos);
    CHECK(site.install(Value::object()).status == 400);
    CHECK(site.install(named("Bad Name")).status == 400);
    CHECK(site.client.get("/projects").json["items"].size() == 0);
}

TEST_CASE("a file that somebody has put into a shared source is not replaced by a template's") {
    Site site;
    put(site.temp.path() + "/mine/learn/ml-templates/config.yaml",
        "name: x\ntasks: [{name: t, resources: [{name: r, command: 'true'}]}]\nsources: [{name: src, cluster_storage: "
        "default, sub_path: /shared/programs}]\n");
    put(site.server.storage_folder() + "/shared/programs/lib/train.py", "print('mine')\n");
    REQUIRE(site.install(named("first")).status == 201);
    CHECK(site.client.get("/projects/first/sources/src/files?path=lib/train.py").text == "print('mine')\n");
}

TEST_CASE("a catalog is read again on demand") {
    Site site;
    CHECK(site.client.get("/catalog?catalog=mine").json["items"].size() == 2);
    write_catalog(site.temp.path() + "/mine/more");
    site.server.advance(std::chrono::milliseconds(1500));
    const Answer read = site.client.post("/catalog/mine/refresh");
    INFO(read.text);
    REQUIRE(read.status == 200);
    CHECK(read.json["templates"].as_int() == 4);
    CHECK(site.client.post("/catalog/none/refresh").status == 404);
}

TEST_CASE("folders of the server's machine are told to its operators only") {
    Site site;
    const Person ana = a_person(site.server, "ana", a_group(site.server, "lab"));
    TestClient hers(site.server, ana.token);
    CHECK(hers.get("/catalog?catalog=mine").json["catalogs"][std::size_t{0}]["place"].is_null());
    CHECK(site.client.get("/catalog?catalog=mine").json["catalogs"][std::size_t{0}]["place"].is_string());
    REQUIRE(hers.post("/catalog/mine/learn/install", json::to_json(named("hers"))).status == 201);
    CHECK(hers.get("/projects/hers").status == 200);
}
