#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "domain/account.hpp"
#include "domain/source.hpp"
#include "source/git_command.hpp"

namespace pintle::source {

/// One object of a repository's commit.
struct RepositoryEntry {
    enum class Kind { kFile, kLink, kOther };
    Kind kind = Kind::kFile;
    std::string hash;
    std::int64_t size_bytes = 0;
};

/// Every file of one commit of a repository, in its mirror; nothing is checked out, and links are not followed.
///
/// Threading: any thread, one at a time. Ownership: borrows nothing; the mirror may be brought up to date meanwhile.
/// Failure: as GitMirror; kExhausted for a commit with more than 100,000 files.
class RepositoryTree {
public:
    struct Wish {
        const domain::GitSource& origin;
        const domain::OpenAccount* account = nullptr;  ///< Null: it is reached without one.
        std::string access_folder;                     ///< Where the account's secret lies meanwhile.
    };
    /// Asks the remote what the revision is now, and brings it.
    [[nodiscard]] static Result<RepositoryTree> bring(const Git& git, const std::string& cache_folder,
                                                      const Wish& wish);
    /// A commit that was brought before. Asks nobody. `account` is the id of the one it was reached with, or empty.
    [[nodiscard]] static Result<RepositoryTree> known(const Git& git, const std::string& cache_folder,
                                                      const std::string& repository, const std::string& account,
                                                      const std::string& commit);

    [[nodiscard]] const std::string& commit() const { return commit_; }
    /// By their paths, all of them files, links or others.
    [[nodiscard]] const std::map<std::string, RepositoryEntry>& entries() const { return entries_; }
    [[nodiscard]] Result<std::string> read(const std::string& path, std::size_t most_bytes) const;

private:
    RepositoryTree(const Git& git, std::string mirror, std::string commit)
        : git_(git), mirror_(std::move(mirror)), commit_(std::move(commit)) {}
    [[nodiscard]] Result<void> list();

    Git git_;
    std::string mirror_;
    std::string commit_;
    std::map<std::string, RepositoryEntry> entries_;
};

}  // namespace pintle::source
