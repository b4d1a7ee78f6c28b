#include "source/git_lfs.hpp"

#include <unistd.h>

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "os/file.hpp"
#include "source/git_files.hpp"
#include "source/git_fixture.hpp"
#include "source/git_source.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::source;

namespace {

bool has_lfs() { return Git("/tmp", Duration(10'000)).succeeds({"lfs", "version"}); }

struct Site {
    testing::TempFolder temp;
    GitSources git{temp.path() + "/cache", temp.path() + "/work", Duration(60'000)};
    std::vector<std::string> told;

    Result<GitCheckout> check_out(const std::string& job, const std::string& url) {
        return git.check_out(domain::JobId(job), "src", {url, ""}, "",
                             [this](std::string line) { told.push_back(std::move(line)); });
    }
    [[nodiscard]] std::string all_told() const { return join(told, "\n"); }
};

// A bare repository with a large file, whose pointer alone is a commit's.
std::string a_repository_with_large_files(const Site& site) {
    const std::string bare = site.temp.path() + "/big.git", work = site.temp.path() + "/author";
    shell("export HOME=" + site.temp.path() + "; git init -q -b main --bare " + bare + "; git clone -q file://" + bare +
          " " + work + " 2>/dev/null; cd " + work +
          "; git checkout -q -b main; git lfs install --local >/dev/null; git lfs track '*.bin' >/dev/null; printf "
          "'large content' > model.bin; "
          "git add -A; git commit -q -m large; git push -q origin main 2>/dev/null");
    return "file://" + bare;
}

}  // namespace

TEST_CASE("large files are in the place of their pointers, and are fetched once for all jobs") {
    if (!has_lfs()) return;
    Site site;
    const std::string url = a_repository_with_large_files(site);
    const auto first = site.check_out("J1", url);
    REQUIRE_MESSAGE(first.has_value(), first.error().message);
    const std::string clone = first->folder + "/big";
    CHECK(os::read_file(clone + "/model.bin").value() == "large content");
    CHECK(site.all_told().find("Fetching the large files of " + url) != std::string::npos);
    CHECK(shell("git -c safe.directory='*' -C " + clone + " status --porcelain").empty());
    CHECK(shell("git -C " + clone + " config --local --get filter.lfs.clean") == "git-lfs clean -- %f");
    CHECK_FALSE(os::read_file(clone + "/.git/config").value().find("lfs.storage") != std::string::npos);
    site.told.clear();
    // Nobody has the large files any more but we.
    shell("rm -rf " + site.temp.path() + "/big.git/lfs");
    const auto second = site.check_out("J2", url);
    REQUIRE_MESSAGE(second.has_value(), second.error().message);
    CHECK(os::read_file(second->folder + "/big/model.bin").value() == "large content");
    CHECK(site.all_told().find("Fetching") == std::string::npos);
    // Who looks at the source's files finds what the jobs had.
    GitViewsOptions options;
    options.cache_folder = site.temp.path() + "/cache";
    GitViews views(options);
    FileSenders senders(1);
    const GitFiles files(views, {{url, ""}, {}, "U1"}, {"big"}, senders);
    const OpenFile model = files.open("model.bin", 6).value();
    CHECK(model.size_bytes == 13);
    char rest[20] = {};
    REQUIRE(::read(model.fd.get(), rest, sizeof rest) == 7);
    CHECK(std::string(rest) == "content");
}

TEST_CASE("a job pushes a large file as one") {
    if (!has_lfs()) return;
    Site site;
    const std::string url = a_repository_with_large_files(site);
    const auto checkout = site.check_out("J1", url).value();
    shell("export HOME=" + site.temp.path() + "; cd " + checkout.folder +
          "/big; printf 'more content' > more.bin; git add -A; git commit -q -m more; git push -q origin main");
    CHECK(shell("git -C " + site.temp.path() + "/big.git show main:more.bin").starts_with("version https://git-lfs"));
    CHECK(os::read_file(site.check_out("J2", url).value().folder + "/big/more.bin").value() == "more content");
}

TEST_CASE("large files that the server lost are an error that says so, and not pointers in their place") {
    if (!has_lfs()) return;
    Site site;
    const std::string url = a_repository_with_large_files(site);
    shell("rm -rf " + site.temp.path() + "/big.git/lfs");
    const auto checkout = site.check_out("J1", url);
    REQUIRE_FALSE(checkout.has_value());
    CHECK_MESSAGE(checkout.error().message.find("the large files (git LFS)") != std::string::npos,
                  checkout.error().message);
}
