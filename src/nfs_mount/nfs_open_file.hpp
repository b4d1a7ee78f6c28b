#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

#include "nfs_mount/nfs_connection.hpp"

struct nfsfh;

namespace pintle::nfs_mount {

/// Of one request.
inline constexpr std::size_t kTransferMost = 1 << 20;

/// A file that somebody has open, with one connection. After that was lost the file is opened again by its path.
///
/// Threading: any thread; the connection lets one call at a time through. Failure: negative error numbers.
struct OpenFile {
    NfsConnection& connection;
    const std::string path;
    const int flags;          ///< Without those that only make sense once.
    nfsfh* handle = nullptr;  // in a call of the connection only
    std::uint64_t epoch = 0;  // in a call of the connection only

    int with(const std::function<int(nfs_context*, nfsfh*)>& call);
    /// Makes the file and opens it; `wanted` has what `flags` leaves out.
    int make(int wanted, mode_t mode);
    /// As many bytes as there are, or an error when there is none of them.
    int read(char* out, std::size_t size, std::uint64_t offset);
    int write(const char* bytes, std::size_t size, std::uint64_t offset);
    int sync();
    void close();
};

/// What a symbolic link says, ended by NUL. 0 or a negative error number.
int read_link(NfsConnection& connection, const char* path, char* out, std::size_t size);

}  // namespace pintle::nfs_mount
