#include <unistd.h>

#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "api/test_server.hpp"
#include "json/json_text.hpp"
#include "os/file.hpp"
#include "os/subprocess.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

constexpr const char* kToken =
    R"({"name": "work", "kind": "git_token", "server": "https://GitHub.com/", "secret": "s3cret\n"})";

std::string a_private_key(const std::string& folder) {
    os::Command command;
    command.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder + "/deploy"};
    REQUIRE(os::run(command).value().exit_code == 0);
    return os::read_file(folder + "/deploy").value();
}

// Everything the server has on disk and is not its key.
std::string everything_stored(const TestServer& server) {
    std::string all;
    const auto names = os::list_folder(server.folder()).value();
    for (const std::string& name : names) {
        if (name.starts_with("state.db")) all += os::read_file(server.folder() + "/" + name).value();
    }
    return all;
}

}  // namespace

TEST_CASE("an account is made, listed, changed and deleted, and its secret never comes back") {
    TestServer server;
    const Person ana = a_person(server, "ana", domain::kDefaultGroup);
    TestClient client(server, ana.token);
    const Answer made = client.post("/accounts", kToken);
    REQUIRE(made.status == 201);
    CHECK(made.json["name"].as_string() == "work");
    CHECK(made.json["kind"].as_string() == "git_token");
    CHECK(made.json["server"].as_string() == "github.com");
    CHECK(made.json["user"].as_string() == "git");
    CHECK(made.json["owner"]["name"].as_string() == "ana");
    CHECK(made.json["group"].is_null());
    CHECK(made.json["fault"].is_null());
    CHECK(made.json["may_edit"].as_bool());
    const std::string id = made.json["id"].as_string();

    const Answer listed = client.get("/accounts");
    CHECK(listed.json["items"].size() == 1);
    CHECK(client.get("/accounts/work").json["id"].as_string() == id);
    CHECK(client.get("/accounts/" + id).json["name"].as_string() == "work");
    const Answer edited =
        client.send("PATCH", "/accounts/work", R"({"name": "play", "user": "robot", "secret": "0ther"})");
    REQUIRE(edited.status == 200);
    CHECK(edited.json["user"].as_string() == "robot");
    TestClient root(server);
    const Answer audit = root.get("/audit");
    for (const Answer* answer : {&made, &listed, &edited, &audit}) {
        CHECK(answer->text.find("s3cret") == std::string::npos);
        CHECK(answer->text.find("0ther") == std::string::npos);
        CHECK(answer->text.find("ciphertext") == std::string::npos);
    }
    CHECK(audit.text.find("renamed from work; user robot; a new token") != std::string::npos);
    const std::string stored = everything_stored(server);
    CHECK(stored.find("github.com") != std::string::npos);
    CHECK(stored.find("s3cret") == std::string::npos);
    CHECK(stored.find("0ther") == std::string::npos);
    CHECK(client.send("DELETE", "/accounts/play").json["deleted"].as_string() == "play");
    CHECK(client.get("/accounts").json["items"].size() == 0);
    CHECK(client.get("/accounts/play").status == 404);
}

TEST_CASE("of a deploy key the fingerprint is told, and what is wrong with one is said without it") {
    TestServer server;
    TestClient client(server);
    const std::string key = a_private_key(server.folder());
    json::Value body = json::Value::object({{"name", "deploy"}, {"kind", "git_key"}, {"secret", key}});
    const Answer made = client.post("/accounts", json::to_json(body));
    REQUIRE(made.status == 201);
    CHECK(made.json["fingerprint"].as_string().starts_with("SHA256:"));
    CHECK(made.json["user"].is_null());
    body.set("name", "other");
    body.set("secret", "Zm9vYmFy");
    const Answer refused = client.post("/accounts", json::to_json(body));
    CHECK(refused.status == 400);
    CHECK(refused.text.find("expected a whole private key") != std::string::npos);
    CHECK(refused.text.find("Zm9vYmFy") == std::string::npos);
}

TEST_CASE("what an account lacks or must not have is told, and never with its secret") {
    TestServer server;
    TestClient client(server);
    struct Case {
        std::string body, words;
    };
    const std::vector<Case> cases{
        {R"({"kind": "s3", "name": "x", "secret": "s3cret"})", "needs a user, which is the access key"},
        {R"({"kind": "registry", "name": "x", "user": "u", "secret": "s3cret"})", "needs a server"},
        {R"({"kind": "ftp", "name": "x", "secret": "s3cret"})", "git_key"},
        {R"({"kind": "git_token", "name": "x"})", "secret"},
        {R"({"kind": "git_token", "name": "x", "secret": ""})", "the token is empty"},
        {R"({"kind": "git_token", "name": "x", "secret": "s3cret\r\nX-Header: 1"})", "no line breaks"},
        {R"({"kind": "git_token", "name": "x", "secret": ["s3cret"]})", "secret"},
        {R"({"kind": "git_token", "name": "x", "token": "s3cret"})", "token"},
        {R"({"kind": "git_token", "name": "a/b", "secret": "s3cret"})", "slash"},
        {R"({"kind": "git_token", "name": "x", "server": "a b", "secret": "s3cret"})", "expected a host"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.body);
        const Answer answer = client.post("/accounts", c.body);
        CHECK(answer.status == 400);
        CHECK_MESSAGE(answer.text.find(c.words) != std::string::npos, answer.text);
        CHECK(answer.text.find("s3cret") == std::string::npos);
    }
    CHECK(client.get("/accounts").json["items"].size() == 0);
}

TEST_CASE("an account that is shared is used by the group, changed by who made it, and unknown to others") {
    TestServer server;
    const domain::GroupId group = a_group(server, "research");
    TestClient ana(server, a_person(server, "ana", group).token), cy(server, a_person(server, "cy", group).token);
    TestClient eve(server, a_person(server, "eve", domain::kDefaultGroup).token),
        root(server, first_operator(server).token);
    REQUIRE(
        ana.post("/accounts", R"({"name": "ours", "kind": "git_token", "secret": "s3cret", "shared": true})").status ==
        201);
    const std::string own = ana.post("/accounts", kToken).json["id"].as_string();

    const Answer seen = cy.get("/accounts");
    REQUIRE(seen.json["items"].size() == 1);
    CHECK(seen.json["items"].as_array()[0]["group"]["name"].as_string() == "research");
    CHECK_FALSE(seen.json["items"].as_array()[0]["may_edit"].as_bool());
    CHECK(ana.get("/accounts?show=owned").json["items"].size() == 2);
    CHECK(cy.get("/accounts?show=owned").json["items"].size() == 0);
    CHECK(cy.send("PATCH", "/accounts/ours", R"({"secret": "mine"})").status == 403);
    CHECK(cy.send("DELETE", "/accounts/ours").status == 403);
    CHECK(cy.get("/accounts/" + own).status == 404);
    CHECK(cy.get("/accounts/work").status == 404);
    CHECK(eve.get("/accounts").json["items"].size() == 0);
    CHECK(eve.get("/accounts/ours").status == 404);
    CHECK(eve.get("/accounts?show=everyone").status == 403);
    CHECK(root.get("/accounts?show=everyone").json["items"].size() == 2);
    CHECK(root.get("/accounts/ours").status == 200);
    CHECK(root.send("DELETE", "/accounts/" + own).status == 200);
}

TEST_CASE("an account that a project uses is deleted only with force") {
    TestServer server;
    TestClient client(server);
    REQUIRE(client.post("/accounts", kToken).status == 201);
    client.make_project("name: private\ntasks: [{name: train, resources: [{name: worker, command: 'true'}]}]\n"
                        "sources: [{name: src, git: {repository: 'https://github.com/team/repo', account: work}}]\n");
    const Answer refused = client.send("DELETE", "/accounts/work");
    CHECK(refused.status == 409);
    CHECK(refused.json["message"].as_string().starts_with("1 project of yours uses the account work"));
    CHECK(client.send("PATCH", "/accounts/work", R"({"name": "play"})").status == 409);
    CHECK(client.send("PATCH", "/accounts/work", R"({"secret": "0ther"})").status == 200);
    CHECK(client.send("DELETE", "/accounts/work?force=true").status == 200);
    const Answer run = client.post("/projects/private/tasks/train/jobs");
    CHECK(run.status == 400);
    CHECK(run.json["message"].as_string().find("the account \"work\"") != std::string::npos);
}

TEST_CASE("with the key lost the server starts, and doctor and the accounts say what is wrong") {
    TestServer server;
    TestClient client(server);
    const auto doctor = [](TestClient& asking) {
        const Answer answer = asking.get("/doctor");
        for (const json::Value& finding : answer.json["findings"].as_array()) {
            if (finding["subject"].as_string() == "accounts")
                return finding["level"].as_string() + ": " + finding["message"].as_string();
        }
        return std::string();
    };
    CHECK(doctor(client).starts_with("good"));
    REQUIRE(client.post("/accounts", kToken).status == 201);
    server.stop();
    REQUIRE(::unlink((server.folder() + "/account-key").c_str()) == 0);
    server.start();
    TestClient later(server);
    CHECK(doctor(later).find("was sealed") == std::string::npos);
    CHECK(doctor(later).starts_with("missing: the key for accounts, "));
    CHECK(later.get("/accounts").json["items"].as_array()[0]["fault"].as_string().find("is missing") !=
          std::string::npos);
    const Answer refused = later.post("/accounts", R"({"name": "new", "kind": "git_token", "secret": "s3cret"})");
    CHECK(refused.status == 503);
    CHECK(refused.json["message"].as_string().find("no secret can be kept") != std::string::npos);
}
