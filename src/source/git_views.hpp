#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/synchronized.hpp"
#include "base/time.hpp"
#include "domain/account.hpp"
#include "domain/source.hpp"
#include "source/git_command.hpp"
#include "source/git_lfs.hpp"
#include "source/git_revisions.hpp"

namespace pintle::source {

/// A commit to look at, all of it in a mirror. It may be read without the mirror's lock.
struct GitView {
    std::string mirror;       ///< The mirror's folder.
    std::string large_files;  ///< Where its large files are (git LFS), if any are there.
    std::string commit;       ///< In full.
    std::string tree;         ///< The commit's folder.
    Time committed_at{};
};

struct GitViewsOptions {
    std::string cache_folder;   ///< As of GitMirror.
    std::string access_folder;  ///< Where secrets of accounts lie meanwhile.
    Duration patience = std::chrono::seconds(25);     ///< Of asking a remote what a revision is now.
    Duration fetch_limit = std::chrono::minutes(10);  ///< Of silence while it is fetched.
    Duration fresh = std::chrono::seconds(5);         ///< For how long a remote's answer is believed.
    int most = 16;                                    ///< Repositories that are asked at a time,
    int most_of_one = 4;                              ///< and those for one user.
    bool large_files = true;                          ///< Whether files of git LFS are fetched, where git-lfs is there.
    std::size_t most_revisions = 1000;                ///< Branches, and tags, that are told of.
    AddressOf address_of = {};                        ///< As for Git::asking().
};

/// What revisions stand for now, for those who look at files; which there are; and large files for them. Who waits too
/// long is told so; the fetch goes on, and is found by who asks again. Jobs come first: the mirror's lock is held only
/// while something must be fetched, and waited for behind them.
///
/// Threading: any thread, several at once; has threads of its own for as long as remotes are asked.
/// Ownership: dropped, it ends what it has begun.
/// Failure: as GitMirror; kTimeout while it is still being fetched, kUnavailable when the remote does not answer, or
/// when too many are asked already.
class GitViews {
public:
    using Deadline = std::chrono::steady_clock::time_point;
    struct Wish {
        domain::GitSource origin;
        std::optional<domain::OpenAccount> account;  ///< With which the remote is reached.
        std::string user;                            ///< Who asks.
    };

    explicit GitViews(GitViewsOptions options);
    ~GitViews();

    [[nodiscard]] Result<GitView> look(const Wish& wish, Deadline until);
    /// What the remote offers as revisions; that of the wish does not matter. Nothing is fetched or kept; blocks until
    /// the remote has answered, for as long as the patience with it lasts.
    [[nodiscard]] Result<GitRevisions> revisions(const Wish& wish);
    /// Brings a file of git LFS to where the view has its large files; the wish is that of the view. As look().
    [[nodiscard]] Result<void> bring(const Wish& wish, const GitView& view, const LargeFilePointer& pointer,
                                     Deadline until);
    /// Whether this machine can do that.
    [[nodiscard]] bool brings_large_files();
    /// Ends what is asked and fetched; who waits for it is told so.
    void stop() { ends_ = true; }
    /// For reading views.
    [[nodiscard]] const Git& git() const { return local_; }

private:
    struct Errand;
    using Errands = std::map<std::string, std::shared_ptr<Errand>>;
    using Work = std::function<Result<GitView>(Errand&)>;

    [[nodiscard]] Result<GitView> wait_for(const std::string& key, const Wish& wish, const Work& work, Deadline until);
    [[nodiscard]] Result<std::shared_ptr<Errand>> errand_for(const std::string& key, const Wish& wish,
                                                             const Work& work);
    [[nodiscard]] Result<void> check_room(const Errands& errands, const std::string& user) const;
    [[nodiscard]] Result<GitView> ask(Errand& errand, const Wish& wish) const;
    [[nodiscard]] Result<std::optional<GitAccess>> access_for(const Wish& wish, std::uint64_t number) const;

    const GitViewsOptions options_;
    std::atomic<bool> ends_{false};
    std::atomic<std::uint64_t> errands_begun_{0};
    std::atomic<bool> has_lfs_{false};
    const Git local_;
    const Git asking_;
    const Git fetching_;
    Synchronized<Errands> errands_;  ///< By repository, account, and what is asked for.
};

}  // namespace pintle::source
