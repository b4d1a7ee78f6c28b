#include "domain/git_place.hpp"

#include <doctest/doctest.h>

using pintle::domain::GitPlace;
using pintle::domain::take_apart;

TEST_CASE("the address of a folder in a browser is a repository, a revision and a sub path") {
    struct Case {
        std::string url;
        GitPlace place;
    };
    const std::vector<Case> cases{
        {"https://github.com/org/repo/tree/v1/sub/dir", {"https://github.com/org/repo", "v1", "repo/sub/dir"}},
        {"https://github.com/org/repo/tree/master/sub", {"https://github.com/org/repo", "", "repo/sub"}},
        {"https://github.com/org/repo/tree/main", {"https://github.com/org/repo", "main", ""}},
        {"https://github.com/org/repo/tree/main/", {"https://github.com/org/repo", "main", ""}},
        {"https://github.com/org/repo/tree/main/a?tab=x#L1", {"https://github.com/org/repo", "main", "repo/a"}},
        {"https://github.example/org/repo/tree/main/a", {"https://github.example/org/repo", "main", "repo/a"}},
        {"https://gitlab.com/org/repo/-/tree/main/a/b", {"https://gitlab.com/org/repo", "main", "repo/a/b"}},
        {"https://gitlab.com/group/sub/team/repo/-/tree/v2", {"https://gitlab.com/group/sub/team/repo", "v2", ""}},
        {"https://gitlab.com/org/tree/-/tree/v2/a", {"https://gitlab.com/org/tree", "v2", "tree/a"}},
        {"https://bitbucket.org/org/repo/src/v1/a", {"https://bitbucket.org/org/repo", "v1", "repo/a"}},
        {"https://bitbucket.org/org/repo/src/master/", {"https://bitbucket.org/org/repo", "", ""}},
        {"https://gitea.example/org/repo/src/branch/dev/a", {"https://gitea.example/org/repo", "dev", "repo/a"}},
        {"https://gitea.example/org/repo/src/commit/abc123", {"https://gitea.example/org/repo", "abc123", ""}},
        {"git@host:org/repo.git/sub/dir", {"git@host:org/repo.git", "", "repo/sub/dir"}},
        {"ssh://git@host:2222/org/repo.git/sub", {"ssh://git@host:2222/org/repo.git", "", "repo/sub"}},
        {"https://host/org/repo.git/sub/", {"https://host/org/repo.git", "", "repo/sub"}},
        {"https://host/org/repo.git/", {"https://host/org/repo.git", "", ""}},
        {"https://user:secret@github.com/org/repo/tree/main/a",
         {"https://user:secret@github.com/org/repo", "main", "repo/a"}},
    };
    for (const Case& c : cases) {
        CAPTURE(c.url);
        const GitPlace place = take_apart(c.url);
        CHECK(place.repository == c.place.repository);
        CHECK(place.revision == c.place.revision);
        CHECK(place.sub_path == c.place.sub_path);
    }
}

TEST_CASE("anything else is a repository as it stands") {
    for (const std::string url :
         {"https://github.com/org/repo", "https://github.com/org/repo.git", "https://github.com/org/tree",
          "https://host/tree/main", "https://host/git/team/src/repo", "https://host/org/repo/src/main",
          "git@host:org/repo.git", "git@host:org/repo/tree/main", "ssh://git@host/org/repo/tree/main/a",
          "/srv/org/repo/tree/main/a", "/srv/repo.git/sub", "file:///srv/x.git/sub", "https://host", "https://host/",
          "", "/", "https://host/.git/x", "not a url"}) {
        CAPTURE(url);
        CHECK(take_apart(url) == GitPlace{url, "", ""});
    }
}
