#pragma once

#include <string>
#include <vector>

namespace pintle::nfs_mount {

/// The files of an NFS server for whoever browses and fills a source: a process for each call, which may be killed at
/// any moment, so that a server that does not answer holds up nobody (docs/adr/0018). `pintle nfs-files` is hidden;
/// source::NfsFiles starts it.
///
///     nfs-files list   HOST PORT EXPORT SECONDS ROOT PATH AFTER LIMIT
///         entries: "KIND SIZE MODIFIED_MS NAME", each ended by NUL; KIND is the letter of `find -printf %y`
///     nfs-files send   HOST PORT EXPORT SECONDS ROOT PATH FROM
///         a line "SIZE MODIFIED_MS", and the bytes from FROM on
///     nfs-files take   HOST PORT EXPORT SECONDS ROOT PATH
///         puts what it reads in the place of PATH
///     nfs-files remove HOST PORT EXPORT SECONDS ROOT PATH
///
/// PORT 0 means the server's usual ones. PATH is below ROOT, which is below EXPORT. A request to the server takes
/// SECONDS at most.
///
/// Failure: on standard error "WHAT CODE SENTENCE", with WHAT "export" when it cannot be reached at all, else "file".
[[nodiscard]] int run_nfs_files(const std::vector<std::string>& arguments);

}  // namespace pintle::nfs_mount
