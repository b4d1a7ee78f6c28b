#include <doctest/doctest.h>
#include <sys/stat.h>

#include "cli/fake_server.hpp"
#include "os/file.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;
using cli::testing::error_answer;
using cli::testing::json_answer;

namespace {

std::string who(const std::string& user, const std::string& via) {
    return R"({"user":")" + user + R"(","user_id":"U1","role":"data scientist","group":"research","via":")" + via +
           R"(","token":"cli@box","scopes":["read","run","write"],"csrf":null,"expires_at":"2026-06-01T12:00:00Z"})";
}

/// A server at which ana signs in with the password "right".
struct Box : CliBox {
    Box() {
        server.let_everybody_in();
        env.erase("PINTLE_TOKEN");
        server.on("POST", "/session", [](const net::Request& request) {
            if (request.body.find(R"("password":"right")") == std::string::npos)
                return error_answer(401, "unauthorized", "the name or the password is wrong");
            net::Response answer =
                json_answer(201, R"({"user":"ana","csrf":"C1","expires_at":"2026-03-08T12:00:00Z"})");
            answer.headers.add("Set-Cookie", "pintle_session=pse_1; Path=/; HttpOnly");
            return answer;
        });
        server.on("GET", "/session", who("ana", "token"));
        server.on("DELETE", "/session", R"({"user":"ana","tokens_revoked":1})");
        server.on("POST", "/tokens", [](const net::Request&) {
            return json_answer(201,
                               R"({"id":"T1","name":"cli@box","token":"ppt_new","expires_at":"2026-05-30T12:00:00Z"})");
        });
    }
    [[nodiscard]] std::string kept() const {
        return os::read_file(folder.path() + "/.config/pintle/credentials").value_or("");
    }
    [[nodiscard]] std::string url() const { return "http://" + server.address(); }
    void keep(const std::string& token) {
        REQUIRE(os::make_folders(folder.path() + "/.config/pintle").has_value());
        const std::string text = R"({")" + url() + R"(":{"user":"ana","token":")" + token + R"("}})";
        REQUIRE(os::write_file_atomic(folder.path() + "/.config/pintle/credentials", text, 0600, false).has_value());
    }
};

}  // namespace

TEST_CASE("login makes a token by a session that it ends, and later commands use the token") {
    Box box;
    box.input = {"right"};
    REQUIRE(box.run({"login", "--user", "ana"}) == 0);
    const std::string file = box.folder.path() + "/.config/pintle/credentials";
    CHECK(box.out == "Signed in at " + box.url() +
                         " as ana, data scientist in research.\nThe access token is kept in " + file +
                         " until 2026-05-30.\n");
    CHECK(box.err.empty());
    const net::Request made = box.server.last("POST", "/tokens");
    CHECK(made.body == R"({"name":"cli@box","scopes":["read","run","write"]})");
    CHECK(made.headers.get("Cookie") == "pintle_session=pse_1");
    CHECK(made.headers.get("X-CSRF-Token") == "C1");
    CHECK(made.headers.get("Origin") == box.url());
    CHECK(made.headers.find("Authorization") == nullptr);
    CHECK(box.server.last("DELETE", "/session").headers.get("Cookie") == "pintle_session=pse_1");
    CHECK(box.kept().find("\"ppt_new\"") != std::string::npos);
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK(box.run({"whoami"}) == 0);
    CHECK(box.out ==
          "ana, data scientist in research\nby the access token \"cli@box\" (read, run, write), until 2026-06-01\n");
    CHECK(box.server.last("GET", "/session").headers.get("Authorization") == "Bearer ppt_new");
    // What is said at the time counts more.
    box.env["PINTLE_TOKEN"] = "ppt_other";
    CHECK(box.run({"whoami", "-q"}) == 0);
    CHECK(box.out == "ana\n");
    CHECK(box.server.last("GET", "/session").headers.get("Authorization") == "Bearer ppt_other");
}

TEST_CASE("a wrong password keeps nothing") {
    Box box;
    box.input = {"wrong"};
    CHECK(box.run({"login", "--user", "ana"}) == 5);
    CHECK(box.err == "the name or the password is wrong\n");
    CHECK(box.kept().empty());
    CHECK(box.run({"login", "--user", "ana"}) == 2);
    CHECK(box.err == "expected a line on standard input: Password of ana\n");
    CHECK(box.run({"login"}) == 2);
    CHECK(box.err == "say who signs in: --user NAME\n");
}

TEST_CASE("signing in again replaces the token of this machine, not that of another account") {
    Box box;
    box.keep("ppt_old");
    int tries = 0;
    box.server.on("POST", "/tokens", [&](const net::Request&) {
        if (++tries == 1) return error_answer(409, "conflict", "ana has a token of that name");
        return json_answer(201, R"({"name":"cli@box 2","token":"ppt_new","expires_at":null})");
    });
    box.input = {"right"};
    REQUIRE(box.run({"login", "--user", "ana"}) == 0);
    bool revoked = false;
    for (const net::Request& request : box.server.requests())
        revoked = revoked || (request.method == "DELETE" && request.headers.get("Authorization") == "Bearer ppt_old");
    CHECK(revoked);
    CHECK(box.server.last("POST", "/tokens").body.find("cli@box 2") != std::string::npos);
    CHECK(box.kept().find("ppt_new") != std::string::npos);
    CHECK(box.kept().find("ppt_old") == std::string::npos);
}

TEST_CASE("the code of a link sets a password, asked for twice on a terminal") {
    Box box;
    box.server.on("POST", "/invite", R"({"user":"ana","expires_at":"2026-03-08T12:00:00Z"})");
    box.server.on("POST", "/password", R"({"user":"ana"})");
    box.use_terminal();
    box.input = {"right", "rihgt"};
    CHECK(box.run({"login", "--invite", "pin_1", "--no-color"}) == 2);
    CHECK(box.err.find("the two passwords differ; nothing was changed") != std::string::npos);
    CHECK(box.server.last("POST", "/password").method.empty());
    box.input = {"right", "right"};
    REQUIRE(box.run({"login", "--invite", "pin_1", "--no-color"}) == 0);
    CHECK(box.out.starts_with("Welcome, ana. Choose a password.\nSigned in at "));
    CHECK(box.err == "New password: \nThe same again: \n");
    CHECK(box.server.last("POST", "/password").body == R"({"invite":"pin_1","password":"right"})");
    CHECK(box.kept().find("ppt_new") != std::string::npos);
}

TEST_CASE("with a provider the token comes from a browser") {
    Box box;
    box.input = {"ppt_pasted"};
    box.server.on("GET", "/sign-in", R"({"password":true,"providers":[]})");
    CHECK(box.run({"login", "--provider", "github"}) == 3);
    CHECK(box.err == "this server has no identity provider \"github\"; it has none\n");
    box.server.on("GET", "/sign-in", R"({"password":true,"providers":[{"name":"keycloak","kind":"oidc"}]})");
    CHECK(box.run({"login", "--provider", "github"}) == 3);
    CHECK(box.err == "this server has no identity provider \"github\"; there are: keycloak\n");
    REQUIRE(box.run({"login", "--provider", "keycloak"}) == 0);
    CHECK(box.err == "Open " + box.url() +
                         "/account in a browser, sign in with keycloak, and make an access token there.\n");
    CHECK(box.kept().find("ppt_pasted") != std::string::npos);
    REQUIRE(box.run({"login", "--token", "ppt_given", "-q"}) == 0);
    CHECK(box.kept().find("ppt_given") != std::string::npos);
    box.server.on("GET", "/session", who("job digits/train:1", "job"));
    CHECK(box.run({"login", "--token", "pjt_1"}) == 2);
    CHECK(box.err == "this is the token of a job; only personal access tokens are kept\n");
}

TEST_CASE("logout revokes the kept token, also one that is gone already, and everywhere means everything") {
    Box box;
    CHECK(box.run({"logout"}) == 3);
    CHECK(box.err == "nobody is signed in at " + box.url() + " from here\n");
    box.keep("ppt_old");
    REQUIRE(box.run({"logout"}) == 0);
    CHECK(box.out == "ana is signed out of " + box.url() + " here.\n");
    CHECK(box.server.last("DELETE", "/session").headers.get("Authorization") == "Bearer ppt_old");
    CHECK(box.kept() == "{}\n");
    box.keep("ppt_gone");
    box.server.on("DELETE", "/session", [](const net::Request&) { return error_answer(401, "unauthorized", "gone"); });
    CHECK(box.run({"logout"}) == 0);
    box.keep("ppt_old");
    box.server.on("DELETE", "/sessions", R"({"user":"ana","tokens_revoked":3})");
    box.input = {"right"};
    REQUIRE(box.run({"logout", "--everywhere"}) == 0);
    CHECK(box.out == "ana is signed out of " + box.url() + " everywhere; no access token is left.\n");
    CHECK(box.server.last("DELETE", "/sessions").target == "/api/v1/sessions?tokens=true");
    CHECK(box.kept() == "{}\n");
}

TEST_CASE("tokens that others could read are not used") {
    Box box;
    box.keep("ppt_old");
    const std::string file = box.folder.path() + "/.config/pintle/credentials";
    REQUIRE(::chmod(file.c_str(), 0644) == 0);
    CHECK(box.run({"whoami"}) == 5);
    CHECK(box.err ==
          "others may read " + file + ", which has your access tokens; keep it to yourself: chmod 600 " + file + "\n");
    REQUIRE(os::write_file_atomic(file, "not json", 0600, false).has_value());
    CHECK(box.run({"whoami"}) == 1);
    CHECK(box.err == file + " does not read; remove it and sign in again with: pintle login\n");
}

TEST_CASE("making a token asks for the password unless it is the server's own machine") {
    Box box;
    box.env["PINTLE_TOKEN"] = "ppt_old";
    box.input = {"right"};
    REQUIRE(box.run({"token", "create", "nightly", "--scope", "run", "--expires", "30d"}) == 0);
    CHECK(box.out == "ppt_new\n");
    CHECK(box.err == "It is shown this once, and good until 2026-05-30. Programs take it from PINTLE_TOKEN.\n");
    CHECK(box.server.last("POST", "/tokens").body == R"({"name":"nightly","scopes":["run"],"expires":"30d"})");
    CHECK(box.server.last("POST", "/tokens").headers.get("Cookie") == "pintle_session=pse_1");
    box.server.on("GET", "/session", who("operator", "local token"));
    REQUIRE(box.run({"token", "create", "nightly", "-q"}) == 0);
    CHECK(box.out == "ppt_new\n");
    CHECK(box.server.last("POST", "/tokens").headers.get("Authorization") == "Bearer ppt_old");
    CHECK(box.run({"token", "create", "nightly", "--scope", "admin"}) == 2);
}

TEST_CASE("tokens are listed and revoked, by operators those of others too") {
    Box box;
    box.server.on("GET", "/session", who("operator", "local token"));
    const std::string list =
        R"({"items":[{"id":"T1","name":"ci","scopes":["read","run"],"created_at":"2026-03-01T11:57:00Z","expires_at":"2026-06-01T12:00:00Z","expired":false},
        {"id":"T2","name":"old","scopes":["read"],"created_at":"2026-02-01T12:00:00Z","expires_at":"2026-02-02T12:00:00Z","expired":true}],"next_cursor":null})";
    box.server.on("GET", "/tokens", list);
    box.server.on("GET", "/users/ana/tokens", list);
    REQUIRE(box.run({"token", "list"}) == 0);
    CHECK(box.out.find("ci     read, run  3 min ago  2026-06-01\n") != std::string::npos);
    CHECK(box.out.find("expired 2026-02-02\n") != std::string::npos);
    REQUIRE(box.run({"token", "list", "--user", "ana", "-q"}) == 0);
    CHECK(box.out == "ci\nold\n");
    box.server.on("DELETE", "/tokens/ci", R"({"revoked":"ci"})");
    box.server.on("DELETE", "/users/ana/tokens/ci", R"({"revoked":"ci"})");
    REQUIRE(box.run({"token", "revoke", "ci"}) == 0);
    CHECK(box.out == "revoked ci\n");
    CHECK(box.run({"token", "revoke", "ci", "--user", "ana", "-q"}) == 0);
}

TEST_CASE("a password is changed by the old one, on the server's own machine without") {
    Box box;
    box.env["PINTLE_TOKEN"] = "ppt_old";
    box.server.on("POST", "/password", R"({"user":"ana"})");
    box.input = {"old one", "new one"};
    REQUIRE(box.run({"password"}) == 0);
    CHECK(box.out == "ana has a new password. Browsers have to sign in again; access tokens go on.\n");
    CHECK(box.server.last("POST", "/password").body ==
          R"({"user":"ana","old_password":"old one","password":"new one"})");
    box.server.on("GET", "/session", who("operator", "local token"));
    box.input = {"new one"};
    REQUIRE(box.run({"password", "-q"}) == 0);
    CHECK(box.server.last("POST", "/password").body == R"({"password":"new one"})");
}
