#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.hpp"
#include "os/unique_fd.hpp"

namespace pintle::source {

/// Reaches files below a folder so that nothing leads out of it: no "..", no absolute path and no symbolic link
/// that somebody who can write there has laid. `root` is an open folder, `path` is relative to it; an empty path
/// is the root itself.
///
/// Threading: any thread. May block on the disk.
/// Failure: kDenied for what would leave the folder, kInvalid for a path that is no such path, else by errno.

/// Opens the folder itself, making it when it is not there. Links on the way to it are the operator's and followed.
[[nodiscard]] Result<os::UniqueFd> open_root(const std::string& folder);

[[nodiscard]] Result<os::UniqueFd> open_beneath(int root, const std::string& path, int flags, mode_t mode = 0);
/// The same for kernels without openat2(): refuses every symbolic link, also one that stays inside.
[[nodiscard]] Result<os::UniqueFd> open_beneath_by_walk(int root, const std::string& path, int flags, mode_t mode = 0);

/// `mkdir -p` below the root; the folder is returned open.
[[nodiscard]] Result<os::UniqueFd> make_folders_beneath(int root, const std::string& path);

/// The path as storage users may write it: relative, without "..", every part short enough for a file name.
[[nodiscard]] Result<std::string> clean_relative_path(const std::string& path);

/// Where an open file or folder really is.
[[nodiscard]] Result<std::string> real_path_of(const os::UniqueFd& fd);

}  // namespace pintle::source
