#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/source.hpp"

namespace pintle::source {

struct NfsOptions {
    /// The program that mounts where the kernel has no NFS client; module nfs_mount.
    std::vector<std::string> bridge{"/proc/self/exe", "mount-nfs"};
    std::vector<std::string> files{"/proc/self/exe",
                                   "nfs-files"};   ///< The one that reads and changes files without a mount.
    Duration patience = std::chrono::seconds(20);  ///< For a mount to be there.
    Duration answer = std::chrono::seconds(10);    ///< For one request; then it fails with an error.
};

/// Mounts exports of NFS servers: by the kernel's client where this machine has one and we are root, else in user
/// space. Either way a server that does not answer makes calls fail, and never hang for ever ("soft").
///
/// Threading: any thread, one at a time for a mount point. Failure: an error that names the server and what to do.
class NfsSources {
public:
    explicit NfsSources(NfsOptions options) : options_(std::move(options)) {}

    /// A mount that is there and alive stays as it is.
    [[nodiscard]] Result<void> mount(const domain::NfsSource& origin, const std::string& mount_point,
                                     bool read_only) const;

private:
    [[nodiscard]] Result<void> mount_by_kernel(const domain::NfsSource& origin, const std::string& mount_point,
                                               bool read_only) const;
    [[nodiscard]] Result<void> mount_by_bridge(const domain::NfsSource& origin, const std::string& mount_point,
                                               bool read_only) const;
    const NfsOptions options_;
};

/// What keeps us from an export, in the words of who wrote the source. Pure.
[[nodiscard]] Error explain_nfs(const domain::NfsSource& origin, const Error& error);

/// Whether the kernel's NFS client can be used by us: root, `mount.nfs`, and a kernel that has or can load it.
[[nodiscard]] bool has_kernel_nfs();

}  // namespace pintle::source
