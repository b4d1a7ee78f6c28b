#include "source/git_revisions.hpp"

#include <doctest/doctest.h>

#include "source/git_fixture.hpp"
#include "source/git_views.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::source;
using Named = GitRevisions::Named;

namespace {

const std::string kA(40, 'a'), kB(40, 'b'), kC(40, 'c');

}  // namespace

TEST_CASE("branches come with that of HEAD first, and tags with the commits that they are about") {
    const GitRevisions found = parse_revisions(kA + "\trefs/tags/v1.10\n" + kC + "\trefs/tags/v1.9^{}\n" + kB +
                                                   "\trefs/tags/v1.9\n" + kB + "\trefs/heads/a/b\n" + kA +
                                                   "\trefs/heads/main\nref: refs/heads/main\tHEAD\n" + kA + "\tHEAD\n",
                                               10);
    CHECK(found.head == "main");
    CHECK(found.branches == std::vector<Named>{{"main", kA}, {"a/b", kB}});
    CHECK(found.tags == std::vector<Named>{{"v1.10", kA}, {"v1.9", kC}});
    CHECK_FALSE(found.cut);
}

TEST_CASE("branches with numbers are in the order of the numbers") {
    std::string told;
    for (const char* name : {"release-10", "main", "release-9", "release-1.10", "release-1.9", "docs"})
        told += fmt::format("{}\trefs/heads/{}\n", kA, name);
    std::string order;
    for (const Named& branch : parse_revisions(told + "ref: refs/heads/main\tHEAD\n", 10).branches)
        order += branch.name + " ";
    CHECK(order == "main docs release-1.9 release-1.10 release-9 release-10 ");
}

TEST_CASE("what no source could name, and what is no answer at all, is left out") {
    const GitRevisions found = parse_revisions(
        kA + "\trefs/heads/-x\n" + kA + "\trefs/heads/a..b\n" + kA + "\trefs/heads/\xff\n" + kA +
            "\trefs/pull/1/head\n" + "short\trefs/heads/short\nno tab\n\t\n" + kA + "\trefs/tags/^{}\n" + kA +
            "\trefs/tags/gone^{}\nref: refs/other/x\tHEAD\n" + kA + "\trefs/heads/good",
        10);
    CHECK(found.head.empty());
    CHECK(found.branches == std::vector<Named>{{"good", kA}});
    CHECK(found.tags.empty());
}

TEST_CASE("of very many revisions the first are told, and that there are more") {
    std::string told;
    for (int i = 0; i < 30; ++i) told += fmt::format("{}\trefs/heads/b{:02}\n{}\trefs/tags/t{:02}\n", kA, i, kB, i);
    told += "ref: refs/heads/b29\tHEAD\n";
    const GitRevisions found = parse_revisions(told, 20);
    CHECK(found.branches.size() == 20);
    CHECK(found.branches.front().name == "b29");
    CHECK(found.tags.size() == 20);
    CHECK(found.cut);
    CHECK_FALSE(parse_revisions(told, 30).cut);
}

TEST_CASE("a repository is asked for its revisions, and nothing of it is kept") {
    const testing::TempFolder temp;
    const TestRepository repository(temp.path() + "/digits");
    repository.git("branch feature/x");
    repository.git("tag v1.9");
    repository.git("-c user.name=A -c user.email=a@localhost tag -a v1.10 -m new");
    GitViewsOptions options;
    options.cache_folder = temp.path() + "/cache";
    options.access_folder = temp.path() + "/access";
    GitViews views(options);
    const std::string head = repository.head();
    const auto found = views.revisions({{repository.url(), ""}, {}, "U1"});
    REQUIRE_MESSAGE(found.has_value(), found.error().message);
    CHECK(found->head == "main");
    CHECK(found->branches == std::vector<Named>{{"main", head}, {"feature/x", head}});
    CHECK(found->tags == std::vector<Named>{{"v1.10", head}, {"v1.9", head}});
    CHECK(shell("ls " + options.cache_folder) == "git-home");
    CHECK(views.revisions({{"file://" + temp.path() + "/none", ""}, {}, "U1"}).error().code == ErrorCode::kNotFound);
    CHECK(views.revisions({{"ext::sh -c true", ""}, {}, "U1"}).error().code == ErrorCode::kInvalid);
    views.stop();
    CHECK_FALSE(views.revisions({{repository.url(), ""}, {}, "U1"}).has_value());
}
