#include "source/git_files.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <thread>

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "os/file.hpp"
#include "source/git_fixture.hpp"
#include "source/git_mirror.hpp"
#include "testing/temp_folder.hpp"

namespace pintle::source {
namespace {

struct Site {
    testing::TempFolder temp;
    FileSenders senders{4};
    GitViews views{options()};

    GitViewsOptions options() const {
        GitViewsOptions given;
        given.cache_folder = temp.path() + "/cache";
        given.access_folder = temp.path() + "/access";
        given.fresh = Duration(0);
        return given;
    }
    GitFiles files(const std::string& url, const std::string& sub_path = "", const std::string& revision = "",
                   Duration answer = std::chrono::seconds(30)) {
        return {views, {{url, revision}, {}, "U1"}, {sub_path, answer}, senders};
    }
};

std::string all_of(const OpenFile& file) {
    std::string text;
    char buffer[5000];
    for (pollfd ready{file.fd.get(), POLLIN, 0}; ::poll(&ready, 1, 30'000) > 0;) {
        const ssize_t got = ::read(file.fd.get(), buffer, sizeof buffer);
        if (got <= 0) break;
        text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
}

std::vector<std::string> names_of(const FileListing& listing) {
    std::vector<std::string> names;
    for (const FileEntry& entry : listing.entries) names.push_back(entry.name);
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a repository is seen as a job finds it: in a folder of its name, at a commit and with its time") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const FileListing top = site.files(repository.url()).list("", "", 10).value();
    REQUIRE(top.entries.size() == 1);
    CHECK(top.entries[0].name == "digits");
    CHECK(top.entries[0].kind == FileEntry::Kind::kFolder);
    CHECK(top.commit == repository.head());
    const FileListing inside = site.files(repository.url()).list("digits", "", 10).value();
    REQUIRE(names_of(inside) == Names{"README", "src"});
    CHECK(inside.entries[0].kind == FileEntry::Kind::kFile);
    CHECK(inside.entries[0].size_bytes == 3);
    CHECK(inside.entries[0].tag == repository.git("rev-parse HEAD:README"));
    CHECK(to_ms(inside.entries[0].modified_at) / 1000 == parse_int(repository.git("log -1 --format=%ct")));
    CHECK(inside.entries[1].kind == FileEntry::Kind::kFolder);
    CHECK(inside.commit == repository.head());
    const OpenFile file = site.files(repository.url()).open("digits/src/train.py", 0).value();
    CHECK(file.size_bytes == 13);
    CHECK(all_of(file) == "print('one')\n");
    CHECK(all_of(site.files(repository.url()).open("digits/src/train.py", 6).value()) == "'one')\n");
    CHECK(all_of(site.files(repository.url()).open("digits/src/train.py", 99).value()).empty());
}

TEST_CASE("a sub path is what a job would mount: the repository itself, or a folder of it") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    CHECK(names_of(site.files(repository.url(), "digits").list("", "", 10).value()) == Names{"README", "src"});
    CHECK(names_of(site.files(repository.url(), "digits/src").list("", "", 10).value()) == Names{"train.py"});
    CHECK(all_of(site.files(repository.url(), "digits/src").open("train.py", 0).value()) == "print('one')\n");
    for (const char* wrong : {"src", "digits/none", "digits/README"}) {
        CAPTURE(wrong);
        const auto refused = site.files(repository.url(), wrong).list("", "", 10);
        CHECK(refused.error().code == ErrorCode::kNotFound);
        const std::string words = fmt::format("the source's sub path \"{}\" is no folder at commit {} of file://", wrong,
                                              repository.head().substr(0, 12));
        CHECK(refused.error().message.find(words) == 0);
    }
    CHECK(site.files(repository.url()).list("src", "", 10).error().message ==
          "there is no \"src\": the source has only the folder \"digits\", its repository");
}

TEST_CASE("the revision decides, and what is pushed is seen by who looks next") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const std::string first = repository.head();
    repository.git("tag one");
    const GitFiles earlier = site.files(repository.url(), "digits");
    CHECK(earlier.list("", "", 10).value().commit == first);
    const std::string second = repository.commit("README", "two!");
    CHECK(site.files(repository.url(), "digits").list("", "", 10).value().commit == second);
    CHECK(all_of(site.files(repository.url(), "digits", "main").open("README", 0).value()) == "two!");
    CHECK(all_of(site.files(repository.url(), "digits", "one").open("README", 0).value()) == "one");
    CHECK(all_of(site.files(repository.url(), "digits", first.substr(0, 10)).open("README", 0).value()) == "one");
    // Who has begun to look stays where that was.
    CHECK(all_of(earlier.open("README", 0).value()) == "one");
    const auto gone = site.files(repository.url(), "digits", "none").list("", "", 10);
    CHECK(gone.error().code == ErrorCode::kNotFound);
    CHECK(gone.error().message.find("has no branch, tag or commit \"none\"; it has the branches main") !=
          std::string::npos);
}

TEST_CASE("a remote's answer is believed for a while") {
    Site site;
    GitViewsOptions given = site.options();
    given.fresh = std::chrono::hours(1);
    GitViews views(given);
    const TestRepository repository(site.temp.path() + "/digits");
    const std::string first = repository.head();
    const GitViews::Wish wish{{repository.url(), ""}, {}, "U1"};
    const auto until = [] { return std::chrono::steady_clock::now() + std::chrono::seconds(30); };
    CHECK(views.look(wish, until()).value().commit == first);
    repository.commit("README", "two");
    CHECK(views.look(wish, until()).value().commit == first);
    // Of another revision it is another question.
    CHECK(views.look({{repository.url(), "main"}, {}, "U1"}, until()).value().commit == repository.head());
}

TEST_CASE("names may be any bytes, and pages go by their order") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const Names names{"-x", ":(top)a", "a b", "a.b", "a/b", "a\nb", "a\xff", "a\tb"};
    for (const std::string& name : names) {
        shell("mkdir -p " + shell_quote(repository.folder() + "/odd/a"));
        REQUIRE(os::write_file_atomic(repository.folder() + "/odd/" + name, name).has_value());
    }
    repository.git("add -A");
    repository.git("commit -q -m odd");
    const GitFiles files = site.files(repository.url(), "digits");
    const Names expected{"-x", ":(top)a", "a", "a\tb", "a\nb", "a b", "a.b", "a\xff"};
    CHECK(names_of(files.list("odd", "", 100).value()) == expected);
    Names paged;
    std::string after;
    do {
        const FileListing page = files.list("odd", after, 3).value();
        CHECK(page.entries.size() <= 3);
        for (const FileEntry& entry : page.entries) paged.push_back(entry.name);
        after = page.next;
    } while (!after.empty());
    CHECK(paged == expected);
    for (const std::string& name : names) {
        CAPTURE(name);
        CHECK(all_of(files.open("odd/" + name, 0).value()) == name);
    }
}

TEST_CASE("links are shown, followed within the source, and not out of it; submodules are no files") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    shell("cd " + shell_quote(repository.folder()) +
          " && ln -s train.py src/near && ln -s ../README src/up && ln -s /etc/passwd src/far && ln -s none src/gone "
          "&& ln -s loop src/loop && ln -s src folder && ln -s ../../secret src/out");
    repository.git("update-index --add --cacheinfo 160000," + repository.head() + ",module");
    repository.git("add src folder");
    repository.git("commit -q -m links");
    const GitFiles whole = site.files(repository.url(), "digits");
    const FileListing top = whole.list("", "", 10).value();
    REQUIRE(names_of(top) == Names{"README", "folder", "module", "src"});
    CHECK(top.entries[1].kind == FileEntry::Kind::kLink);
    CHECK(top.entries[2].kind == FileEntry::Kind::kOther);
    CHECK(top.entries[2].size_bytes == 0);
    CHECK(all_of(whole.open("folder/near", 0).value()) == "print('one')\n");
    CHECK(whole.list("folder", "", 10).value().entries.size() == 7);
    CHECK(all_of(whole.open("src/up", 0).value()) == "one");
    CHECK(whole.open("src/far", 0).error().code == ErrorCode::kDenied);
    CHECK(whole.open("src/out", 0).error().code == ErrorCode::kDenied);
    CHECK(whole.open("src/gone", 0).error().code == ErrorCode::kNotFound);
    CHECK(whole.open("src/loop", 0).error().code == ErrorCode::kNotFound);
    CHECK(whole.open("module", 0).error().message.find("is a submodule") != std::string::npos);
    CHECK(whole.list("module", "", 10).error().code == ErrorCode::kInvalid);
    CHECK(whole.list("module/x", "", 10).error().code == ErrorCode::kNotFound);
    // Out of the sub path is out of the source.
    const GitFiles part = site.files(repository.url(), "digits/src");
    CHECK(part.open("up", 0).error().code == ErrorCode::kDenied);
    CHECK(all_of(part.open("near", 0).value()) == "print('one')\n");
    CHECK(all_of(site.files(repository.url(), "digits/folder").open("train.py", 0).value()) == "print('one')\n");
}

TEST_CASE("a path that leaves the source is refused, and one that is not there is told so") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const GitFiles files = site.files(repository.url(), "digits/src");
    for (const std::string& path : {std::string("../README"), std::string("a/../../README"), std::string("/etc/passwd"),
                                    std::string("a\0b", 3), std::string("..")}) {
        CHECK(files.list(path, "", 10).error().code == ErrorCode::kInvalid);
        CHECK(files.open(path, 0).error().code == ErrorCode::kInvalid);
    }
    CHECK(files.open("", 0).error().code == ErrorCode::kInvalid);
    CHECK(files.open("none", 0).error().code == ErrorCode::kNotFound);
    CHECK(files.open("train.py/x", 0).error().code == ErrorCode::kNotFound);
    CHECK(files.list("none/at/all", "", 10).error().code == ErrorCode::kNotFound);
    CHECK(files.list("train.py", "", 10).error().message == "\"train.py\" is not a folder");
    CHECK(site.files(repository.url()).open("digits", 0).error().code == ErrorCode::kInvalid);
}

TEST_CASE("nothing is written into a repository from here") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    const GitFiles files = site.files(repository.url());
    for (const Error& error : {files.check_place("a").error(), files.staging_folder().error(),
                               files.take("a", "/none", nullptr).error(), files.remove("digits").error()}) {
        CHECK(error.code == ErrorCode::kDenied);
        CHECK(error.message.find("files of a git repository are changed by commits") == 0);
    }
    CHECK_FALSE(os::exists(site.temp.path() + "/cache"));
}

TEST_CASE("a large file is sent as it is, from any byte on") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    std::string content;
    for (int line = 0; line < 700'000; ++line) content += fmt::format("{:07}\n", line);
    repository.commit("big", content);
    const GitFiles files = site.files(repository.url(), "digits");
    const OpenFile whole = files.open("big", 0).value();
    CHECK(whole.size_bytes == 5'600'000);
    CHECK((all_of(whole) == content));
    CHECK((all_of(files.open("big", 5'000'001).value()) == content.substr(5'000'001)));
}

TEST_CASE("a file of git LFS is its content where that is here, and its pointer where none can be fetched") {
    Site site;
    GitViewsOptions without_lfs = site.options();
    without_lfs.large_files = false;
    GitViews views(without_lfs);
    const TestRepository repository(site.temp.path() + "/digits");
    const std::string hash(64, 'a');
    const auto pointer = [&](const std::string& id, const std::string& size) {
        return "version https://git-lfs.github.com/spec/v1\noid sha256:" + id + "\nsize " + size + "\n";
    };
    repository.commit("big", pointer(hash, "12"));
    repository.commit("away", pointer(std::string(64, 'b'), "12"));
    repository.commit("short", pointer(hash, "13"));
    repository.commit("hostile", pointer("../../../../../../../../../../../../etc/passwd", "12") + std::string(99, ' '));
    const auto digits_of = [&](const TestRepository& of) {
        return GitFiles(views, {{of.url(), ""}, {}, "U1"}, {"digits", std::chrono::seconds(30)}, site.senders);
    };
    const auto sizes = [&] {
        std::vector<std::int64_t> all;
        const FileListing listing = digits_of(repository).list("", "", 10).value();
        for (const FileEntry& entry : listing.entries) all.push_back(entry.size_bytes);
        return all;  // README, away, big, hostile, short, src
    };
    const std::vector<std::int64_t> before = sizes();
    const GitView view = views.look({{repository.url(), ""}, {}, "U1"},
                                         std::chrono::steady_clock::now() + std::chrono::seconds(30)).value();
    const std::string folder = view.large_files + "/objects/aa/aa";
    REQUIRE(os::make_folders(folder).has_value());
    REQUIRE(os::write_file_atomic(folder + "/" + hash, "true content").has_value());
    std::vector<std::int64_t> expected = before;
    expected.at(2) = 12;
    CHECK(sizes() == expected);
    const GitFiles files = digits_of(repository);
    const OpenFile file = files.open("big", 0).value();
    CHECK(file.size_bytes == 12);
    CHECK(file.tag == hash);
    CHECK(files.list("", "away", 1).value().entries.at(0).tag == hash);
    CHECK(all_of(file) == "true content");
    CHECK(all_of(files.open("big", 5).value()) == "content");
    CHECK(all_of(files.open("away", 0).value()) == pointer(std::string(64, 'b'), "12"));
    CHECK(all_of(files.open("short", 0).value()) == pointer(hash, "13"));
    CHECK(files.open("hostile", 0).value().size_bytes == before.at(3));
}

TEST_CASE("an empty repository and one that is not there are told in words") {
    Site site;
    shell("git init -q --bare " + site.temp.path() + "/empty.git");
    const auto empty = site.files("file://" + site.temp.path() + "/empty.git").list("", "", 10);
    CHECK(empty.error().code == ErrorCode::kNotFound);
    CHECK(empty.error().message.find("has no commits at its HEAD") != std::string::npos);
    CHECK(site.files("file://" + site.temp.path() + "/none").list("", "", 10).error().code == ErrorCode::kNotFound);
    const auto away = site.files(fmt::format("http://127.0.0.1:{}/x.git", closed_port())).list("", "", 10);
    CHECK(away.error().code == ErrorCode::kUnavailable);
}

TEST_CASE("a server that is silent is told so in time, and asked by one thread, however many look") {
    Site site;
    const FileServer silent("/", FileServer::Manner::kSilent);
    const std::string url = fmt::format("http://127.0.0.1:{}/x.git", silent.port());
    for (int look = 0; look < 10; ++look) {
        const auto refused = site.files(url, "", "", Duration(10)).list("", "", 10);
        CHECK(refused.error().code == ErrorCode::kUnavailable);
        CHECK(refused.error().message ==
              fmt::format("the git repository {} has not answered yet; try again in a moment", url));
    }
    // Other repositories have their turn, but nobody gets all of it.
    for (int port = 1; port < 4; ++port)
        CHECK(site.files(url + std::to_string(port), "", "", Duration(1)).list("", "", 10).error().message.find(
                  "has not answered yet") != std::string::npos);
    const auto full = site.files(url + "5", "", "", Duration(1)).list("", "", 10);
    CHECK(full.error().code == ErrorCode::kUnavailable);
    CHECK(full.error().message.find("4 git repositories are being fetched for you already") == 0);
}

TEST_CASE("a silent server is asked for as long as one is patient, and no longer once all is over") {
    Site site;
    const FileServer silent("/", FileServer::Manner::kSilent);
    const GitViews::Wish wish{{fmt::format("http://127.0.0.1:{}/x.git", silent.port()), ""}, {}, "U1"};
    const auto until = [] { return std::chrono::steady_clock::now() + std::chrono::minutes(5); };
    GitViewsOptions given = site.options();
    given.patience = Duration(50);
    GitViews impatient(given);
    const auto refused = impatient.look(wish, until());
    CHECK(refused.error().code == ErrorCode::kUnavailable);
    CHECK(refused.error().message.find("did not answer in full within") != std::string::npos);
    GitViews stopped(site.options());
    stopped.stop();
    CHECK_FALSE(stopped.look(wish, until()).has_value());
}

TEST_CASE("a fetch that takes too long goes on, and who asks again finds what it brought") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    // Somebody else has the mirror's lock, as a job does while it makes its clone.
    const Git git(site.temp.path() + "/cache/git-home", std::chrono::minutes(1));
    auto held = std::make_unique<GitMirror>(
        GitMirror::open(git, site.temp.path() + "/cache", repository.url()).value());
    Result<FileListing> slow = site.files(repository.url(), "", "", Duration(1)).list("", "", 10);
    for (int tries = 0; tries < 1000 && slow.error().message.find("still being fetched") == std::string::npos; ++tries)
        slow = site.files(repository.url(), "", "", Duration(10)).list("", "", 10);
    CHECK(slow.error().code == ErrorCode::kTimeout);
    CHECK(slow.error().message.find("still being fetched, which takes longer than an answer may; it goes on") !=
          std::string::npos);
    held.reset();
    CHECK(site.files(repository.url()).list("", "", 10).value().commit == repository.head());
    // What is in the mirror is seen while others have its lock.
    held = std::make_unique<GitMirror>(
        GitMirror::open(git, site.temp.path() + "/cache", repository.url()).value());
    CHECK(all_of(site.files(repository.url()).open("digits/README", 0).value()) == "one");
}

TEST_CASE("a private repository is seen with the account alone, whose secret is gone afterwards") {
    Site site;
    const TestRepository repository(site.temp.path() + "/digits");
    shell("git clone -q --bare " + repository.folder() + " " + site.temp.path() + "/www/digits.git");
    shell("git -C " + site.temp.path() + "/www/digits.git update-server-info");
    const FileServer server(site.temp.path() + "/www", FileServer::Manner::kPrivate);
    const std::string url = fmt::format("http://127.0.0.1:{}/digits.git", server.port());
    domain::OpenAccount account;
    account.id = domain::AccountId("A1");
    account.name = "work";
    account.kind = domain::AccountKind::kGitToken;
    account.user = "robot";
    account.secret = "s3cret";
    const auto list = [&](std::optional<domain::OpenAccount> with) {
        return GitFiles(site.views, {{url, ""}, std::move(with), "U1"}, {}, site.senders).list("digits", "", 10);
    };
    CHECK(list(std::nullopt).error().code == ErrorCode::kDenied);
    CHECK(names_of(list(account).value()) == Names{"README", "src"});
    CHECK(os::list_folder(site.temp.path() + "/access").value().empty());
    // The copy that one account was let have is not seen by others.
    CHECK(list(std::nullopt).error().code == ErrorCode::kDenied);
    account.id = domain::AccountId("A2");
    account.secret = "wr0ng";
    const Error refused = list(account).error();
    CHECK(refused.code == ErrorCode::kDenied);
    CHECK(refused.message.find("wr0ng") == std::string::npos);
}

}  // namespace pintle::source
