#pragma once

#include <optional>
#include <string>

#include "os/unique_fd.hpp"
#include "source/git_access.hpp"
#include "source/git_command.hpp"

namespace pintle::source {

/// What a revision of a repository stands for at the moment it is asked.
struct GitRevision {
    std::string commit;  ///< In full.
    std::string branch;  ///< Empty when the revision is a tag, a commit, or a HEAD that is no branch.
    bool operator==(const GitRevision&) const = default;
};

/// Whether the text could name a branch, a tag or a commit; git's own shorthands such as `main~2` are refused.
[[nodiscard]] bool is_plain_revision(std::string_view revision);
/// Whether the text is the id of a commit in full.
[[nodiscard]] bool is_commit_id(std::string_view text);

/// A bare copy of one remote repository, shared by every job that reaches the same URL with the same account: nobody
/// reads a private repository in the copy that somebody else was let have.
///
/// Ownership: holds the mirror's lock while it lives, so others who need it, also in other processes, wait. What git
/// does for it holds the lock too: after a crash of ours nobody begins before that has ended.
/// Failure: see Git::remote(); kConflict when others use it for longer than the limits of `git` let one wait. A mirror
/// that a crash left broken is thrown away and made again.
class GitMirror {
public:
    /// Waits until nobody else uses the mirror, within the limits of `git`. `account` is the id of the account with
    /// which the remote is reached, empty for none.
    [[nodiscard]] static Result<GitMirror> open(const Git& git, const std::string& cache_folder,
                                                const std::string& url, const std::string& account = "");
    /// The mirror without its lock, also while others change it: for look() and for reading commits that are there,
    /// which nothing takes away but repair(). It need not be there yet.
    [[nodiscard]] static GitMirror unlocked(const Git& git, const std::string& cache_folder, const std::string& url,
                                            const std::string& account = "");
    /// From now on the remote is reached with this, which must outlive the mirror.
    void use(const GitAccess* access) { access_ = access; }

    /// Resolves the revision (empty: the remote's HEAD) and makes its commit present. Fetches only when the
    /// commit is not there yet; asks nobody when `revision` is a whole commit id that is.
    [[nodiscard]] Result<GitRevision> bring(const std::string& revision, const Progress& progress);

    /// Resolves the revision as bring() does, and fetches nothing: nothing when its commit is not there yet.
    [[nodiscard]] Result<std::optional<GitRevision>> look(const std::string& revision) const;

    /// Throws the mirror away when it is broken, and says whether it did, or else took away what stood in git's way;
    /// bring() is then due again.
    [[nodiscard]] Result<bool> repair();

    /// Whose calls hold the mirror's lock.
    [[nodiscard]] const Git& git() const { return git_; }
    [[nodiscard]] const std::string& folder() const { return folder_; }
    /// Where its large files are, if it has any.
    [[nodiscard]] std::string large_files_folder() const { return folder_ + ".lfs"; }

private:
    struct Advertised;
    GitMirror(const Git& git, std::string folder, std::string url, os::UniqueFd lock)
        : git_(git.holding(lock.get())), folder_(std::move(folder)), url_(std::move(url)), lock_(std::move(lock)) {}

    [[nodiscard]] Result<void> make();
    [[nodiscard]] Result<Advertised> ask_remote(const std::string& revision) const;
    [[nodiscard]] Result<void> fetch(bool has_head, const Progress& progress);
    [[nodiscard]] Result<void> fetch_repairing(bool has_head, const Progress& progress);
    void remove_half_fetched() const;
    [[nodiscard]] bool remove_stale_locks() const;
    [[nodiscard]] Result<GitRevision> resolve(const std::string& revision, const Advertised& remote) const;
    [[nodiscard]] Result<GitRevision> bring_commit(const std::string& revision, const Advertised& remote,
                                                   const Progress& progress);
    [[nodiscard]] bool is_sound() const;
    [[nodiscard]] bool has_commit(const std::string& commit) const;
    [[nodiscard]] std::string commit_beginning_with(const std::string& hex) const;
    [[nodiscard]] tl::unexpected<Error> unknown_revision(const std::string& revision) const;

    Git git_;
    std::string folder_;
    std::string url_;
    const GitAccess* access_ = nullptr;
    os::UniqueFd lock_;
};

}  // namespace pintle::source
