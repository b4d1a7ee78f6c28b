#pragma once

#include <string>
#include <vector>

namespace pintle::nfs_mount {

/// The user-space NFS mount: a process that shows a folder of an NFS server through FUSE, for machines whose kernel has
/// no NFS client or does not let us use it (docs/adr/0018). `pintle mount-nfs` is hidden; module `source` starts it.
///
///     mount-nfs HOST PORT PATH MOUNT_POINT SECONDS [ro]
///
/// PORT 0 means the server's usual ones. It stays in the foreground until the mount is undone or TERM arrives. Every
/// request is answered within about twice SECONDS, with an error when the server does not: whoever uses the mount never
/// hangs for longer.
///
/// Failure: a sentence as the last line of standard error, and an exit code: 3 the export is not there, 4 it is denied,
/// 5 the server does not answer, 1 anything else.
[[nodiscard]] int run_nfs_mount(const std::vector<std::string>& arguments);

}  // namespace pintle::nfs_mount
