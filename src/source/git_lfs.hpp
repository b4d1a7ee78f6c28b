#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "source/git_mirror.hpp"

namespace pintle::source {

/// What of a clone is kept with git LFS: files of which the repository itself has a pointer only.
struct LargeFiles {
    std::string clone;  ///< Or the mirror, where there is none.
    std::string store;  ///< Where they are kept for all jobs, so that each is fetched once.
    std::string url;    ///< Of the repository.
    std::string commit;
};

/// Puts the large files of the clone's commit in the place of their pointers and lets git know of them in the clone,
/// if the repository uses git LFS; else does nothing. Where the program git-lfs is missing, `progress` is told in a
/// sentence, and the pointers stay.
///
/// Threading: any thread; the caller holds the mirror's lock, which guards the store too.
/// Failure: as Git::remote(), of the server that has the large files; kDenied too where Git::asking() refuses the
/// server that the repository's .lfsconfig names.
[[nodiscard]] Result<void> fetch_large_files(const Git& git, const LargeFiles& files, const GitAccess* access,
                                             const Progress& progress);

/// What stands in a repository for a file that is kept with git LFS.
struct LargeFilePointer {
    std::string hash;  ///< SHA-256 of the file, in hex.
    std::int64_t size_bytes = 0;
    bool operator==(const LargeFilePointer&) const = default;
};

/// Whether a file of that size can be a pointer at all: they are never smaller, and hardly ever larger.
[[nodiscard]] bool may_be_pointer(std::int64_t size_bytes);
/// Nothing when the text is no pointer. Pure. Format: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
[[nodiscard]] std::optional<LargeFilePointer> read_pointer(std::string_view text);
/// Where the file is in a store, if it is there.
[[nodiscard]] std::string path_in_store(const std::string& store, const LargeFilePointer& pointer);
[[nodiscard]] bool is_in_store(const std::string& store, const LargeFilePointer& pointer);

/// Whether this machine has the program git-lfs.
[[nodiscard]] bool has_lfs(const Git& git);

/// The server of large files that the commit's .lfsconfig names; empty when it names none, and the repository's own has
/// them. Failure: kInvalid when it is no address that git could be given, else as Git::check_reachable().
[[nodiscard]] Result<std::string> large_file_server(const Git& git, const std::string& repository,
                                                    const std::string& commit);

/// Brings the file that a pointer stands for into the store. The mirror is not touched: `scratch` is a folder for this
/// call alone, gone afterwards, so nobody has to be waited for.
///
/// Threading: any thread. Failure: as fetch_large_files().
[[nodiscard]] Result<void> fetch_large_file(const Git& git, const LargeFiles& files, const LargeFilePointer& pointer,
                                            const std::string& scratch, const GitAccess* access);

}  // namespace pintle::source
