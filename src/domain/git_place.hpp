#pragma once

#include <string>
#include <string_view>

namespace pintle::domain {

/// What the address of a folder in a browser says of a git source.
struct GitPlace {
    std::string repository;
    std::string revision;  ///< Empty: the remote's HEAD, which an address with "master" means too.
    std::string sub_path;  ///< "REPOSITORY/FOLDER", as a git source has it; empty: all of it.
    bool operator==(const GitPlace&) const = default;
};

/// Takes addresses apart as GitHub, GitLab, Bitbucket and Gitea show them, and what follows ".git/":
///
///     https://github.com/org/repo/tree/REV/sub/dir         git@host:org/repo.git/sub/dir
///     https://gitlab.com/group/sub/repo/-/tree/REV/dir     https://bitbucket.org/org/repo/src/REV/dir
///     https://gitea.example/org/repo/src/branch/REV/dir
///
/// Anything else is a repository as it stands. Of a branch with a slash only the first part is known to be the
/// revision; whoever means another one names it beside the repository.
[[nodiscard]] GitPlace take_apart(std::string_view url);

}  // namespace pintle::domain
