#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "json/json_text.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

constexpr const char* kPassword = "correct horse battery";

std::string credentials(const std::string& name, const std::string& password) {
    return json::to_json(json::Value::object({{"user", name}, {"password", password}}));
}

std::string message_of(const Answer& answer) { return answer.json["message"].as_string(); }

Person a_person_with_password(TestServer& server, const std::string& name) {
    Person person = a_person(server, name);
    give_password(server, person.id, kPassword);
    return person;
}

std::vector<domain::AuditEntry> audit_of(TestServer& server, const std::string& action) {
    const auto reader = store::StoreReader::open(server.folder() + "/state.db").value();
    store::AuditFilter filter;
    filter.action = action;
    return reader->list_audit(filter, {"", 100}).value().items;
}

}  // namespace

TEST_CASE("a password begins a session, whose cookie then says who asks") {
    TestServer server;
    a_person_with_password(server, "ana");
    TestClient nobody(server, "");
    const Answer begun = nobody.post("/session", credentials("ana", kPassword), {{"User-Agent", "a browser"}});
    REQUIRE(begun.status == 201);
    const std::string cookie(begun.headers.get("Set-Cookie"));
    CHECK(cookie.starts_with("pintle_session=pse_"));
    CHECK(cookie.ends_with("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"));
    CHECK(begun.json["user"].as_string() == "ana");

    const TestSession session{cookie_of(begun), begun.json["csrf"].as_string()};
    const Answer who = nobody.get("/session", {{"Cookie", "pintle_session=" + session.cookie}});
    REQUIRE(who.status == 200);
    CHECK(who.json["user"].as_string() == "ana");
    CHECK(who.json["via"].as_string() == "session");
    CHECK(who.json["role"].as_string() == "data scientist");
    CHECK(who.json["group"].as_string() == "Default Group");
    CHECK(who.json["scopes"].size() == 3);
    CHECK(who.json["csrf"].as_string() == session.csrf);
    CHECK(who.json["changes_at"].as_int() == 0);
    CHECK(who.json["expires_at"] == begun.json["expires_at"]);

    const Answer places = nobody.get("/sessions", session.headers(server));
    REQUIRE(places.json["items"].size() == 1);
    const json::Value& place = places.json["items"].as_array()[0];
    CHECK(place["current"].as_bool());
    CHECK(place["address"].as_string() == "127.0.0.1");
    CHECK(place["agent"].as_string() == "a browser");
    CHECK(audit_of(server, "sign_in").at(0).subject == "ana");
    CHECK(audit_of(server, "sign_in").at(0).via == "password");
}

TEST_CASE("a session says behind which change whoever follows them misses nothing") {
    TestServer server;
    TestClient client(server);
    client.make_project("name: digits\n");
    const std::int64_t before = client.get("/session").json["changes_at"].as_int();
    CHECK(before > 0);
    client.make_project("name: letters\n");
    CHECK(client.get("/session").json["changes_at"].as_int() > before);
}

TEST_CASE("whatever is wrong with a sign-in, the answer is the same") {
    TestServer server;
    const Person ana = a_person_with_password(server, "ana");
    static_cast<void>(a_person(server, "ben"));
    const Person cem = a_person_with_password(server, "cem");
    REQUIRE(server.runtime().call(core::input::OffboardUser{cem.id, true}).has_value());
    TestClient nobody(server, "");
    for (const auto& [name, password] : std::vector<std::pair<std::string, std::string>>{
             {"ana", "wrong"}, {"nobody-has-this-name", kPassword}, {"ben", ""}, {"cem", kPassword}}) {
        INFO(name);
        const Answer answer = nobody.post("/session", credentials(name, password));
        CHECK(answer.status == 401);
        CHECK(message_of(answer) == "the name or the password is wrong");
        CHECK(cookie_of(answer).empty());
    }
    const auto failed = audit_of(server, "sign_in.failed");
    REQUIRE(failed.size() == 4);
    CHECK(failed.back().subject == "ana");
    CHECK(failed.back().actor == "nobody");
    CHECK(failed.back().address == "127.0.0.1");
    const Answer no_name = nobody.post("/session", R"({"password": "x"})");
    CHECK(no_name.status == 400);
    CHECK(nobody.post("/session", "user=ana", {{"Content-Type", "application/x-www-form-urlencoded"}}).status == 400);
}

TEST_CASE("a list of passwords gets nowhere, and the owner gets in after a while") {
    TestServer server;
    a_person_with_password(server, "ana");
    TestClient nobody(server, "");
    for (int i = 0; i < 5; ++i) CHECK(nobody.post("/session", credentials("ana", "guess")).status == 401);
    // Even the right one, at this moment.
    const Answer waits = nobody.post("/session", credentials("ana", kPassword));
    CHECK(waits.status == 429);
    CHECK(waits.json["code"].as_string() == "exhausted");
    CHECK(message_of(waits) == "too many failed attempts; try again in 1 s");
    CHECK(waits.headers.get("Retry-After") == "1");
    CHECK(audit_of(server, "sign_in.failed").size() == 5);
    server.advance(std::chrono::seconds(2));
    CHECK(nobody.post("/session", credentials("ana", kPassword)).status == 201);
}

TEST_CASE("another site's page can neither sign somebody in nor use their session") {
    TestServer server;
    a_person_with_password(server, "ana");
    TestClient nobody(server, "");
    const Answer login = nobody.post("/session", credentials("ana", kPassword), {{"Origin", "https://evil.example"}});
    CHECK(login.status == 403);
    CHECK(message_of(login).starts_with("the page that made this request is of \"https://evil.example\""));
    const Answer fetch = nobody.post("/session", credentials("ana", kPassword), {{"Sec-Fetch-Site", "cross-site"}});
    CHECK(fetch.status == 403);

    const TestSession session = sign_in(server, "ana", kPassword);
    net::Headers headers = session.headers(server);
    headers.set("Origin", "https://evil.example");
    CHECK(nobody.post("/tokens", R"({"name": "x"})", headers).status == 403);
    headers = session.headers(server);
    headers.set("X-CSRF-Token", "guess");
    const Answer forged = nobody.post("/tokens", R"({"name": "x"})", headers);
    CHECK(forged.status == 403);
    CHECK(message_of(forged) == "the request does not carry this session's X-CSRF-Token; load the page again");
    CHECK(nobody.post("/tokens", R"({"name": "x"})", session.headers(server)).status == 201);
}

TEST_CASE("a forged session is nobody's, and an expired one is over") {
    TestServer server;
    a_person_with_password(server, "ana");
    const TestSession session = sign_in(server, "ana", kPassword);
    TestClient nobody(server, "");
    std::string forged = session.cookie;
    forged.back() = forged.back() == 'x' ? 'y' : 'x';
    const Answer refused = nobody.get("/session", {{"Cookie", "pintle_session=" + forged}});
    CHECK(refused.status == 401);
    CHECK(message_of(refused) == "sign in first, or send an access token as \"Authorization: Bearer TOKEN\"");
    CHECK(nobody.get("/session", {{"Cookie", "pintle_session=pse_guess"}}).status == 401);
    CHECK(nobody.get("/session", session.headers(server)).status == 200);
    server.advance(std::chrono::days(7) + std::chrono::seconds(1));
    CHECK(nobody.get("/session", session.headers(server)).status == 401);
}

TEST_CASE("signing out ends this session, everywhere ends all of them and, if asked to, the tokens") {
    TestServer server;
    const Person ana = a_person_with_password(server, "ana");
    const TestSession here = sign_in(server, "ana", kPassword);
    const TestSession there = sign_in(server, "ana", kPassword);
    const TestSession third = sign_in(server, "ana", kPassword);
    TestClient nobody(server, "");
    const Answer out = nobody.send("DELETE", "/session", "", here.headers(server));
    CHECK(out.status == 200);
    CHECK(std::string(out.headers.get("Set-Cookie")).starts_with("pintle_session=; Path=/; Max-Age=0;"));
    CHECK(nobody.get("/session", here.headers(server)).status == 401);
    CHECK(nobody.get("/session", there.headers(server)).status == 200);

    CHECK(nobody.send("DELETE", "/sessions", "", there.headers(server)).json["tokens_revoked"].as_int() == 0);
    CHECK(nobody.get("/session", third.headers(server)).status == 401);
    CHECK(TestClient(server, ana.token).get("/session").status == 200);
    const TestSession last = sign_in(server, "ana", kPassword);
    CHECK(nobody.send("DELETE", "/sessions?tokens=true", "", last.headers(server)).json["tokens_revoked"].as_int() ==
          1);
    CHECK(nobody.get("/session", last.headers(server)).status == 401);
    CHECK(TestClient(server, ana.token).get("/session").status == 401);
}

TEST_CASE("a token signs out by being revoked; the local token and a job's cannot") {
    TestServer server;
    const Person ana = a_person(server, "ana");
    TestClient client(server, ana.token);
    const Answer who = client.get("/session");
    CHECK(who.json["via"].as_string() == "token");
    CHECK(who.json["csrf"].is_null());
    CHECK(client.send("DELETE", "/sessions").status == 403);
    CHECK(client.send("DELETE", "/session").json["tokens_revoked"].as_int() == 1);
    CHECK(client.get("/session").status == 401);

    TestClient local(server);
    CHECK(local.get("/session").json["via"].as_string() == "local token");
    CHECK(local.get("/session").json["user"].as_string() == "root");
    const Answer refused = local.send("DELETE", "/session");
    CHECK(refused.status == 409);
    CHECK(message_of(refused) == "the token in the server's data folder cannot sign out; stop using it");
    local.make_project(std::string(kDigits));
    const json::Value job = local.run("digits", "train");
    TestClient inside(server, server.job_token(job["project_id"].as_string(), job["id"].as_string()));
    CHECK(message_of(inside.send("DELETE", "/session")) == "a job's token ends with its job");
    CHECK(inside.get("/session").json["user"].as_string() == "job digits/train:1");
}

TEST_CASE("an operator signs somebody out everywhere") {
    TestServer server;
    const Person ana = a_person_with_password(server, "ana");
    const TestSession session = sign_in(server, "ana", kPassword);
    TestClient nobody(server, "");
    TestClient root(server);
    CHECK(TestClient(server, ana.token).send("DELETE", "/users/ana/sessions").status == 403);
    const Answer missing = root.send("DELETE", "/users/zoe/sessions");
    CHECK(missing.status == 404);
    CHECK(message_of(missing) == "there is no user \"zoe\"");
    CHECK(root.send("DELETE", "/users/ana/sessions?tokens=true").json["tokens_revoked"].as_int() == 1);
    CHECK(nobody.get("/session", session.headers(server)).status == 401);
}

TEST_CASE("cookies go by https only where the server is reached by https") {
    TestServer server;
    a_person_with_password(server, "ana");
    TestClient nobody(server, "");
    const Answer behind_proxy =
        nobody.post("/session", credentials("ana", kPassword), {{"X-Forwarded-Proto", "https"}});
    CHECK(std::string(behind_proxy.headers.get("Set-Cookie")).ends_with("; Secure"));
    SignInOptions options;
    options.public_url = "https://pintle.example";
    TestServer other({.sign_in = options});
    a_person_with_password(other, "ana");
    TestClient stranger(other, "");
    CHECK(std::string(stranger.post("/session", credentials("ana", kPassword)).headers.get("Set-Cookie"))
              .ends_with("; Secure"));
}

TEST_CASE("behind a proxy that the configuration speaks of, people have the address that the proxy says") {
    SignInOptions options;
    options.public_url = "http://pintle.example";
    TestServer server({.sign_in = options});
    a_person_with_password(server, "ana");
    TestClient nobody(server, "");
    const auto fail_from = [&](const std::string& chain) {
        return nobody.post("/session", credentials("ana", "guess"), {{"X-Forwarded-For", chain}}).status;
    };
    CHECK(fail_from("10.9.9.9, 192.0.2.7") == 401);
    CHECK(audit_of(server, "sign_in.failed").front().address == "192.0.2.7");
    // Without that, anybody could take any address.
    TestServer open;
    a_person_with_password(open, "ana");
    CHECK(
        TestClient(open, "").post("/session", credentials("ana", "guess"), {{"X-Forwarded-For", "192.0.2.7"}}).status ==
        401);
    CHECK(audit_of(open, "sign_in.failed").front().address == "127.0.0.1");
}

TEST_CASE("where no passwords are taken, none is looked at") {
    SignInOptions options;
    options.passwords = false;
    TestServer server({.sign_in = options});
    a_person_with_password(server, "ana");
    TestClient nobody(server, "");
    const Answer refused = nobody.post("/session", credentials("ana", kPassword));
    CHECK(refused.status == 403);
    CHECK(message_of(refused) == "this server takes no passwords; sign in by a token");
    CHECK(nobody.get("/sign-in").json["password"] == json::Value(false));
}

TEST_CASE("a secret in an address is refused before anything else is done with it") {
    TestServer server;
    const Person ana = a_person(server, "ana");
    TestClient client(server, ana.token);
    const std::string words =
        "a token or password does not belong into an address, where logs and histories keep it; send it as "
        "\"Authorization: Bearer TOKEN\", and revoke this one if others may have seen it";
    CHECK(message_of(client.get("/session?token=" + ana.token)) == words);
    CHECK(message_of(client.get("/projects?text=" + ana.token)) == words);
    CHECK(message_of(TestClient(server, "").get("/sign-in/kc/callback?code=" + ana.token)) == words);
}
