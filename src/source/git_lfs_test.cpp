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

bool machine_has_lfs() { return has_lfs(Git("/tmp", Duration(10'000))); }

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
    if (!machine_has_lfs()) return;
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

TEST_CASE("a commit's .lfsconfig names the server of its large files, if it is one") {
    const testing::TempFolder temp;
    const Git git(temp.path() + "/home", Duration(60'000));
    const TestRepository repository(temp.path() + "/r");
    const auto server = [&](const std::string& config) {
        return large_file_server(git, temp.path() + "/r", repository.commit(".lfsconfig", config));
    };
    CHECK(large_file_server(git, temp.path() + "/r", repository.head()).value().empty());
    CHECK(server("[lfs]\n\turl = https://large.example\n").value() == "https://large.example");
    CHECK(server("[remote \"origin\"]\n\tlfsurl = https://one.example/x\n").value() == "https://one.example/x");
    CHECK(server("[remote \"origin\"]\n\tlfsurl = https://one.example/x\n[lfs]\n\turl = git@two.example:x\n").value() ==
          "git@two.example:x");
    CHECK(server("[lfs]\n\tlocksverify = false\n").value().empty());
    CHECK(server("[lfs]\n\turl = http://one?@two/x\n").error().code == ErrorCode::kInvalid);
    CHECK(server("[lfs\n").error().code == ErrorCode::kInternal);
}

TEST_CASE("a large file that .lfsconfig keeps on a server that is not to be reached is not asked for") {
    if (!machine_has_lfs()) return;
    Site site;
    const std::string url = a_repository_with_large_files(site), author = site.temp.path() + "/author";
    shell("cd " + author +
          "; git config -f .lfsconfig lfs.url http://inside.example/x; git add -A; "
          "git commit -q -m elsewhere; git push -q origin main 2>/dev/null");
    const GitSources guarded(site.temp.path() + "/cache", site.temp.path() + "/work", Duration(60'000),
                             [](const std::string& host) -> Result<std::string> {
                                 return fail(ErrorCode::kDenied, "{} is at a private address", host);
                             });
    const auto refused = guarded.check_out(domain::JobId("J1"), "src", {url, ""}, "", [](const std::string&) {});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::kDenied);
    CHECK(refused.error().message.find(
              "the server that .lfsconfig names for large files: inside.example is at a private address") !=
          std::string::npos);
    GitViewsOptions options;
    options.cache_folder = site.temp.path() + "/cache";
    options.access_folder = site.temp.path() + "/access";
    options.address_of = [](const std::string& host) -> Result<std::string> {
        return fail(ErrorCode::kDenied, "{} is at a private address", host);
    };
    GitViews views(options);
    FileSenders senders(1);
    const GitFiles files(views, {{url, ""}, {}, "U1"}, {"big"}, senders);
    const auto opened = files.open("model.bin", 0);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().message.find("inside.example is at a private address") != std::string::npos);
}

TEST_CASE("a job pushes a large file as one") {
    if (!machine_has_lfs()) return;
    Site site;
    const std::string url = a_repository_with_large_files(site);
    const auto checkout = site.check_out("J1", url).value();
    shell("export HOME=" + site.temp.path() + "; cd " + checkout.folder +
          "/big; printf 'more content' > more.bin; git add -A; git commit -q -m more; git push -q origin main");
    CHECK(shell("git -C " + site.temp.path() + "/big.git show main:more.bin").starts_with("version https://git-lfs"));
    CHECK(os::read_file(site.check_out("J2", url).value().folder + "/big/more.bin").value() == "more content");
}

TEST_CASE("large files that the server lost are an error that says so, and not pointers in their place") {
    if (!machine_has_lfs()) return;
    Site site;
    const std::string url = a_repository_with_large_files(site);
    shell("rm -rf " + site.temp.path() + "/big.git/lfs");
    const auto checkout = site.check_out("J1", url);
    REQUIRE_FALSE(checkout.has_value());
    CHECK_MESSAGE(checkout.error().message.find("the large files (git LFS)") != std::string::npos,
                  checkout.error().message);
}

TEST_CASE("who looks at a large file that no job had gets its content, and it is there for jobs") {
    if (!machine_has_lfs()) return;
    Site site;
    const std::string url = a_repository_with_large_files(site);
    shell("cd " + site.temp.path() +
          "/author; ln -s model.bin 'a, link [1]'; git add -A; git commit -q -m link; "
          "git push -q origin main 2>/dev/null");
    GitViewsOptions options;
    options.cache_folder = site.temp.path() + "/cache";
    options.access_folder = site.temp.path() + "/access";
    GitViews views(options);
    FileSenders senders(1);
    const GitFiles files(views, {{url, ""}, {}, "U1"}, {"big"}, senders);
    // It looks like what a job finds before anything was fetched.
    const FileEntry entry = files.list("", "link", 1).value().entries.at(0);
    CHECK(entry.name == "model.bin");
    CHECK(entry.size_bytes == 13);
    const auto model = files.open("a, link [1]", 6);
    REQUIRE_MESSAGE(model.has_value(), model.error().message);
    CHECK(model->tag == entry.tag);
    char rest[20] = {};
    REQUIRE(::read(model->fd.get(), rest, sizeof rest) == 7);
    CHECK(std::string(rest) == "content");
    CHECK(os::list_folder(options.access_folder).value_or(std::vector<std::string>()).empty());

    shell("rm -rf " + site.temp.path() + "/big.git/lfs");
    CHECK(files.open("model.bin", 0).has_value());
    const auto job = site.check_out("J1", url);
    REQUIRE_MESSAGE(job.has_value(), job.error().message);
    CHECK(os::read_file(job->folder + "/big/model.bin").value() == "large content");
}

TEST_CASE("a large file that its server does not have is told of by name, and the others are still read") {
    if (!machine_has_lfs()) return;
    Site site;
    const std::string url = a_repository_with_large_files(site);
    shell("rm -rf " + site.temp.path() + "/big.git/lfs");
    GitViewsOptions options;
    options.cache_folder = site.temp.path() + "/cache";
    options.access_folder = site.temp.path() + "/access";
    GitViews views(options);
    FileSenders senders(1);
    const GitFiles files(views, {{url, ""}, {}, "U1"}, {"big"}, senders);
    const Error error = files.open("model.bin", 0).error();
    CHECK_MESSAGE(error.message.starts_with("\"model.bin\" is kept with git LFS: "), error.message);
    CHECK(files.open(".gitattributes", 0).has_value());
    CHECK(os::list_folder(options.access_folder).value_or(std::vector<std::string>()).empty());
    views.stop();
    CHECK_FALSE(files.open("model.bin", 0).has_value());
}

TEST_CASE("pointers are read as the specification has them, and nothing else is one") {
    const std::string hash(64, 'a');
    const std::string begin = "version https://git-lfs.github.com/spec/v1\n";
    CHECK(read_pointer(begin + "oid sha256:" + hash + "\nsize 12\n") == LargeFilePointer{hash, 12});
    CHECK(read_pointer(begin + "ext-0-x sha256:b\noid sha256:" + hash + "\nsize 0\n") == LargeFilePointer{hash, 0});
    for (const std::string& text :
         {std::string(), begin, begin + "oid sha256:" + hash + "\n", begin + "size 12\n",
          begin + "oid sha256:../../" + hash.substr(6) + "\nsize 12\n", begin + "oid sha256:" + hash + "\nsize -1\n",
          begin + "oid md5:" + hash + "\nsize 12\n", "oid sha256:" + hash + "\nsize 12\n"}) {
        CHECK_FALSE(read_pointer(text).has_value());
    }
}
