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

    Answer ask(const std::string& repository_url, const std::string& account = "") {
        return client.post("/repositories/revisions",
                           json::to_json(json::Value::object({{"repository", repository_url}, {"account", account}})));
    }
};

std::string message(const Answer& answer) { return answer.json["message"].as_string(); }

}  // namespace

TEST_CASE("the branches and tags of a repository are told, and what an address says of a folder in it") {
    Site site;
    site.repository.git("branch next");
    site.repository.git("tag v1");
    const std::string head = site.repository.head();
    const Answer told = site.ask(site.repository.url());
    INFO(told.text);
    REQUIRE(told.status == 200);
    CHECK(told.json["repository"].as_string() == site.repository.url());
    CHECK(told.json["revision"].is_null());
    CHECK(told.json["sub_path"].is_null());
    CHECK(told.json["head"].as_string() == "main");
    CHECK(json::to_json(told.json["branches"]) ==
          fmt::format(R"([{{"name":"main","commit":"{0}"}},{{"name":"next","commit":"{0}"}}])", head));
    CHECK(json::to_json(told.json["tags"]) == fmt::format(R"([{{"name":"v1","commit":"{}"}}])", head));
    CHECK(told.json["cut"] == json::Value(false));
    source::shell("cp -r " + site.repository.folder() + " " + site.temp.path() + "/bare.git");
    const Answer folder = site.ask("file://" + site.temp.path() + "/bare.git");
    CHECK(folder.status == 200);
}

TEST_CASE("a repository that cannot be asked says why, without its secrets") {
    Site site;
    CHECK(site.client.post("/repositories/revisions", "{}").status == 400);
    CHECK(site.ask("file://" + site.temp.path() + "/none").status == 404);
    const Answer unreachable = site.ask(fmt::format("http://me:secret@127.0.0.1:{}/x.git", source::closed_port()));
    CHECK(unreachable.status == 503);
    CHECK(message(unreachable).find("could not reach the git repository") == 0);
    CHECK(unreachable.text.find("secret") == std::string::npos);
    const source::FileServer asks(site.temp.path(), source::FileServer::Manner::kAskForUser);
    const Answer is_private = site.ask(fmt::format("http://127.0.0.1:{}/digits.git", asks.port()));
    CHECK(is_private.status == 403);
    CHECK(message(is_private).find("asks for a user name or key") != std::string::npos);
    const Answer program = site.ask("ext::sh -c true");
    CHECK(program.status == 400);
    CHECK(program.json["details"][std::size_t{0}]["path"].as_string() == "repository");
    const Answer nobody = site.ask(site.repository.url(), "nobody");
    CHECK(nobody.status == 404);
    CHECK(message(nobody).find("nobody") != std::string::npos);
}
