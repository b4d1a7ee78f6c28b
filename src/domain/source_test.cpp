#include <doctest/doctest.h>

#include "domain/source.hpp"

using namespace pintle;
using namespace pintle::domain;

TEST_CASE("the repository's name is the last part of its URL without .git") {
    const std::vector<std::pair<std::string, std::string>> cases{{"https://host/team/repo.git", "repo"},
                                                                 {"https://host/team/repo", "repo"},
                                                                 {"https://host/team/repo/", "repo"},
                                                                 {"git@host:team/repo.git", "repo"},
                                                                 {"git@host:repo", "repo"},
                                                                 {"/srv/digits/.git", "digits"},
                                                                 {"file:///srv/my.repo.git", "my.repo"},
                                                                 {"", ""}};
    for (const auto& [url, name] : cases) {
        CAPTURE(url);
        CHECK(repository_name(url) == name);
    }
}

TEST_CASE("repositories that git can clone without running anything else are taken") {
    for (const std::string url :
         {"https://host/team/repo.git", "http://host:8080/r", "https://user:pw@host/r", "ssh://git@host:22/r",
          "ssh://host/~me/r", "git://host/r", "file:///srv/r", "git@host:team/r.git", "/srv/r", "/srv/with-dash/-r",
          "https://me:p%40w@host:8443/r", "ssh://git@[fd00::5]:22/r", "git@[fd00::5]:team/r", "file:///srv/a@b"}) {
        CAPTURE(url);
        CHECK(check_repository(url).has_value());
    }
}

TEST_CASE("a repository's URL names its server, and nothing else that a program could take for one") {
    const auto server = [](std::string_view url) { return repository_server(url).value(); };
    CHECK(server("https://user:secret@host.example:8443/team/repo") == ServerAddress{"host.example", 8443});
    CHECK(server("ssh://git@host.example/team/repo") == ServerAddress{"host.example", 0});
    CHECK(server("git@host.example:team/repo") == ServerAddress{"host.example", 0});
    CHECK(server("git@[fd00::5]:team/repo") == ServerAddress{"fd00::5", 0});
    CHECK(server("http://[::1]:80/x") == ServerAddress{"::1", 80});
    CHECK(server("https://large.example") == ServerAddress{"large.example", 0});
    CHECK(server("/srv/repo") == ServerAddress{});
    CHECK(server("file:///srv/a@b") == ServerAddress{});
    for (const char* url :
         {"http://one#@two/r", "http://one?@two/r", "http://one\\@two/r", "http://one@two@three/r", "git@one@two:r",
          "one:me@two:r", "git@one/@two:r", "http://one:80@two@three/r", "http://one%2ftwo/r", "http://one:80:90/r",
          "http://one:/r", "http://[::1/r", "git@[::1:r", "git@[::1]r:x", "ssh://one:99999/r", "http://one two/r"}) {
        CAPTURE(url);
        CHECK(check_repository(url).error().code == ErrorCode::kInvalid);
    }
}

TEST_CASE("URLs that are options, programs or no URLs are refused, without repeating their secrets") {
    for (const std::string& url : {std::string(),
                                   std::string("-x"),
                                   std::string("--upload-pack=x"),
                                   std::string("ext::sh -c x"),
                                   std::string("ext::sh%20-c%20x"),
                                   std::string("fd::17"),
                                   std::string("ssh://-oProxyCommand=x/r"),
                                   std::string("ssh://git@-oProxyCommand=x/r"),
                                   std::string("git@-oProxyCommand=x:r"),
                                   std::string("-git@host:r"),
                                   std::string("ftp://host/r"),
                                   std::string("relative/path"),
                                   std::string("../up"),
                                   std::string("https://"),
                                   std::string("https:///r"),
                                   std::string("https://host"),
                                   std::string("https://host/"),
                                   std::string("https://me:secret@host"),
                                   std::string("ftp://me:secret@host/r"),
                                   std::string("file://"),
                                   std::string("file:///"),
                                   std::string("/"),
                                   std::string("/srv/.."),
                                   std::string("/srv/."),
                                   std::string("/a b"),
                                   std::string("/a\nb"),
                                   std::string("/a\x01"),
                                   std::string("/a\0b", 4),
                                   "/" + std::string(3000, 'x')}) {
        CAPTURE(url);
        const auto checked = check_repository(url);
        REQUIRE_FALSE(checked.has_value());
        CHECK(checked.error().code == ErrorCode::kInvalid);
        CHECK(checked.error().message.find("secret") == std::string::npos);
        CHECK(checked.error().message.size() < 500);
    }
}
