#include "source/repository_tree.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

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

    Result<RepositoryTree> bring(const std::string& revision = "") {
        const domain::GitSource origin{repository.url(), revision, ""};
        return RepositoryTree::bring(git, temp.path() + "/cache", {origin, nullptr, ""});
    }
};

}  // namespace

TEST_CASE("a commit's files are listed with their sizes and read") {
    Site site;
    const auto tree = site.bring();
    REQUIRE(tree);
    CHECK(tree->commit() == site.repository.head());
    CHECK(tree->entries().size() == 2);
    CHECK(tree->entries().at("src/train.py").size_bytes == 13);
    CHECK(tree->read("src/train.py", 100) == "print('one')\n");
}

TEST_CASE("links, folders, large and missing files are not read") {
    Site site;
    REQUIRE(::symlink("/etc/passwd", (site.repository.folder() + "/link").c_str()) == 0);
    site.repository.commit("large", std::string(101, 'x'));
    const auto tree = site.bring();
    REQUIRE(tree);
    CHECK(tree->entries().at("link").kind == RepositoryEntry::Kind::kLink);
    CHECK(tree->read("link", 100).error().message == "it is a link, not a file");
    CHECK(tree->read("large", 100).error().code == ErrorCode::kExhausted);
    CHECK(tree->read("src", 100).error().code == ErrorCode::kNotFound);
}

TEST_CASE("a commit that was brought is there when the repository is not") {
    Site site;
    const std::string commit = site.bring()->commit();
    site.repository.commit("new", "x");
    REQUIRE(os::remove_tree(site.repository.folder()));
    CHECK_FALSE(site.bring());
    const auto tree = RepositoryTree::known(site.git, site.temp.path() + "/cache", site.repository.url(), "", commit);
    REQUIRE(tree);
    CHECK(tree->read("src/train.py", 100) == "print('one')\n");
    CHECK_FALSE(RepositoryTree::known(site.git, site.temp.path() + "/cache", site.repository.url(), "", "--all"));
    CHECK_FALSE(
        RepositoryTree::known(site.git, site.temp.path() + "/cache", site.repository.url(), "", std::string(40, 'a')));
}
