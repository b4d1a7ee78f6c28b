#include <doctest/doctest.h>

#include "api/test_people.hpp"
#include "auth/secret.hpp"
#include "json/json_text.hpp"
#include "os/file.hpp"

using namespace pintle;
using namespace pintle::api;

namespace {

constexpr const char* kPassword = "correct horse battery";

std::string body_of(std::vector<std::pair<std::string, std::string>> fields) {
    json::Value body = json::Value::object();
    for (auto& [name, value] : fields) body.set(name, std::move(value));
    return json::to_json(body);
}

std::string message_of(const Answer& answer) { return answer.json["message"].as_string(); }

std::string invite(TestServer& server, const domain::UserId& user, Duration time = std::chrono::days(7)) {
    std::string code = auth::make_secret(auth::kInvitePrefix);
    REQUIRE(server.runtime()
                .call(core::input::InviteUser{{auth::secret_hash(code), user, server.now() + time}})
                .has_value());
    return code;
}

}  // namespace

TEST_CASE("the code of a link says whose it is, sets a password once, and is then no good") {
    TestServer server;
    const Person ana = a_person(server, "ana");
    const std::string code = invite(server, ana.id);
    REQUIRE(os::write_file_atomic(server.folder() + "/welcome", "use " + code + "\n", 0600).has_value());
    TestClient nobody(server, "");
    const Answer known = nobody.post("/invite", body_of({{"invite", code}}));
    REQUIRE(known.status == 200);
    CHECK(known.json["user"].as_string() == "ana");

    const Answer set = nobody.post("/password", body_of({{"invite", code}, {"password", kPassword}}));
    REQUIRE(set.status == 200);
    CHECK(set.json["user"].as_string() == "ana");
    CHECK_FALSE(os::exists(server.folder() + "/welcome"));
    CHECK_FALSE(sign_in(server, "ana", kPassword).cookie.empty());

    const std::string used = "this link was used already, or a newer one has replaced it; ask an operator for another";
    const Answer again = nobody.post("/password", body_of({{"invite", code}, {"password", kPassword}}));
    CHECK(again.status == 403);
    CHECK(message_of(again) == used);
    CHECK(message_of(nobody.post("/invite", body_of({{"invite", code}}))) == used);
}

TEST_CASE("a code that is damaged, replaced or too old sets nothing") {
    TestServer server;
    const Person ana = a_person(server, "ana");
    TestClient nobody(server, "");
    const Answer damaged = nobody.post("/invite", body_of({{"invite", "pin_half"}}));
    CHECK(damaged.status == 400);
    CHECK(message_of(damaged) == "this is not the whole code of a link; copy it again");
    const std::string old = invite(server, ana.id);
    const std::string fresh = invite(server, ana.id);
    CHECK(nobody.post("/password", body_of({{"invite", old}, {"password", kPassword}})).status == 403);
    server.advance(std::chrono::days(8));
    CHECK(message_of(nobody.post("/password", body_of({{"invite", fresh}, {"password", kPassword}}))) ==
          "this link has expired; ask an operator for another");
}

TEST_CASE("a password that is no good is refused in words, and the link stays good") {
    TestServer server;
    const Person ana = a_person(server, "ana");
    const std::string code = invite(server, ana.id);
    TestClient nobody(server, "");
    const Answer weak = nobody.post("/password", body_of({{"invite", code}, {"password", "short"}}));
    CHECK(weak.status == 400);
    REQUIRE(weak.json["details"].size() == 1);
    CHECK(weak.json["details"].as_array()[0]["path"].as_string() == "password");
    CHECK_FALSE(message_of(weak).empty());
    CHECK(nobody.post("/password", body_of({{"invite", code}, {"password", kPassword}})).status == 200);
}

TEST_CASE("who knows the old password sets a new one, which ends all sessions") {
    TestServer server;
    const Person ana = a_person(server, "ana");
    give_password(server, ana.id, kPassword);
    const TestSession session = sign_in(server, "ana", kPassword);
    TestClient nobody(server, "");
    const auto change = [&](const std::string& old) {
        return body_of({{"old_password", old}, {"password", "another horse battery"}});
    };
    const Answer wrong = nobody.post("/password", change("wrong"), session.headers(server));
    CHECK(wrong.status == 401);
    CHECK(message_of(wrong) == "the name or the password is wrong");
    CHECK(message_of(nobody.post("/password", change(kPassword))) ==
          "say whose password it is: the field user is missing");
    CHECK(nobody.post("/password", change(kPassword), session.headers(server)).status == 200);
    CHECK(nobody.get("/session", session.headers(server)).status == 401);
    CHECK_FALSE(sign_in(server, "ana", "another horse battery").cookie.empty());
    // Without a session, by name: what the command line does.
    CHECK(nobody.post("/password", body_of({{"user", "ana"},
                                            {"old_password", "another horse battery"},
                                            {"password", kPassword}}))
              .status == 200);
}

TEST_CASE("guessing at the old password is slowed down as guessing at a sign-in is") {
    TestServer server;
    const Person ana = a_person(server, "ana");
    give_password(server, ana.id, kPassword);
    TestClient nobody(server, "");
    const std::string guess = body_of({{"user", "ana"}, {"old_password", "guess"}, {"password", kPassword}});
    for (int i = 0; i < 5; ++i) CHECK(nobody.post("/password", guess).status == 401);
    CHECK(nobody.post("/password", guess).status == 429);
    CHECK(nobody.post("/session", body_of({{"user", "ana"}, {"password", kPassword}})).status == 429);
}

TEST_CASE("a token or a session alone changes no password; the data folder's token does, its own") {
    TestServer server;
    const Person ana = a_person(server, "ana");
    give_password(server, ana.id, kPassword);
    const std::string just_new = body_of({{"password", "another horse battery"}});
    const Answer by_token = TestClient(server, ana.token).post("/password", just_new);
    CHECK(by_token.status == 400);
    CHECK(message_of(by_token) == "send the old password, or the code of a link, as well");
    const TestSession session = sign_in(server, "ana", kPassword);
    CHECK(TestClient(server, "").post("/password", just_new, session.headers(server)).status == 400);
    TestClient local(server);
    CHECK(local.post("/password", just_new).json["user"].as_string() == "root");
    const Answer other = local.post("/password", body_of({{"user", "ana"}, {"password", "another horse battery"}}));
    CHECK(other.status == 403);
    CHECK(message_of(other) == "only the password of root can be set so; make a link for ana");
    CHECK_FALSE(sign_in(server, "root", "another horse battery").cookie.empty());
}
