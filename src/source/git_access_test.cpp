#include "source/git_access.hpp"

#include <sys/stat.h>

#include <doctest/doctest.h>

#include "os/file.hpp"
#include "testing/temp_folder.hpp"

using namespace pintle;
using namespace pintle::source;
using domain::AccountKind;

namespace {

domain::OpenAccount an_account(AccountKind kind, const std::string& server = "") {
    return {domain::AccountId("A1"), "work", kind, server, "robot", "", "s3cret"};
}

}  // namespace

TEST_CASE("an account opens addresses of its kind, on its server if it has one") {
    struct Case {
        AccountKind kind;
        std::string server, url, words;  // no words: it fits
    };
    const std::vector<Case> cases{
        {AccountKind::kGitToken, "", "https://host/team/repo", ""},
        {AccountKind::kGitToken, "host", "https://Host:443/team/repo", ""},
        {AccountKind::kGitToken, "host:8443", "https://host:8443/team/repo", ""},
        {AccountKind::kGitToken, "host", "https://user:pw@host/team/repo", ""},
        {AccountKind::kGitToken, "host", "https://host:8443/team/repo", "is for host alone"},
        {AccountKind::kGitToken, "host", "https://evil.example/host/repo", "is for host alone"},
        {AccountKind::kGitToken, "host", "https://host@evil.example/repo", "is for host alone"},
        {AccountKind::kGitToken, "", "git@host:team/repo",
         "takes an account of the kind git_key; tokens open addresses such as https"},
        {AccountKind::kGitKey, "", "git@host:team/repo", ""},
        {AccountKind::kGitKey, "host", "git@host:team/repo", ""},
        {AccountKind::kGitKey, "host", "ssh://git@host:22/team/repo", ""},
        {AccountKind::kGitKey, "host", "ssh://git@other/team/repo", "is for host alone"},
        {AccountKind::kGitKey, "", "https://host/team/repo",
         "takes an account of the kind git_token; keys open addresses such as git@host"},
        {AccountKind::kS3, "", "https://host/team/repo", "is of the kind s3"},
        {AccountKind::kGitToken, "", "/srv/repo", "is reached without an account"},
        {AccountKind::kGitToken, "", "file:///srv/repo", "is reached without an account"},
        {AccountKind::kGitToken, "", "git://host/repo", "is reached without an account"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.url);
        const auto fits = check_fits(an_account(c.kind, c.server), c.url);
        CHECK(fits.has_value() == c.words.empty());
        if (fits) continue;
        CHECK_MESSAGE(fits.error().message.find(c.words) != std::string::npos, fits.error().message);
        CHECK(fits.error().message.find("s3cret") == std::string::npos);
        CHECK(fits.error().message.find("user:pw") == std::string::npos);
    }
}

TEST_CASE("the secret stands in files that only we can read, and they go with the access") {
    const testing::TempFolder temp;
    const std::string folder = temp.path() + "/a \"folder\" of 'ours'";
    {
        const auto access = GitAccess::open(folder, "https://host/team/repo", an_account(AccountKind::kGitToken),
                                            temp.path() + "/hosts")
                                .value();
        const auto names = os::list_folder(folder).value();
        for (const std::string& name : names) {
            struct stat info {};
            REQUIRE(::stat((folder + "/" + name).c_str(), &info) == 0);
            CHECK((info.st_mode & 0777) == 0600);
        }
        for (const std::string& word : access.settings()) CHECK(word.find("s3cret") == std::string::npos);
        CHECK(os::read_file(folder + "/config").value().find("s3cret") == std::string::npos);
        CHECK(access.masked("remote: s3cret is wrong") == "remote: *** is wrong");
    }
    CHECK_FALSE(os::exists(folder));
}
