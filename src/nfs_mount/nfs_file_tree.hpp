#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "nfs_mount/nfs_connection.hpp"

namespace pintle::nfs_mount {

struct TreeEntry {
    std::string name;
    mode_t mode = 0;
    std::int64_t size_bytes = 0;
    std::int64_t modified_ms = 0;
};

/// The files below a folder of an export: symbolic links are followed as long as they stay below it, and what would
/// leave it, by a link or by "..", is refused. Somebody who moves folders about on the server meanwhile can at most
/// make us see other parts of the export: libnfs looks names up in it, and nowhere else.
///
/// Threading: one thread. Ownership: borrows the connection. Paths are relative to the folder.
/// Failure: kDenied for what leaves it or what the server refuses, kNotFound, kInvalid for what is no folder or no
/// file, kConflict, kExhausted for a full server, kUnavailable when it does not answer.
class NfsFileTree {
public:
    /// `root` is relative to the export; links on the way to it stay within that.
    NfsFileTree(NfsConnection& connection, std::string root) : connection_(connection), root_(std::move(root)) {}

    /// The first entries by name after one; those of uploads are left out. A root that is not there yet is empty.
    [[nodiscard]] Result<std::vector<TreeEntry>> list(const std::string& path, const std::string& after,
                                                      std::size_t most) const;
    /// Tells what the file is, then gives its bytes from one on. `put` says false when nobody wants more.
    [[nodiscard]] Result<void> send(const std::string& path, std::uint64_t from,
                                    const std::function<void(const TreeEntry&)>& tell,
                                    const std::function<bool(std::string_view)>& put) const;
    /// Puts the content in the place of the file, at once and as a whole; folders on the way are made. `get` fills the
    /// buffer and says how much of it, 0 at the end, -1 when it cannot.
    [[nodiscard]] Result<void> take(const std::string& path,
                                    const std::function<ssize_t(char*, std::size_t)>& get) const;
    /// A file, a link, or a folder with all in it.
    [[nodiscard]] Result<void> remove(const std::string& path) const;

private:
    enum class Last { kFollow, kKeep, kMake };
    [[nodiscard]] Result<std::string> base(bool make) const;
    [[nodiscard]] Result<std::string> resolve(const std::string& base, const std::string& path, Last last) const;
    /// Of a real path; kNotFound when nothing is there.
    [[nodiscard]] Result<TreeEntry> look(const std::string& real, const std::string& shown) const;
    [[nodiscard]] Result<std::vector<TreeEntry>> entries(const std::string& real, const std::string& shown) const;
    [[nodiscard]] Result<void> write_new(const std::string& real, const std::function<ssize_t(char*, std::size_t)>& get,
                                         const std::string& shown) const;
    [[nodiscard]] Result<void> remove_real(const std::string& real, bool is_folder, const std::string& shown,
                                           int depth) const;
    void remove_abandoned(const std::string& folder) const;

    NfsConnection& connection_;
    const std::string root_;
};

}  // namespace pintle::nfs_mount
