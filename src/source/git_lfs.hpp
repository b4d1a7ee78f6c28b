#pragma once

#include <string>

#include "source/git_mirror.hpp"

namespace pintle::source {

/// What of a clone is kept with git LFS: files of which the repository itself has a pointer only.
struct LargeFiles {
    std::string clone;
    std::string store;  ///< Where they are kept for all jobs, so that each is fetched once.
    std::string url;    ///< Of the repository.
    std::string commit;
};

/// Puts the large files of the clone's commit in the place of their pointers and lets git know of them in the clone,
/// if the repository uses git LFS; else does nothing. Where the program git-lfs is missing, `progress` is told in a
/// sentence, and the pointers stay.
///
/// Threading: any thread; the caller holds the mirror's lock, which guards the store too.
/// Failure: as Git::remote(), of the server that has the large files.
[[nodiscard]] Result<void> fetch_large_files(const Git& git, const LargeFiles& files, const GitAccess* access,
                                             const Progress& progress);

}  // namespace pintle::source
