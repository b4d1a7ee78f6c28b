#include <doctest/doctest.h>

#include "cli/fake_server.hpp"

using namespace pintle;
using namespace pintle::cli;
using cli::testing::CliBox;
using cli::testing::error_answer;

namespace {

const std::string kGithub =
    R"({"id":"A1","name":"github","kind":"git_token","owner":{"id":"U1","name":"ana"},"group":null,"server":"github.com",
    "user":"git","fingerprint":null,"known_hosts":null,"fault":null,"may_edit":true,"created_at":"2026-03-01T11:57:00Z",
    "updated_at":"2026-03-01T11:57:00Z"})";
const std::string kDeploy =
    R"({"id":"A2","name":"deploy","kind":"git_key","owner":{"id":"U1","name":"ana"},"group":{"id":"G1","name":"research"},
    "server":null,"user":null,"fingerprint":"SHA256:abc","known_hosts":"h t k","fault":"the account deploy cannot be opened",
    "may_edit":true,"created_at":"2026-03-01T11:57:00Z","updated_at":"2026-03-01T11:57:00Z"})";

std::string list(const std::string& items) { return R"({"items":[)" + items + R"(],"next_cursor":null})"; }

}  // namespace

TEST_CASE("accounts are listed and shown with everything but their secrets") {
    CliBox box;
    box.server.on("GET", "/accounts", list(kGithub + "," + kDeploy));
    CHECK(box.run({"account", "list"}) == 0);
    CHECK(box.out ==
          "account  kind       server      user  for                 changed\n"
          "github   git_token  github.com  git   ana                 3 min ago\n"
          "deploy   git_key                      the group research  3 min ago  cannot be opened\n");
    CHECK(box.run({"account", "list", "-q"}) == 0);
    CHECK(box.out == "github\ndeploy\n");
    box.server.on("GET", "/accounts/deploy", kDeploy);
    CHECK(box.run({"account", "show", "deploy"}) == 0);
    CHECK(box.out == "deploy   git_key\n  of ana, for the group research\n  key SHA256:abc\n  known hosts are given\n"
                     "  the account deploy cannot be opened\n");
    box.server.on("GET", "/accounts", list(""));
    CHECK(box.run({"account", "list", "--show", "owned"}) == 0);
    CHECK(box.out.find("no accounts; pintle account create") == 0);
    CHECK(*box.server.last("GET", "/accounts").query.find("show") == "owned");
}

TEST_CASE("a secret comes from a file, standard input or a prompt, and never from an argument") {
    CliBox box;
    box.server.on("POST", "/accounts", kGithub);
    const auto sent = [&] { return box.server.last("POST", "/accounts").body; };
    SUBCASE("a file") {
        const std::string file = box.file("token", "s3cret\n");
        CHECK(box.run({"account", "create", "github", "--kind", "git_token", "--server", "github.com", "--secret-file",
                       file}) == 0);
        CHECK(sent().find(R"("secret":"s3cret\n")") != std::string::npos);
        CHECK(sent().find(R"("server":"github.com")") != std::string::npos);
    }
    SUBCASE("standard input") {
        box.input = {"s3cret"};
        CHECK(box.run({"account", "create", "github", "--kind", "git_token", "--shared", "--secret-file", "-"}) == 0);
        CHECK(sent().find(R"("secret":"s3cret\n")") != std::string::npos);
        CHECK(sent().find(R"("shared":true)") != std::string::npos);
    }
    SUBCASE("a prompt") {
        box.use_terminal();
        box.deps.in_is_terminal = true;
        box.deps.read_secret = [] { return std::optional<std::string>("s3cret"); };
        CHECK(box.run({"account", "create", "github", "--kind", "git_token"}) == 0);
        CHECK(box.err.find("Token: ") != std::string::npos);
        CHECK(sent().find(R"("secret":"s3cret")") != std::string::npos);
        CHECK(box.run({"account", "create", "deploy", "--kind", "git_key"}) == 2);
        CHECK(box.err.find("--secret-file") != std::string::npos);
    }
    SUBCASE("nothing") {
        CHECK(box.run({"account", "create", "github", "--kind", "git_token"}) == 2);
        CHECK(box.err.find("expected the token on standard input") != std::string::npos);
    }
    SUBCASE("an argument") {
        CHECK(box.run({"account", "create", "github", "--kind", "git_token", "--secret", "s3cret"}) == 2);
    }
    CHECK(box.out.find("s3cret") == std::string::npos);
}

TEST_CASE("an account is changed, given a new secret and deleted") {
    CliBox box;
    box.server.on("GET", "/accounts/github", kGithub);
    box.server.on("PATCH", "/accounts/github", kGithub);
    box.server.on("DELETE", "/accounts/github", R"({"deleted":"github"})");
    box.input = {"0ther"};
    CHECK(box.run({"account", "update", "github"}) == 0);
    CHECK(box.server.last("PATCH", "/accounts/github").body == R"({"secret":"0ther\n"})");
    CHECK(box.run({"account", "update", "github", "--name", "hub", "--force"}) == 0);
    CHECK(box.server.last("PATCH", "/accounts/github").body == R"({"name":"hub","force":true})");
    CHECK(box.run({"account", "delete", "github"}) == 2);
    CHECK(box.run({"account", "delete", "github", "--yes", "--force"}) == 0);
    CHECK(*box.server.last("DELETE", "/accounts/github").query.find("force") == "true");
    CHECK(box.out.find("deleted the account github") != std::string::npos);
}
