#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/synchronized.hpp"
#include "source/file_senders.hpp"
#include "source/git_lfs.hpp"
#include "source/git_views.hpp"
#include "source/source_files.hpp"

namespace pintle::source {

struct GitFilesOptions {
    std::string sub_path;  ///< Of the source, clean and relative.
    Duration answer = SourceFiles::kAnswerMost;
};

/// The files of a git repository as a job finds them, at the commit that the source's revision is now, read from the
/// mirror: nothing is checked out. Without a sub path they are below a folder with the repository's name. Links are
/// followed within the source, submodules are not files. Everything has the time of the commit, and a file's tag is
/// that of its content, so a download goes on over commits that leave the file alone. A file that is kept with git LFS
/// is its content, which is fetched when it is opened for the first time; where git-lfs is missing, what was never
/// fetched is its pointer. Nothing can be written.
///
/// One of these is about one commit for as long as it lives, which the first call finds out.
///
/// Threading: any thread, several at once. Ownership: borrows views and senders.
/// Failure: as SourceFiles and GitViews; kDenied for whatever would change something.
class GitFiles final : public SourceFiles {
public:
    GitFiles(GitViews& views, GitViews::Wish wish, GitFilesOptions options, FileSenders& senders);

    [[nodiscard]] Result<FileListing> list(const std::string& sub_path, const std::string& after,
                                           std::size_t limit) const override;
    [[nodiscard]] Result<OpenFile> open(const std::string& path, std::int64_t from) const override;
    [[nodiscard]] Result<void> check_place(const std::string& path) const override;
    [[nodiscard]] Result<std::string> staging_folder() const override;
    [[nodiscard]] Result<void> take(const std::string& path, const std::string& staged,
                                    const std::atomic<bool>* give_up) const override;
    [[nodiscard]] Result<void> remove(const std::string& path) const override;

private:
    using Deadline = os::Child::Deadline;
    /// What a path leads to.
    struct Found {
        bool is_folder = false;
        std::string hash;
        std::int64_t size_bytes = 0;
    };
    using Pointers = std::map<std::string, LargeFilePointer>;  ///< By the hash of what is in the repository.
    /// Where paths begin.
    struct Root {
        GitView view;
        std::string tree;
        bool holds_repository = false;  ///< The folder above: the repository's own is the only one in it.
    };

    [[nodiscard]] Deadline deadline() const { return std::chrono::steady_clock::now() + options_.answer; }
    [[nodiscard]] Error refusal() const;
    [[nodiscard]] Error too_slow() const;
    [[nodiscard]] Result<Root> root(Deadline until) const;
    /// The path without the repository's name, which it must begin with.
    [[nodiscard]] Result<std::string> below_repository(const std::string& path) const;
    /// Follows links, within the tree.
    [[nodiscard]] Result<Found> find(const GitView& view, const std::string& tree, const std::string& path,
                                     Deadline until) const;
    [[nodiscard]] Result<bool> is_submodule(const GitView& view, const std::string& tree, const std::string& path,
                                            Deadline until) const;
    [[nodiscard]] Result<FileListing> list_tree(const GitView& view, const std::string& tree, const std::string& after,
                                                std::size_t limit, Deadline until) const;
    /// Those of the blobs that stand for files of git LFS, where these are here or can be brought.
    [[nodiscard]] Result<Pointers> pointers(const GitView& view, const std::vector<std::string>& blobs,
                                            Deadline until) const;
    [[nodiscard]] Result<OpenFile> open_large(const GitView& view, const LargeFilePointer& pointer,
                                              const std::string& path, std::int64_t from, Deadline until) const;
    [[nodiscard]] Result<void> read_all(const GitView& view, std::vector<std::string> args, int input,
                                        const std::function<bool(std::string_view)>& take, Deadline until) const;

    GitViews& views_;
    const GitViews::Wish wish_;
    const GitFilesOptions options_;
    const std::string repository_;  ///< The name of its folder.
    FileSenders& senders_;
    mutable Synchronized<std::optional<Result<GitView>>> view_;
};

}  // namespace pintle::source
