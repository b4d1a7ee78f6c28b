#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "os/unique_fd.hpp"

namespace pintle::os {

/// Files and folders as Results. Every function may be called from any thread and may block on the disk.

/// The whole file; kExhausted when it is larger than `limit_bytes`.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t limit_bytes = 64 << 20);

/// Replaces the file so that a reader, or a crash, sees the old or the new content and never a mixture:
/// written beside it, renamed over it. With `durable` the content and the rename are on disk on return.
[[nodiscard]] Result<void> write_file_atomic(const std::string& path, std::string_view content, mode_t mode = 0644,
                                             bool durable = true);

/// `mkdir -p`.
[[nodiscard]] Result<void> make_folders(const std::string& path, mode_t mode = 0755);
/// `rm -rf`; nothing there is not an error. Never follows a symbolic link out of the tree.
[[nodiscard]] Result<void> remove_tree(const std::string& path);
/// Names in a folder, sorted, without "." and "..".
[[nodiscard]] Result<std::vector<std::string>> list_folder(const std::string& path);
[[nodiscard]] bool exists(const std::string& path);
struct DiskSpace {
    std::uint64_t free_bytes = 0;  ///< That we may write.
    std::uint64_t total_bytes = 0;
};
[[nodiscard]] Result<DiskSpace> disk_space(const std::string& path);

/// "could not open /x: No such file or directory", with the code that fits errno.
[[nodiscard]] Error errno_error(std::string_view doing, std::string_view path, int error_number);

}  // namespace pintle::os
