#include "source/nfs_source.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "os/file.hpp"
#include "os/subprocess.hpp"
#include "source/mount.hpp"

namespace pintle::source {
namespace {

std::string seconds_of(Duration time) {
    return fmt::format("{}", std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::seconds>(time).count()));
}

}  // namespace

Error explain_nfs(const domain::NfsSource& origin, const Error& error) {
    const std::string name = fmt::format("the NFS server {}", origin.server);
    switch (error.code) {
        case ErrorCode::kNotFound:
            return {error.code, fmt::format("{} has no folder {}: {}", name, origin.path, error.message), {}, {}};
        case ErrorCode::kDenied:
            return {error.code,
                    fmt::format("{} does not let this machine mount {}: it exports no such folder, or not to us ({})",
                                name, origin.path, error.message),
                    {},
                    {}};
        case ErrorCode::kTimeout:
            return {error.code, fmt::format("{} does not answer: {}", name, error.message), {}, {}};
        default: return {error.code, fmt::format("{} cannot be reached: {}", name, error.message), {}, {}};
    }
}

bool has_kernel_nfs() {
    if (::geteuid() != 0) return false;
    if (!os::exists("/sbin/mount.nfs") && !os::exists("/usr/sbin/mount.nfs")) return false;
    const auto known = os::read_file("/proc/filesystems", 1 << 16);
    if (known && known->find("\tnfs") != std::string::npos) return true;
    utsname system{};
    if (::uname(&system) != 0) return false;
    const std::string module = fmt::format("/lib/modules/{}/kernel/fs/nfs/nfs.ko", system.release);
    return os::exists(module) || os::exists(module + ".xz") || os::exists(module + ".zst") ||
           os::exists(module + ".gz");
}

Result<void> NfsSources::mount(const domain::NfsSource& origin, const std::string& mount_point, bool read_only) const {
    if (is_mount_alive(mount_point)) return {};
    TRY(undo_mount(mount_point, Duration(0)));
    if (has_kernel_nfs()) {
        const auto mounted = mount_by_kernel(origin, mount_point, read_only);
        if (mounted) return {};
        // In containers the kernel has a client and does not let us use it.
        log::info("nfs.kernel_mount_failed", {{"server", origin.server}, {"reason", mounted.error().message}});
    }
    const auto mounted = mount_by_bridge(origin, mount_point, read_only);
    if (!mounted) return fail(explain_nfs(origin, mounted.error()));
    return {};
}

Result<void> NfsSources::mount_by_kernel(const domain::NfsSource& origin, const std::string& mount_point,
                                         bool read_only) const {
    const domain::ServerAddress server = TRY(domain::parse_server(origin.server));
    std::string options = fmt::format("soft,retrans=2,retry=0,nosuid,nodev,timeo={}0", seconds_of(options_.answer / 2));
    if (server.port != 0) options += fmt::format(",port={}", server.port);
    if (read_only) options += ",ro";
    TRY(os::make_folders(mount_point, 0700));
    os::Command command;
    command.argv = {"mount", "-t", "nfs", "-o", options,
                    domain::host_in_url(server) + ":" + origin.path, mount_point};
    command.timeout = options_.patience;
    const auto output = os::run(command);
    if (output && output->exit_code == 0) return {};
    (void)undo_mount(mount_point, Duration(0));
    if (!output) return fail(output.error());
    return fail(ErrorCode::kUnavailable, "{}", to_valid_utf8(trim(output->output).substr(0, 500)));
}

Result<void> NfsSources::mount_by_bridge(const domain::NfsSource& origin, const std::string& mount_point,
                                         bool read_only) const {
    if (const std::string fault = fuse_fault(); !fault.empty()) return fail(ErrorCode::kUnavailable, "{}", fault);
    const domain::ServerAddress server = TRY(domain::parse_server(origin.server));
    MountCommand command;
    command.argv = options_.bridge;
    for (std::string word :
         {server.host, fmt::format("{}", server.port), origin.path, mount_point, seconds_of(options_.answer)})
        command.argv.push_back(std::move(word));
    if (read_only) command.argv.emplace_back("ro");
    command.mount_point = mount_point;
    command.patience = options_.patience;
    return start_mount(command);
}

}  // namespace pintle::source
