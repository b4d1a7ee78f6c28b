#include <doctest/doctest.h>

#include "api/test_server.hpp"
#include "json/json_text.hpp"
#include "source/git_fixture.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

struct Site {
    TestServer server;
    TestClient client{server};
    const testing::TempFolder temp;
    source::TestRepository repository{temp.path() + "/team/digits"};

    Answer import(json::Value more = json::Value::object(), net::Headers headers = {}) {
        if (!more.has("repository")) more.set("repository", repository.url());
        return client.post("/projects/import", json::to_json(more), std::move(headers));
    }
};

std::string message(const Answer& answer) { return answer.json["message"].as_string(); }

}  // namespace

TEST_CASE("a project is made from the document in a repository, and is what the document says") {
    Site site;
    const std::string document =
        "name: digits\nsummary_file: README\n"
        "sources:\n- {name: src, git: {repository: 'https://git.example/other.git'}}\n"
        "- {name: data, cluster_storage: default, upload: data}\n"
        "tasks: [{name: train, resources: [{name: worker, command: 'true'}]}]\n";
    site.repository.commit("pintle.yaml", document);
    const Answer made = site.import({}, {{"Idempotency-Key", "one"}});
    INFO(made.text);
    REQUIRE(made.status == 201);
    const json::Value& project = made.json["project"];
    CHECK(project["name"].as_string() == "digits");
    CHECK(project["document"]["summary"].as_string() == "one");
    CHECK(project["document"]["sources"].size() == 2);
    CHECK(made.json["warnings"][std::size_t{0}]["path"].as_string() == "sources[1].upload");
    CHECK(site.import({}, {{"Idempotency-Key", "one"}}).json["project"]["id"] == project["id"]);
    CHECK(site.import().status == 409);

    // From another revision, another place, under another name.
    site.repository.git("checkout -q -b next");
    site.repository.git("mv pintle.yaml src/project.yaml");
    site.repository.commit("src/README", "two");
    site.repository.git("checkout -q main");
    const Answer other = site.import(
        json::Value::object({{"revision", "next"}, {"path", "src/project.yaml"}, {"name", "letters"}}));
    REQUIRE(other.status == 201);
    CHECK(other.json["project"]["name"].as_string() == "letters");
    CHECK(other.json["project"]["document"]["summary"].as_string() == "two");
    CHECK(site.client.get("/projects").json["items"].size() == 2);
}

TEST_CASE("an import that fails says what failed and where, and makes nothing") {
    Site site;
    const Answer missing = site.import();
    CHECK(missing.status == 404);
    CHECK(message(missing).find("there is no file \"pintle.yaml\"") == 0);
    CHECK(message(missing).find("README, src") != std::string::npos);

    site.repository.commit("pintle.yaml", "name: digits\ntasks:\n- name: Train\n");
    const Answer faulty = site.import();
    CHECK(faulty.status == 400);
    CHECK(message(faulty).find("pintle.yaml in file://") == 0);
    REQUIRE(faulty.json["details"].size() == 2);
    CHECK(faulty.json["details"][std::size_t{0}]["line"].as_int() == 3);
    CHECK(faulty.json["details"][std::size_t{0}]["column"].as_int() >= 1);

    const Answer revision = site.import(json::Value::object({{"revision", "none"}}));
    CHECK(revision.status == 404);
    CHECK(message(revision).find("has no branch, tag or commit \"none\"") != std::string::npos);
    const std::string url = fmt::format("http://me:secret@127.0.0.1:{}/x.git", source::closed_port());
    const Answer unreachable = site.import(json::Value::object({{"repository", url}}));
    CHECK(unreachable.status == 503);
    CHECK(message(unreachable).find("could not reach the git repository") == 0);
    CHECK(message(unreachable).find("secret") == std::string::npos);
    const Answer program = site.import(json::Value::object({{"repository", "ext::sh -c true"}}));
    CHECK(program.status == 400);
    CHECK(program.json["details"][std::size_t{0}]["path"].as_string() == "repository");
    CHECK(site.client.post("/projects/import", "{}").status == 400);

    site.repository.commit("pintle.yaml", "name: digits\nsummary_file: NONE.md\n");
    const Answer summary = site.import();
    CHECK(summary.status == 404);
    CHECK(message(summary).find("summary_file: there is no file \"NONE.md\"") == 0);
    CHECK(site.client.get("/projects").json["items"].size() == 0);
}
