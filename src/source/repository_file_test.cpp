#include "source/repository_file.hpp"

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "source/git_fixture.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::source;

namespace {

struct Site {
    testing::TempFolder temp;
    Git git{temp.path() + "/cache/git-home", Duration(60'000)};
    TestRepository repository{temp.path() + "/team/digits"};

    Result<RepositoryFile> read(const std::string& path, const std::string& revision = "", std::size_t most = 100) {
        const domain::GitSource origin{repository.url(), revision, ""};
        return read_repository_file(git, temp.path() + "/cache", {origin, nullptr, "", path, most});
    }
};

}  // namespace

TEST_CASE("a file is read as it is at a branch, a tag and a commit") {
    Site site;
    const std::string first = site.repository.head();
    site.repository.git("tag v1");
    site.repository.git("checkout -q -b next");
    const std::string second = site.repository.commit("src/train.py", "print('two')\n");
    site.repository.git("checkout -q main");
    CHECK(site.read("src/train.py")->text == "print('one')\n");
    CHECK(site.read("src/train.py", "v1")->commit == first);
    CHECK(site.read("src/train.py", "next")->text == "print('two')\n");
    CHECK(site.read("./src//train.py", second.substr(0, 10))->commit == second);
}

TEST_CASE("a file that cannot be read is told with what there is instead") {
    Site site;
    REQUIRE(::symlink("/etc/passwd", (site.repository.folder() + "/link").c_str()) == 0);
    site.repository.commit("large", std::string(101, 'x'));
    const Error missing = site.read("pintle.yaml").error();
    CHECK(missing.code == ErrorCode::kNotFound);
    CHECK(missing.message.find("there is no file \"pintle.yaml\"") == 0);
    CHECK(missing.message.find("at its top it has README, large, link, src") != std::string::npos);
    CHECK(site.read("src/none").error().code == ErrorCode::kNotFound);
    CHECK(site.read("link").error().message.find("is a link, not a file") != std::string::npos);
    CHECK(site.read("src").error().message.find("is a folder, not a file") != std::string::npos);
    CHECK(site.read("large").error().code == ErrorCode::kExhausted);
    for (const char* path : {"", "/", "../x", "/etc/passwd", ":(top)README", "*"}) {
        CAPTURE(path);
        CHECK_FALSE(site.read(path).has_value());
    }
    const Error unknown = site.read("README", "none").error();
    CHECK(unknown.message.find("has no branch, tag or commit \"none\"") != std::string::npos);
    CHECK(site.read("README", "--upload-pack=x").error().code == ErrorCode::kInvalid);
    const auto elsewhere = [&](const std::string& url) {
        const domain::GitSource origin{url, "", ""};
        const std::string path = "README";
        return read_repository_file(site.git, site.temp.path() + "/cache", {origin, nullptr, "", path, 100}).error();
    };
    CHECK(elsewhere("file://" + site.temp.path() + "/none").code == ErrorCode::kNotFound);
    CHECK(elsewhere("ext::sh -c true").code == ErrorCode::kInvalid);
    const Error closed = elsewhere(fmt::format("http://me:secret@127.0.0.1:{}/x.git", closed_port()));
    CHECK(closed.code == ErrorCode::kUnavailable);
    CHECK(closed.message.find("secret") == std::string::npos);
}
