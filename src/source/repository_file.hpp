#pragma once

#include <cstddef>
#include <string>

#include "domain/account.hpp"
#include "domain/source.hpp"
#include "source/git_command.hpp"

namespace pintle::source {

/// A file of a git repository as it is at one commit.
struct RepositoryFile {
    std::string text;
    std::string commit;  ///< In full.
};

/// Reads one file of the repository, at the origin's revision (empty: the remote's HEAD). Its mirror is brought up to
/// date as for a job; nothing is checked out, and links are not followed.
///
/// `account` is what the origin names, null for none; `access_folder` is where its secret lies meanwhile.
///
/// Threading: any thread; waits for others who use the repository. Failure: as GitMirror; kNotFound says what there is
/// instead, kExhausted that the file has more than `most_bytes`.
struct FileWish {
    const domain::GitSource& origin;
    const domain::OpenAccount* account = nullptr;
    std::string access_folder;
    const std::string& path;
    std::size_t most_bytes = 0;
};
[[nodiscard]] Result<RepositoryFile> read_repository_file(const Git& git, const std::string& cache_folder,
                                                          const FileWish& wish);

}  // namespace pintle::source
