#include <unistd.h>

#include <algorithm>
#include <thread>

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "os/file.hpp"
#include "source/git_fixture.hpp"
#include "source/git_source.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::source;

namespace {

struct Site {
    testing::TempFolder temp;
    GitSources git{temp.path() + "/cache", temp.path() + "/work", Duration(60'000)};
    std::vector<std::string> told;

    Result<GitCheckout> check_out(const std::string& job, const std::string& url, const std::string& revision = "") {
        return git.check_out(domain::JobId(job), "src", {url, revision}, "",
                             [this](std::string line) { told.push_back(std::move(line)); });
    }
    [[nodiscard]] int fetches() const {
        return static_cast<int>(std::count_if(told.begin(), told.end(),
                                              [](const std::string& line) { return line.starts_with("Fetching"); }));
    }
    [[nodiscard]] std::string only_mirror() const {
        const auto names = os::list_folder(temp.path() + "/cache/git").value();
        for (const std::string& name : names) {
            if (name.find('.') == std::string::npos) return temp.path() + "/cache/git/" + name;
        }
        return {};
    }
};

std::string in_clone(const GitCheckout& checkout, const std::string& arguments) {
    return shell("git -c safe.directory='*' -C " + shell_quote(checkout.folder + "/" + checkout.repository) + " " +
                 arguments);
}

std::string content_of(const GitCheckout& checkout, const std::string& path) {
    return os::read_file(fmt::format("{}/{}/{}", checkout.folder, checkout.repository, path)).value();
}

}  // namespace

TEST_CASE("without a revision the remote's HEAD is checked out as a local branch that follows the real repository") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const auto checkout = site.check_out("J1", repository.url()).value();
    CHECK(checkout.repository == "digits");
    CHECK(checkout.folder == site.temp.path() + "/work/J1/git/src");
    CHECK(checkout.commit == repository.head());
    CHECK(content_of(checkout, "README") == "one");
    CHECK(in_clone(checkout, "symbolic-ref HEAD") == "refs/heads/main");
    CHECK(in_clone(checkout, "rev-parse --abbrev-ref main@{upstream}") == "origin/main");
    CHECK(in_clone(checkout, "remote get-url origin") == repository.url());
    CHECK(in_clone(checkout, "config user.name") == "Pintle");
    CHECK(in_clone(checkout, "config user.email") == "pintle@localhost");
    CHECK(in_clone(checkout, "status --porcelain").empty());
    CHECK(site.told.back().find("of branch main") != std::string::npos);
}

TEST_CASE("a plain path, a bare repository and a file URL name the same content") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    shell("git clone -q --bare " + repository.folder() + " " + site.temp.path() + "/bare.git");
    CHECK(site.check_out("J1", repository.folder()).value().commit == repository.head());
    const auto bare = site.check_out("J2", site.temp.path() + "/bare.git").value();
    CHECK(bare.repository == "bare");
    CHECK(bare.commit == repository.head());
}

TEST_CASE("a revision is a branch, a light or annotated tag, a whole commit id or the beginning of one") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const std::string first = repository.head();
    repository.git("tag light");
    repository.git("tag -a -m x annotated");
    repository.git("checkout -q -b feature/new");
    const std::string second = repository.commit("README", "two");
    repository.git("checkout -q main");
    const std::string third = repository.commit("README", "three");
    struct Case {
        std::string revision, commit, branch;
    };
    const std::vector<Case> cases{{"main", third, "main"},
                                  {"feature/new", second, "feature/new"},
                                  {"light", first, ""},
                                  {"annotated", first, ""},
                                  {first, first, ""},
                                  {second.substr(0, 10), second, ""},
                                  {"refs/heads/main", third, ""},
                                  {"refs/tags/light", first, ""}};
    int job = 0;
    for (const Case& c : cases) {
        CAPTURE(c.revision);
        const auto checkout = site.check_out(fmt::format("J{}", ++job), repository.url(), c.revision).value();
        CHECK(checkout.commit == c.commit);
        CHECK(in_clone(checkout, "rev-parse HEAD") == c.commit);
        CHECK(in_clone(checkout, "branch --show-current") == c.branch);
    }
    CHECK(site.fetches() == 1);
}

TEST_CASE("a revision of the task goes before the source's own") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const std::string first = repository.head();
    repository.commit("README", "two");
    const auto checkout =
        site.git.check_out(domain::JobId("J1"), "src", {repository.url(), "main"}, first, [](std::string) {}).value();
    CHECK(checkout.commit == first);
}

TEST_CASE("the mirror is fetched again only when the wanted commit is not there yet") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const std::string first = repository.head();
    REQUIRE(site.check_out("J1", repository.url()).has_value());
    REQUIRE(site.check_out("J2", repository.url()).has_value());
    CHECK(site.fetches() == 1);
    const std::string second = repository.commit("README", "two");
    CHECK(site.check_out("J3", repository.url()).value().commit == second);
    CHECK(site.fetches() == 2);
    REQUIRE(os::remove_tree(repository.folder()).has_value());
    CHECK_MESSAGE(site.check_out("J4", repository.url(), first).value().commit == first,
                  "a whole commit id that is present asks nobody");
    CHECK(site.fetches() == 2);
}

TEST_CASE("a branch that was rewritten is followed") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const std::string first = repository.head();
    repository.commit("README", "two");
    REQUIRE(site.check_out("J1", repository.url(), "main").has_value());
    repository.git("reset -q --hard " + first);
    const auto back = site.check_out("J2", repository.url(), "main").value();
    CHECK(back.commit == first);
    CHECK(in_clone(back, "rev-parse origin/main") == first);
    const std::string other = repository.commit("README", "other");
    CHECK(site.check_out("J3", repository.url(), "main").value().commit == other);
}

TEST_CASE("a job prepared before keeps its commit and its files") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const auto before = site.check_out("J1", repository.url()).value();
    REQUIRE(os::write_file_atomic(before.folder + "/digits/result", "kept").has_value());
    repository.commit("README", "two");
    const auto after = site.check_out("J1", repository.url()).value();
    CHECK(after.commit == before.commit);
    CHECK(content_of(after, "result") == "kept");
    CHECK(content_of(after, "README") == "one");
}

TEST_CASE("an unknown revision is an error that names the branches there are") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    for (const std::string revision : {"mian", "deadbeef", "0123456789012345678901234567890123456789"}) {
        CAPTURE(revision);
        const Error error = site.check_out("J1", repository.url(), revision).error();
        CHECK(error.code == ErrorCode::kNotFound);
        CHECK(error.message.find("no branch, tag or commit \"" + revision + "\"; it has the branches main") !=
              std::string::npos);
    }
}

TEST_CASE("what git would take for an option, an expression or a program is refused before git sees it") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const std::string trap = site.temp.path() + "/trap";
    const std::vector<std::string> urls{"--upload-pack=touch " + trap,
                                        "--upload-pack=touch${IFS}" + trap,
                                        "ext::sh -c touch%20" + trap,
                                        "ext::sh%20-c%20" + trap,
                                        "-oProxyCommand=touch",
                                        "ssh://-oProxyCommand=x/repo",
                                        "git@-oProxyCommand=x:repo",
                                        "ssh://git@-oProxyCommand=x/repo",
                                        "fd::17/repo",
                                        "",
                                        "file://",
                                        "https://host",
                                        "https://name:secret@host",
                                        "../relative",
                                        std::string("/a\0b", 4),
                                        "/a b",
                                        "/a\nb"};
    for (const std::string& url : urls) {
        CAPTURE(url);
        const Error error = site.check_out("J1", url).error();
        CHECK(error.code == ErrorCode::kInvalid);
        CHECK(error.message.find("secret") == std::string::npos);
    }
    for (const std::string revision :
         {"--upload-pack=x", "main~1", "main^", ":/Change", "@{-1}", "a..b", "main:README", "a b", "/x", "*"}) {
        CAPTURE(revision);
        CHECK(site.check_out("J1", repository.url(), revision).error().code == ErrorCode::kInvalid);
    }
    CHECK_FALSE(os::exists(trap));
}

TEST_CASE("hooks, filters and settings of a repository do not run") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const std::string trap = site.temp.path() + "/trap";
    REQUIRE(os::write_file_atomic(repository.folder() + "/.git/hooks/post-checkout", "#!/bin/sh\ntouch " + trap + "\n",
                                  0755)
                .has_value());
    repository.git("config uploadpack.packObjectsHook 'touch " + trap + ";'");
    repository.commit(".gitattributes", "* filter=trap\n");
    repository.git("config filter.trap.smudge 'touch " + trap + "'");
    repository.commit(".gitmodules", "[submodule \"x\"]\n\tpath = x\n\turl = ext::sh -c 'touch " + trap + "'\n");
    const auto checkout = site.check_out("J1", repository.url()).value();
    CHECK(checkout.commit == repository.head());
    CHECK_FALSE(os::exists(trap));
}

TEST_CASE("a repository that is not there, or that nobody serves, is told in words") {
    Site site;
    const Error missing = site.check_out("J1", site.temp.path() + "/none").error();
    CHECK(missing.code == ErrorCode::kNotFound);
    CHECK(missing.message.find("there is no git repository at " + site.temp.path() + "/none") != std::string::npos);
    REQUIRE(os::make_folders(site.temp.path() + "/empty").has_value());
    CHECK(site.check_out("J1", "file://" + site.temp.path() + "/empty").error().code == ErrorCode::kNotFound);

    const std::string url = fmt::format("http://robot:s3cret@127.0.0.1:{}/team/repo.git", closed_port());
    const Error unreachable = site.check_out("J1", url).error();
    CHECK(unreachable.code == ErrorCode::kUnavailable);
    CHECK(unreachable.message.find("could not reach the git repository http://***@127.0.0.1") != std::string::npos);
    CHECK(unreachable.message.find("s3cret") == std::string::npos);
}

TEST_CASE("a file URL may name a repository that belongs to somebody else") {
    if (::geteuid() != 0) return;  // Only root can give files away.
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const std::string head = repository.head();
    shell("chown -R 65534:65534 " + repository.folder());
    CHECK(site.check_out("J1", repository.url()).value().commit == head);
    CHECK(site.check_out("J2", repository.folder()).value().commit == head);
}

TEST_CASE("a repository without commits says so") {
    Site site;
    shell("git init -q -b main " + site.temp.path() + "/fresh");
    const Error error = site.check_out("J1", site.temp.path() + "/fresh").error();
    CHECK(error.code == ErrorCode::kNotFound);
    CHECK(error.message.find("has no commits at its HEAD") != std::string::npos);
}

TEST_CASE("a repository is cloned over http, and a second job only looks whether it has changed") {
    Site site;
    const TestRepository repository(site.temp.path() + "/www/digits");
    repository.git("update-server-info");
    const FileServer server(site.temp.path() + "/www", FileServer::Manner::kServe);
    const std::string url = fmt::format("http://127.0.0.1:{}/digits/.git", server.port());
    const auto checkout = site.check_out("J1", url).value();
    CHECK(checkout.repository == "digits");
    CHECK(checkout.commit == repository.head());
    const std::size_t before = server.requests().size();
    REQUIRE(site.check_out("J2", url).has_value());
    const auto requests = server.requests();
    for (std::size_t i = before; i < requests.size(); ++i) {
        CHECK_MESSAGE(requests[i].find("objects/") == std::string::npos, requests[i]);
    }
    CHECK(site.fetches() == 1);
}

TEST_CASE("a server that asks for a user name gets none, and the error says how to name one") {
    Site site;
    const FileServer server(site.temp.path(), FileServer::Manner::kAskForUser);
    const Error error = site.check_out("J1", fmt::format("http://127.0.0.1:{}/private.git", server.port())).error();
    CHECK(error.code == ErrorCode::kDenied);
    CHECK(error.message.find("Name an account in the source that may read it") != std::string::npos);
}

TEST_CASE("a server that never answers is given up after the timeout, without its URL's secret in the error") {
    const testing::TempFolder temp;
    const FileServer server(temp.path(), FileServer::Manner::kSilent);
    const GitSources git(temp.path() + "/cache", temp.path() + "/work", Duration(1000));
    const std::string url = fmt::format("http://robot:s3cret@127.0.0.1:{}/slow.git", server.port());
    const Error error = git.check_out(domain::JobId("J1"), "src", {url, ""}, "", [](std::string) {}).error();
    CHECK(error.code == ErrorCode::kTimeout);
    CHECK(error.message.find("s3cret") == std::string::npos);
    CHECK(error.message.find("did not answer") != std::string::npos);
}

TEST_CASE("several threads that need one repository at once share one fetch") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    Synchronized<std::vector<std::string>> told, commits;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            // Two of them are the same job.
            const auto checkout = site.git.check_out(
                domain::JobId(fmt::format("J{}", i / 2)), "src", {repository.url(), "main"}, "",
                [&](std::string line) { told.with([&](auto& lines) { lines.push_back(std::move(line)); }); });
            commits.with([&](auto& list) { list.push_back(checkout ? checkout->commit : checkout.error().message); });
        });
    }
    for (std::thread& thread : threads) thread.join();
    commits.with([&](const auto& list) { CHECK(list == std::vector<std::string>(4, repository.head())); });
    told.with([](const auto& lines) {
        CHECK(std::count_if(lines.begin(), lines.end(),
                            [](const auto& line) { return line.starts_with("Fetching"); }) == 1);
    });
}

TEST_CASE("what a crash left half made is made again") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const std::string head = repository.head();
    const auto checkout = site.check_out("J1", repository.url()).value();
    const std::string mirror = site.only_mirror();

    SUBCASE("a checkout without its marker") {
        REQUIRE(os::remove_tree(checkout.folder + ".ready").has_value());
        REQUIRE(os::remove_tree(checkout.folder + "/digits/README").has_value());
        CHECK(content_of(site.check_out("J1", repository.url()).value(), "README") == "one");
    }
    SUBCASE("a marker whose checkout is gone") {
        REQUIRE(os::remove_tree(checkout.folder).has_value());
        CHECK(content_of(site.check_out("J1", repository.url()).value(), "README") == "one");
    }
    SUBCASE("a mirror that was being made") {
        shell("mv " + mirror + " " + mirror + ".new");
        CHECK(site.check_out("J2", repository.url()).value().commit == head);
    }
    SUBCASE("a mirror without its objects") {
        REQUIRE(os::remove_tree(mirror + "/objects").has_value());
        CHECK(site.check_out("J2", repository.url()).value().commit == head);
    }
    SUBCASE("a mirror whose packs are torn") {
        shell("find " + mirror + "/objects -type f | while read f; do chmod u+w $f; : > $f; done");
        CHECK(content_of(site.check_out("J2", repository.url()).value(), "README") == "one");
    }
    SUBCASE("lock files of a git that was killed") {
        const std::string second = repository.commit("README", "two");
        REQUIRE(os::make_folders(mirror + "/refs/heads").has_value());
        REQUIRE(os::write_file_atomic(mirror + "/refs/heads/main.lock", "").has_value());
        REQUIRE(os::write_file_atomic(mirror + "/packed-refs.lock", "").has_value());
        CHECK(site.check_out("J2", repository.url()).value().commit == second);
    }
}

TEST_CASE("a job that spoils its clone does not spoil the next job's") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const auto checkout = site.check_out("J1", repository.url()).value();
    shell("find " + checkout.folder +
          "/digits/.git/objects -type f | while read f; do chmod u+w $f; echo spoilt > $f; done");
    const auto next = site.check_out("J2", repository.url()).value();
    CHECK(in_clone(next, "fsck --strict").find("error") == std::string::npos);
    CHECK(site.fetches() == 1);
}

TEST_CASE("sub paths count from the folder that contains the clone") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const auto checkout = site.check_out("J1", repository.url()).value();
    struct Case {
        std::string sub_path, folder, warning;
    };
    const std::vector<Case> fine{{"", "", ""},
                                 {"/", "", ""},
                                 {"digits", "/digits", ""},
                                 {"digits/", "/digits", ""},
                                 {"/digits/src", "/digits/src", ""},
                                 {"digits//./src", "/digits/src", ""}};
    for (const Case& c : fine) {
        CAPTURE(c.sub_path);
        site.told.clear();
        CHECK(folder_in(checkout, c.sub_path, [&](std::string line) {
                  site.told.push_back(std::move(line));
              }).value() == checkout.folder + c.folder);
        CHECK(site.told.empty());
    }
    struct Fault {
        std::string sub_path;
        ErrorCode code;
        std::string words;
    };
    const std::vector<Fault> faults{{"src", ErrorCode::kNotFound, "sub paths begin with the repository's name, digits"},
                                    {"digits/source", ErrorCode::kNotFound, "digits has README, src"},
                                    {"digits/src/deep/er", ErrorCode::kNotFound, "digits/src has train.py"},
                                    {"digits/README", ErrorCode::kInvalid, "is not a folder"},
                                    {"digits/../..", ErrorCode::kInvalid, "must not contain \"..\""},
                                    {std::string("digits\0", 7), ErrorCode::kInvalid, "NUL"}};
    for (const Fault& fault : faults) {
        CAPTURE(fault.sub_path);
        site.told.clear();
        const Error error = folder_in(checkout, fault.sub_path, [&](std::string line) {
                                site.told.push_back(std::move(line));
                            }).error();
        CHECK(error.code == fault.code);
        CHECK_MESSAGE(error.message.find(fault.words) != std::string::npos, error.message);
        CHECK(site.told.size() == (fault.sub_path == "src" ? 1 : 0));
    }
}

TEST_CASE("a link in a repository does not let a job mount the server's own files") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    shell("ln -s /etc " + repository.folder() + "/out; ln -s ../../../.. " + repository.folder() + "/up; ln -s src " +
          repository.folder() + "/in");
    repository.commit("README", "links");
    const auto checkout = site.check_out("J1", repository.url()).value();
    CHECK(folder_in(checkout, "digits/out", [](std::string) {}).error().code == ErrorCode::kDenied);
    CHECK(folder_in(checkout, "digits/up", [](std::string) {}).error().code == ErrorCode::kDenied);
    CHECK(folder_in(checkout, "digits/in", [](std::string) {}).value() == checkout.folder + "/digits/src");
}

TEST_CASE("secrets in URLs are masked wherever they stand in a text") {
    CHECK(mask_secrets("fatal: https://a:b@c/d, https://token@e and http://x:p@ss@y/z") ==
          "fatal: https://***@c/d, https://***@e and http://***@y/z");
    CHECK(mask_secrets("ssh://git@host/repo git@host:repo https://host/a@b") ==
          "ssh://git@host/repo git@host:repo https://host/a@b");
    CHECK(mask_secrets("ssh://git:pw@host/repo") == "ssh://***@host/repo");
    CHECK(mask_secrets("://") == "://");
}

TEST_CASE("what a killed git left half fetched is removed, and its locks do not cost the mirror") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    REQUIRE(site.check_out("J1", repository.url()).has_value());
    const std::string mirror = site.only_mirror();
    const std::string half = mirror + "/objects/pack/tmp_pack_Xy12Zt", lock = mirror + "/packed-refs.lock";
    for (const std::string& path : {half, lock, mirror + "/refs/heads/main.lock", mirror + "/the-same"})
        REQUIRE(os::write_file_atomic(path, "x").has_value());
    repository.commit("README", "two");
    CHECK(content_of(site.check_out("J2", repository.url()).value(), "README") == "two");
    CHECK_FALSE(os::exists(half));
    CHECK_FALSE(os::exists(lock));
    CHECK(os::exists(mirror + "/the-same"));
}

TEST_CASE("who need not wait is told that the repository is in use, and others end with their job") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const Git git(site.temp.path() + "/cache/git-home", Duration(60'000));
    const auto held = GitMirror::open(git, site.temp.path() + "/cache", repository.url());
    REQUIRE(held.has_value());
    const auto code_within = [&](const Limits& limits) {
        return site.git
            .check_out(domain::JobId("J1"), "src", {repository.url(), ""}, "", [](const std::string&) {}, {}, limits)
            .error()
            .code;
    };
    const std::atomic<bool> unwanted{true};
    CHECK(code_within({nullptr, {}, Duration(0)}) == ErrorCode::kConflict);
    CHECK(code_within({nullptr, std::chrono::steady_clock::now(), {}}) == ErrorCode::kTimeout);
    CHECK(code_within({&unwanted, {}, {}}) == ErrorCode::kCancelled);
}

TEST_CASE("a clone has all objects itself, and shares none with the mirror") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const auto checkout = site.check_out("J1", repository.url()).value();
    const std::string objects = checkout.folder + "/digits/.git/objects";
    CHECK_FALSE(os::exists(objects + "/info/alternates"));
    CHECK(shell("find " + shell_quote(objects) + " -type f -links +1") == "");
    REQUIRE(os::remove_tree(site.only_mirror()).has_value());
    CHECK(in_clone(checkout, "fsck --full 2>&1") == "");
}
