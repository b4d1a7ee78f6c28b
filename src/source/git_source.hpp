#pragma once

#include <functional>
#include <optional>
#include <string>

#include "domain/account.hpp"
#include "domain/ids.hpp"
#include "domain/source.hpp"
#include "source/git_mirror.hpp"

namespace pintle::source {

/// A job's own clone of a git source.
struct GitCheckout {
    std::string folder;      ///< Contains the clone, and nothing else: the origin of sub paths.
    std::string repository;  ///< The clone's folder in it: the last part of the URL without ".git".
    std::string commit;
};

/// With what a repository is reached.
struct GitLogin {
    std::function<Result<domain::OpenAccount>()> account;  ///< Opens it when it is needed; empty: there is none.
    bool pushes = false;  ///< The job may write into its clone, which then gets what it takes to push.
};

/// Git repositories as sources. A job has one clone of each, shared by its replicas:
///
///     CACHE/git/HASH/                        mirror of the URL, shared by all jobs
///     WORK/JOB/git/SOURCE/REPOSITORY/        the clone: whole history, `origin` is the real repository
///     WORK/JOB/git/SOURCE.ready              written last; a clone without it is made again
///
/// The clone has objects of its own (ADR 23).
///
/// A revision that is a branch is checked out as a local branch that follows it; others leave HEAD detached.
/// Commits made in the clone are "Pintle <pintle@localhost>"; they can be pushed when the source names an account and
/// is not mounted read-only, see give_access(). Large files (git LFS) come along, see fetch_large_files(). Submodules
/// are not followed.
///
/// Threading: any thread; calls for one repository wait for each other. Failure: as GitMirror.
class GitSources {
public:
    /// `address_of` as for Git::asking().
    GitSources(std::string cache_folder, std::string work_folder, Duration timeout, AddressOf address_of = {})
        : git_(Git(cache_folder + "/git-home", timeout).asking(std::move(address_of))),
          cache_folder_(std::move(cache_folder)),
          work_folder_(std::move(work_folder)) {}

    /// `revision` overrides the origin's own when it is not empty. A clone that is complete is returned as it is.
    [[nodiscard]] Result<GitCheckout> check_out(const domain::JobId& job, const std::string& source,
                                                const domain::GitSource& origin, const std::string& revision,
                                                const Progress& progress, const GitLogin& login = {},
                                                const Limits& limits = {}) const;

private:
    /// What is being checked out for whom.
    struct Errand {
        const std::string& folder;  ///< Of the clone's folder.
        const std::string& url;
        const GitLogin& login;
        const std::optional<domain::OpenAccount>& account;
        const GitAccess* access;
        const Progress& progress;
    };
    [[nodiscard]] Result<void> clone(const GitMirror& mirror, const Errand& errand, const GitRevision& revision) const;
    [[nodiscard]] Result<GitRevision> bring_and_clone(GitMirror& mirror, const Errand& errand,
                                                      const std::string& revision) const;

    const Git git_;
    const std::string cache_folder_;
    const std::string work_folder_;
};

/// The folder that a sub path names: empty is the one that contains the clone, `REPOSITORY/src` a folder of it. A
/// first part that is not the repository's name is told to `progress`. Fails when there is no such folder, or
/// when a link of the repository leads out of it.
[[nodiscard]] Result<std::string> folder_in(const GitCheckout& checkout, const std::string& sub_path,
                                            const Progress& progress);

}  // namespace pintle::source
