#include <algorithm>

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "os/file.hpp"
#include "source/git_fixture.hpp"
#include "source/git_source.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::source;

namespace {

/// A private repository behind a server, and jobs that want it.
struct Site {
    testing::TempFolder temp;
    TestRepository repository{temp.path() + "/www/digits"};
    FileServer server{temp.path() + "/www", FileServer::Manner::kPrivate};
    GitSources git{temp.path() + "/cache", temp.path() + "/work", Duration(60'000)};
    std::string url = fmt::format("http://127.0.0.1:{}/digits/.git", server.port());
    std::vector<std::string> told;
    int opened = 0;

    Site() { publish(); }
    void publish() const { repository.git("update-server-info"); }

    domain::OpenAccount an_account(const std::string& id, const std::string& secret) const {
        return {domain::AccountId(id), "work", domain::AccountKind::kGitToken, "", "robot", "", secret};
    }
    Result<GitCheckout> check_out(const std::string& job, const domain::OpenAccount& account,
                                  const std::string& revision = "", bool pushes = false) {
        GitLogin login;
        login.account = [this, account]() -> Result<domain::OpenAccount> {
            ++opened;
            return account;
        };
        login.pushes = pushes;
        return git.check_out(
            domain::JobId(job), "src", {url, revision, "work"}, "",
            [this](std::string line) { told.push_back(std::move(line)); }, login);
    }
    // Files below the folder that hold the text, as grep finds them.
    [[nodiscard]] std::string files_with(const std::string& text) const {
        return shell("grep -rl " + shell_quote(text) + " " + temp.path() + "/cache " + temp.path() +
                     "/work 2>/dev/null || true");
    }
};

}  // namespace

TEST_CASE("a private repository is read with an account, whose token stays nowhere") {
    Site site;
    const auto checkout = site.check_out("J1", site.an_account("A1", "s3cret"));
    REQUIRE_MESSAGE(checkout.has_value(), checkout.error().message);
    CHECK(checkout->commit == site.repository.head());
    CHECK(os::read_file(checkout->folder + "/digits/README").has_value() ==
          os::exists(checkout->folder + "/digits/README"));
    CHECK(site.server.credentials_seen() > 0);
    CHECK(site.files_with("s3cret") == "");
    CHECK(site.files_with("cm9ib3Q6czNjcmV0") == "");
    CHECK(join(site.told, "\n").find("s3cret") == std::string::npos);
    CHECK(join(site.told, "\n").find("the account work is sent to http://127.0.0.1") != std::string::npos);
}

TEST_CASE("without an account, and with a wrong token, the error says what to do") {
    Site site;
    const Error nobody =
        site.git.check_out(domain::JobId("J1"), "src", {site.url, "", ""}, "", [](std::string) {}).error();
    CHECK(nobody.code == ErrorCode::kDenied);
    CHECK(nobody.message.find("Name an account in the source that may read it; pintle account create makes one") !=
          std::string::npos);
    const Error wrong = site.check_out("J2", site.an_account("A1", "wr0ng")).error();
    CHECK(wrong.code == ErrorCode::kDenied);
    CHECK(wrong.message.find("does not let the account work in: its token is wrong, has expired, or has no right") !=
          std::string::npos);
    CHECK(wrong.message.find("wr0ng") == std::string::npos);
    site.url += "/nothing";
    const Error nothing = site.check_out("J3", site.an_account("A1", "s3cret")).error();
    CHECK(nothing.code == ErrorCode::kNotFound);
    CHECK(nothing.message.find("or the account work may not see it") != std::string::npos);
}

TEST_CASE("nobody reads a private repository in the mirror of somebody else's account") {
    Site site;
    const std::string commit = site.check_out("J1", site.an_account("A1", "s3cret")).value().commit;
    CHECK(site.check_out("J2", site.an_account("A2", "wr0ng"), commit).error().code == ErrorCode::kDenied);
    CHECK(site.git.check_out(domain::JobId("J3"), "src", {site.url, commit, ""}, "", [](std::string) {}).error().code ==
          ErrorCode::kDenied);
}

TEST_CASE("the hundredth job of a day clones nothing") {
    Site site;
    const std::string commit = site.check_out("J1", site.an_account("A1", "s3cret")).value().commit;
    const std::size_t before = site.server.requests().size();
    for (int i = 2; i <= 5; ++i)
        REQUIRE(site.check_out(fmt::format("J{}", i), site.an_account("A1", "s3cret"), "main").has_value());
    const auto looked = site.server.requests();
    for (std::size_t i = before; i < looked.size(); ++i)
        CHECK_MESSAGE(looked[i].find("objects/") == std::string::npos, looked[i]);
    // Of a commit that is there nobody is asked at all.
    for (int i = 6; i <= 9; ++i)
        REQUIRE(site.check_out(fmt::format("J{}", i), site.an_account("A1", "s3cret"), commit).has_value());
    CHECK(site.server.requests().size() == looked.size());
}

TEST_CASE("a job that was prepared before needs its account no more") {
    Site site;
    REQUIRE(site.check_out("J1", site.an_account("A1", "s3cret")).has_value());
    const int opened = site.opened;
    REQUIRE(site.check_out("J1", site.an_account("A1", "wr0ng")).has_value());
    CHECK(site.opened == opened);
}

TEST_CASE("a token is not sent on to another server") {
    Site site;
    const FileServer elsewhere(fmt::format("http://127.0.0.1:{}", site.server.port()), FileServer::Manner::kElsewhere);
    site.url = fmt::format("http://127.0.0.1:{}/digits/.git", elsewhere.port());
    CHECK_FALSE(site.check_out("J1", site.an_account("A1", "s3cret")).has_value());
    CHECK(site.server.credentials_seen() == 0);
}

TEST_CASE("where hosts are asked for, git goes to the address that was given and is not sent on") {
    Site site;
    std::vector<std::string> asked;
    const std::string home = site.temp.path() + "/asking";
    const Git git = Git(home, Duration(60'000)).asking([&](const std::string& host) -> Result<std::string> {
        asked.push_back(host);
        if (host == "inside.example") return fail(ErrorCode::kDenied, "it is at a private address");
        return "127.0.0.1";
    });
    const auto look = [&](const std::string& host, int port) {
        const std::string url = fmt::format("http://{}:{}/digits/.git", host, port);
        return git.remote({"ls-remote", "--", url, "HEAD"}, url);
    };
    const FileServer open(site.temp.path() + "/www", FileServer::Manner::kServe);
    const auto found = look("git.example", open.port());
    REQUIRE_MESSAGE(found.has_value(), found.error().message);
    CHECK(found->find("HEAD") != std::string::npos);
    CHECK(asked == std::vector<std::string>{"git.example"});
    const FileServer elsewhere(fmt::format("http://127.0.0.1:{}", open.port()), FileServer::Manner::kElsewhere);
    const std::size_t before = open.requests().size();
    const auto sent_on = look("git.example", elsewhere.port());
    CHECK(sent_on.error().code == ErrorCode::kDenied);
    CHECK(sent_on.error().message.find("sends git on to another address, which is not followed") != std::string::npos);
    CHECK(open.requests().size() == before);
    CHECK(look("inside.example", open.port()).error().message == "it is at a private address");
    CHECK(git.check_reachable("ssh://git@inside.example/r").error().code == ErrorCode::kDenied);
    CHECK(git.check_reachable("file:///srv/r").has_value());
    CHECK(open.requests().size() == before);
}

TEST_CASE("only a job that writes gets what it takes to push, in files of its own clone that only we can read") {
    Site site;
    const auto reading = site.check_out("J1", site.an_account("A1", "s3cret")).value();
    CHECK_FALSE(os::exists(reading.folder + "/digits/.git/pintle"));
    // The last part of the URL, without ".git", is the clone's name.
    const auto writing = site.check_out("J2", site.an_account("A1", "s3cret"), "", true).value();
    const std::string clone = writing.folder + "/" + writing.repository;
    CHECK(site.files_with("s3cret") == clone + "/.git/pintle/credential");
    CHECK(shell("stat -c %a " + clone + "/.git/pintle/credential") == "600");
    CHECK(shell("git -c safe.directory='*' -C " + clone + " remote get-url origin") == site.url);
    // As a program in it would ask for them; with the token of this clone, git reads the repository.
    CHECK(shell("cd " + clone + "; git -c safe.directory='*' ls-remote origin HEAD").starts_with(writing.commit));
    CHECK(shell("cd " + clone +
                "/src; printf 'protocol=http\\nhost=evil.example\\n\\n' | GIT_TERMINAL_PROMPT=0 git -c "
                "safe.directory='*' credential fill 2>&1 || true")
              .find("s3cret") == std::string::npos);
    CHECK(shell("git -c safe.directory='*' -C " + clone + " status --porcelain").empty());
}
