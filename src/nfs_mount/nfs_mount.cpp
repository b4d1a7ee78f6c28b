#include "nfs_mount/nfs_mount.hpp"

#define FUSE_USE_VERSION 35
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <nfsc/libnfs.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/text.hpp"
#include "nfs_mount/nfs_connection.hpp"
#include "nfs_mount/nfs_open_file.hpp"

namespace pintle::nfs_mount {
namespace {

// As many requests are under way at once.
constexpr std::size_t kConnections = 4;
constexpr ino_t kUnknownInode = 0xffffffff;

class Bridge {
public:
    explicit Bridge(const Export& where) {
        for (auto& connection : connections_) connection = std::make_unique<NfsConnection>(where);
    }
    NfsConnection& any() { return *connections_[next_++ % kConnections]; }
    NfsConnection& first() { return *connections_[0]; }

private:
    std::array<std::unique_ptr<NfsConnection>, kConnections> connections_;
    std::atomic<std::size_t> next_{0};
};

Bridge& bridge() { return *static_cast<Bridge*>(::fuse_get_context()->private_data); }

OpenFile* file_of(const fuse_file_info* info) {
    return info == nullptr ? nullptr : reinterpret_cast<OpenFile*>(info->fh);  // NOLINT: what FUSE keeps for us
}

void copy(const nfs_stat_64& from, struct stat& to) {
    to = {};
    to.st_dev = from.nfs_dev;
    to.st_ino = from.nfs_ino;
    to.st_mode = static_cast<mode_t>(from.nfs_mode);
    to.st_nlink = from.nfs_nlink;
    to.st_uid = static_cast<uid_t>(from.nfs_uid);
    to.st_gid = static_cast<gid_t>(from.nfs_gid);
    to.st_rdev = from.nfs_rdev;
    to.st_size = static_cast<off_t>(from.nfs_size);
    to.st_blksize = static_cast<blksize_t>(from.nfs_blksize);
    to.st_blocks = static_cast<blkcnt_t>(from.nfs_blocks);
    to.st_atim = {static_cast<time_t>(from.nfs_atime), static_cast<long>(from.nfs_atime_nsec)};
    to.st_mtim = {static_cast<time_t>(from.nfs_mtime), static_cast<long>(from.nfs_mtime_nsec)};
    to.st_ctim = {static_cast<time_t>(from.nfs_ctime), static_cast<long>(from.nfs_ctime_nsec)};
}

void* on_init(fuse_conn_info* connection, fuse_config* config) {
    config->use_ino = 1;
    config->nullpath_ok = 0;
    // Others change the export too: what is believed of it is believed for a moment only.
    config->attr_timeout = 1;
    config->entry_timeout = 1;
    config->negative_timeout = 0;
    config->auto_cache = 1;
    connection->max_write = kTransferMost;
    connection->max_read = kTransferMost;
    connection->max_readahead = kTransferMost;
    return ::fuse_get_context()->private_data;
}

int on_getattr(const char* path, struct stat* out, fuse_file_info* info) {
    nfs_stat_64 found{};
    int result = 0;
    if (OpenFile* file = file_of(info)) {
        result = file->with([&](nfs_context* nfs, nfsfh* handle) { return ::nfs_fstat64(nfs, handle, &found); });
    } else {
        result = bridge().any().repeat(
            [&](nfs_context* nfs, std::uint64_t) { return ::nfs_lstat64(nfs, path, &found); });
    }
    if (result == 0) copy(found, *out);
    return result;
}

int on_readlink(const char* path, char* out, std::size_t size) { return read_link(bridge().any(), path, out, size); }

int on_mkdir(const char* path, mode_t mode) {
    return bridge().any().once(
        [&](nfs_context* nfs, std::uint64_t) { return ::nfs_mkdir2(nfs, path, static_cast<int>(mode & 07777)); });
}
int on_unlink(const char* path) {
    return bridge().any().once([&](nfs_context* nfs, std::uint64_t) { return ::nfs_unlink(nfs, path); });
}
int on_rmdir(const char* path) {
    return bridge().any().once([&](nfs_context* nfs, std::uint64_t) { return ::nfs_rmdir(nfs, path); });
}
int on_symlink(const char* target, const char* path) {
    return bridge().any().once([&](nfs_context* nfs, std::uint64_t) { return ::nfs_symlink(nfs, target, path); });
}
int on_rename(const char* from, const char* to, unsigned flags) {
    if (flags != 0) return -EINVAL;  // NFS has no word for them.
    return bridge().any().once([&](nfs_context* nfs, std::uint64_t) { return ::nfs_rename(nfs, from, to); });
}
int on_link(const char* from, const char* to) {
    return bridge().any().once([&](nfs_context* nfs, std::uint64_t) { return ::nfs_link(nfs, from, to); });
}
int on_chmod(const char* path, mode_t mode, fuse_file_info*) {
    return bridge().any().repeat([&](nfs_context* nfs, std::uint64_t) {
        return ::nfs_chmod(nfs, path, static_cast<int>(mode & 07777));
    });
}
int on_chown(const char* path, uid_t user, gid_t group, fuse_file_info*) {
    return bridge().any().repeat([&](nfs_context* nfs, std::uint64_t) {
        return ::nfs_lchown(nfs, path, static_cast<int>(user), static_cast<int>(group));
    });
}

int on_truncate(const char* path, off_t size, fuse_file_info* info) {
    const auto length = static_cast<std::uint64_t>(size);
    if (OpenFile* file = file_of(info)) {
        return file->with([&](nfs_context* nfs, nfsfh* handle) { return ::nfs_ftruncate(nfs, handle, length); });
    }
    return bridge().any().repeat([&](nfs_context* nfs, std::uint64_t) { return ::nfs_truncate(nfs, path, length); });
}

int on_utimens(const char* path, const timespec times[2], fuse_file_info*) {
    return bridge().any().repeat([&](nfs_context* nfs, std::uint64_t) {
        timespec now{};
        ::clock_gettime(CLOCK_REALTIME, &now);
        nfs_stat_64 found{};
        const bool keeps_one = times[0].tv_nsec == UTIME_OMIT || times[1].tv_nsec == UTIME_OMIT;
        if (keeps_one) {
            if (const int result = ::nfs_lstat64(nfs, path, &found); result != 0) return result;
        }
        const auto chosen = [&](const timespec& wanted, std::uint64_t seconds, std::uint64_t nanos) {
            if (wanted.tv_nsec == UTIME_NOW) return timeval{now.tv_sec, now.tv_nsec / 1000};
            if (wanted.tv_nsec == UTIME_OMIT)
                return timeval{static_cast<time_t>(seconds), static_cast<suseconds_t>(nanos / 1000)};
            return timeval{wanted.tv_sec, wanted.tv_nsec / 1000};
        };
        timeval both[2] = {chosen(times[0], found.nfs_atime, found.nfs_atime_nsec),
                           chosen(times[1], found.nfs_mtime, found.nfs_mtime_nsec)};
        return ::nfs_lutimes(nfs, path, both);
    });
}

int keep_open(OpenFile file, fuse_file_info* info) {
    info->fh = reinterpret_cast<std::uint64_t>(new OpenFile(std::move(file)));  // NOLINT: on_release() deletes it
    return 0;
}

int on_open(const char* path, fuse_file_info* info) {
    OpenFile file{bridge().any(), path, info->flags & (O_ACCMODE | O_SYNC)};
    // FUSE truncates by itself, and gives every write its place.
    const int result = file.with([](nfs_context*, nfsfh*) { return 0; });
    return result != 0 ? result : keep_open(std::move(file), info);
}

int on_create(const char* path, mode_t mode, fuse_file_info* info) {
    OpenFile file{bridge().any(), path, info->flags & (O_ACCMODE | O_SYNC)};
    const int result = file.make(info->flags, mode);
    return result != 0 ? result : keep_open(std::move(file), info);
}

int on_read(const char*, char* out, std::size_t size, off_t offset, fuse_file_info* info) {
    return file_of(info)->read(out, size, static_cast<std::uint64_t>(offset));
}

int on_write(const char*, const char* bytes, std::size_t size, off_t offset, fuse_file_info* info) {
    return file_of(info)->write(bytes, size, static_cast<std::uint64_t>(offset));
}

int on_fsync(const char*, int, fuse_file_info* info) { return file_of(info)->sync(); }

// Called when a program closes the file: the last chance to tell it that its data is not safe.
int on_flush(const char*, fuse_file_info* info) {
    OpenFile& file = *file_of(info);
    if ((file.flags & O_ACCMODE) == O_RDONLY) return 0;
    return file.sync();
}

int on_release(const char*, fuse_file_info* info) {
    const std::unique_ptr<OpenFile> file(file_of(info));
    file->close();
    return 0;
}

int on_readdir(const char* path, void* buffer, fuse_fill_dir_t fill, off_t, fuse_file_info*, fuse_readdir_flags) {
    return bridge().any().repeat([&](nfs_context* nfs, std::uint64_t) {
        nfsdir* folder = nullptr;
        if (const int result = ::nfs_opendir(nfs, path, &folder); result < 0) return result;
        for (const char* name : {".", ".."}) fill(buffer, name, nullptr, 0, static_cast<fuse_fill_dir_flags>(0));
        while (const nfsdirent* entry = ::nfs_readdir(nfs, folder)) {
            if (std::strcmp(entry->name, ".") == 0 || std::strcmp(entry->name, "..") == 0) continue;
            struct stat info {};
            // By NFS 4 libnfs knows no number, and what has the number 0 is not shown by programs.
            info.st_ino = entry->inode != 0 ? entry->inode : kUnknownInode;
            info.st_mode = entry->mode;
            switch (entry->type) {  // NF3REG, NF3DIR, NF3LNK
                case 1: info.st_mode |= S_IFREG; break;
                case 2: info.st_mode |= S_IFDIR; break;
                case 5: info.st_mode |= S_IFLNK; break;
                default: break;
            }
            if (fill(buffer, entry->name, &info, 0, static_cast<fuse_fill_dir_flags>(0)) != 0) break;
        }
        ::nfs_closedir(nfs, folder);
        return 0;
    });
}

int on_statfs(const char* path, struct statvfs* out) {
    return bridge().any().repeat(
        [&](nfs_context* nfs, std::uint64_t) { return ::nfs_statvfs(nfs, path, out); });
}

fuse_operations operations() {
    fuse_operations all{};
    all.init = on_init;
    all.getattr = on_getattr;
    all.readlink = on_readlink;
    all.mkdir = on_mkdir;
    all.unlink = on_unlink;
    all.rmdir = on_rmdir;
    all.symlink = on_symlink;
    all.rename = on_rename;
    all.link = on_link;
    all.chmod = on_chmod;
    all.chown = on_chown;
    all.truncate = on_truncate;
    all.utimens = on_utimens;
    all.open = on_open;
    all.create = on_create;
    all.read = on_read;
    all.write = on_write;
    all.fsync = on_fsync;
    all.flush = on_flush;
    all.release = on_release;
    all.readdir = on_readdir;
    all.statfs = on_statfs;
    return all;
}

int exit_code_of(int result) {
    switch (-result) {
        case ENOENT:
        case ENOTDIR: return 3;
        case EACCES:
        case EPERM: return 4;
        default: return 5;
    }
}

int serve(Bridge& files, const std::string& mount_point, bool read_only) {
    // Only root may open its mounts to others; jobs of other users' servers run as that user anyway.
    std::string options = "fsname=nfs,subtype=pintle,nosuid,nodev,max_read=1048576";
    if (::geteuid() == 0) options += ",allow_other";
    if (read_only) options += ",ro";
    std::array<std::string, 3> words{"pintle", "-o", options};
    std::array<char*, 3> pointers{words[0].data(), words[1].data(), words[2].data()};
    fuse_args args = FUSE_ARGS_INIT(static_cast<int>(pointers.size()), pointers.data());
    const fuse_operations all = operations();
    fuse* session = ::fuse_new(&args, &all, sizeof all, &files);
    ::fuse_opt_free_args(&args);
    if (session == nullptr || ::fuse_mount(session, mount_point.c_str()) != 0) {
        std::fputs("this machine cannot mount file systems of programs (FUSE)\n", stderr);
        return 1;
    }
    ::fuse_set_signal_handlers(::fuse_get_session(session));
    fuse_loop_config loop{};
    loop.max_idle_threads = kConnections;
    const int ended = ::fuse_loop_mt(session, &loop);
    ::fuse_unmount(session);
    ::fuse_destroy(session);
    return ended < 0 ? 1 : 0;
}

}  // namespace

int run_nfs_mount(const std::vector<std::string>& arguments) {
    const auto port = arguments.size() < 5 ? std::nullopt : parse_int(arguments[1]);
    const auto seconds = arguments.size() < 5 ? std::nullopt : parse_int(arguments[4]);
    if (!port || !seconds || *port < 0 || *port > 65535 || *seconds < 1 || *seconds > 3600) {
        std::fputs("pintle mount-nfs is started by the server: HOST PORT PATH MOUNT_POINT SECONDS [ro]\n", stderr);
        return 2;
    }
    // Jobs of the same user may not look into it.
    ::prctl(PR_SET_DUMPABLE, 0);
    Bridge files({arguments[0], static_cast<int>(*port), arguments[2], static_cast<int>(*seconds) * 1000});
    std::string fault;
    if (const int result = files.first().connect(fault); result != 0) {
        std::fprintf(stderr, "%s\n", fault.c_str());
        return exit_code_of(result);
    }
    return serve(files, arguments[3], arguments.size() > 5 && arguments[5] == "ro");
}

}  // namespace pintle::nfs_mount
