#include <doctest/doctest.h>

#include "api/test_people.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

constexpr const char* kPassword = "correct horse battery";

std::string message_of(const Answer& answer) { return answer.json["message"].as_string(); }

/// ana in a browser.
struct Ana {
    explicit Ana(TestServer& s) : server(s), person(a_person(s, "ana")), nobody(s, "") {
        give_password(s, person.id, kPassword);
        session = sign_in(s, "ana", kPassword);
    }
    Answer send(const std::string& method, const std::string& path, const std::string& body = "") {
        return nobody.send(method, path, body, session.headers(server));
    }
    TestServer& server;
    Person person;
    TestClient nobody;
    TestSession session;
};

}  // namespace

TEST_CASE("a token is made once, does what its scopes allow, and no more once it is revoked") {
    TestServer server;
    Ana ana(server);
    const Answer made = ana.send("POST", "/tokens", R"({"name": "ci", "scopes": ["run"]})");
    REQUIRE(made.status == 201);
    const std::string text = made.json["token"].as_string();
    CHECK(text.starts_with("ppt_"));
    CHECK(made.json["scopes"].size() == 2);
    TestClient program(server, text);
    CHECK(program.get("/session").json["token"].as_string() == "ci");
    CHECK(program.get("/session").json["expires_at"] == made.json["expires_at"]);
    CHECK(program.get("/projects").status == 200);
    const Answer refused = program.post("/projects", std::string(kDigits), {{"Content-Type", "application/yaml"}});
    CHECK(refused.status == 403);
    CHECK(message_of(refused) == "the token \"ci\" has not the scope write");
    const Answer stronger = program.post("/tokens", R"({"name": "more", "scopes": ["write"]})");
    CHECK(stronger.status == 403);
    CHECK(message_of(stronger) == "this needs a sign-in; an access token cannot do it");

    const Answer listed = ana.send("GET", "/tokens");
    CHECK(listed.text.find(text) == std::string::npos);
    CHECK(listed.json["items"].size() == 2);
    CHECK(ana.send("DELETE", "/tokens/ci").json["revoked"].as_string() == "ci");
    CHECK(message_of(program.get("/session")) ==
          "the access token is not known to this server; it may have been revoked");
    CHECK(message_of(ana.send("DELETE", "/tokens/ci")) == "you have no token \"ci\"");
}

TEST_CASE("a token ends when it was to") {
    TestServer server;
    Ana ana(server);
    const Answer made = ana.send("POST", "/tokens", R"({"name": "short", "expires": "1h"})");
    REQUIRE(made.status == 201);
    TestClient program(server, made.json["token"].as_string());
    CHECK(program.get("/session").status == 200);
    server.advance(std::chrono::hours(2));
    const Answer late = program.get("/session");
    CHECK(late.status == 401);
    CHECK(message_of(late) == "the access token \"short\" expired on " + made.json["expires_at"].as_string() +
                                  "; make a new one");
    const Answer never = ana.send("POST", "/tokens", R"({"name": "never", "expires": "never"})");
    CHECK(never.json["expires_at"].is_null());
    const Answer listed = ana.send("GET", "/tokens");
    for (const json::Value& token : listed.json["items"].as_array())
        CHECK(token["expired"].as_bool() == (token["name"].as_string() == "short"));
}

TEST_CASE("a token that cannot be is refused with its fault") {
    TestServer server;
    Ana ana(server);
    const auto fault = [&](const std::string& body) {
        const Answer answer = ana.send("POST", "/tokens", body);
        CHECK(answer.status == 400);
        if (answer.json["details"].size() == 0) return message_of(answer);
        const json::Value& first = answer.json["details"].as_array()[0];
        return first["path"].as_string() + ": " + first["message"].as_string();
    };
    CHECK(fault(R"({"name": "x", "scopes": ["admin"]})") ==
          "scopes: expected read, run, write or operate, got \"admin\"");
    const std::string expected = "expires: expected a time such as 30d or 12h, at most 3650d, or never, got ";
    CHECK(fault(R"({"name": "x", "expires": "soon"})") == expected + "\"soon\"");
    CHECK(fault(R"({"name": "x", "expires": "4000d"})") == expected + "\"4000d\"");
    CHECK(fault(R"({"name": "x", "expires": "0d"})") == expected + "\"0d\"");
    CHECK(fault(R"({"name": ""})") == "a token's name may not be empty");
    const Answer operate = ana.send("POST", "/tokens", R"({"name": "x", "scopes": ["operate"]})");
    CHECK(operate.status == 403);
    CHECK(message_of(operate) == "only operators can have tokens with the scope operate");
    CHECK(ana.send("POST", "/tokens", R"({"name": "x"})").status == 201);
    CHECK(message_of(ana.send("POST", "/tokens", R"({"name": "x"})")) ==
          "ana has a token named \"x\" already; revoke it first or choose another name");
}

TEST_CASE("operators see and revoke everybody's tokens, others only their own") {
    TestServer server;
    Ana ana(server);
    REQUIRE(ana.send("POST", "/tokens", R"({"name": "ci"})").status == 201);
    const Person ben = a_person(server, "ben");
    give_password(server, ben.id, kPassword);
    const TestSession bens = sign_in(server, "ben", kPassword);
    CHECK(TestClient(server, "").send("DELETE", "/tokens/ci", "", bens.headers(server)).status == 404);
    CHECK(TestClient(server, ben.token).get("/users/ana/tokens").status == 403);
    TestClient root(server);
    CHECK(root.get("/users/ana/tokens").json["items"].size() == 2);
    CHECK(root.send("DELETE", "/users/ana/tokens/ci").status == 200);
    CHECK(message_of(root.send("DELETE", "/users/ana/tokens/ci")) == "ana has no token \"ci\"");
}
