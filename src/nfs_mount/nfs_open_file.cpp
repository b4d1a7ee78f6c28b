#include "nfs_mount/nfs_open_file.hpp"

#include <fcntl.h>
#include <sys/time.h>

#include <nfsc/libnfs.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace pintle::nfs_mount {
namespace {

// By NFS 4 libnfs makes files only as O_EXCL does it, and keeps a number of its own in their times.
int make_file(nfs_context* nfs, const char* path, int flags, mode_t mode, nfsfh** handle) {
    const bool may_exist = (flags & O_EXCL) == 0;
    nfs_stat_64 found{};
    // Asked first: libnfs loses count of what it opens when a file is not there.
    if (may_exist && ::nfs_lstat64(nfs, path, &found) == 0) {
        const int result = ::nfs_open(nfs, path, flags & O_ACCMODE, handle);
        return result == 0 && (flags & O_TRUNC) != 0 ? ::nfs_ftruncate(nfs, *handle, 0) : result;
    }
    const int wanted = (flags & (O_ACCMODE | O_SYNC)) | O_CREAT | O_EXCL;
    const int result = ::nfs_open2(nfs, path, wanted, static_cast<int>(mode & 07777), handle);
    if (result == -EEXIST && may_exist) return ::nfs_open(nfs, path, flags & O_ACCMODE, handle);
    if (result != 0) return result;
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    timeval both[2] = {{now.tv_sec, now.tv_nsec / 1000}, {now.tv_sec, now.tv_nsec / 1000}};
    (void)::nfs_chmod(nfs, path, static_cast<int>(mode & 07777));
    (void)::nfs_lutimes(nfs, path, both);
    return 0;
}

// By NFS 4 libnfs does not know what the server takes, which answers less than was asked for, and has room for little
// in what it sends.
std::uint64_t read_most(nfs_context* nfs) {
    const std::uint64_t known = ::nfs_get_readmax(nfs);
    return known > 0 ? known : kTransferMost / 2;
}
std::uint64_t write_most(nfs_context* nfs) {
    constexpr std::uint64_t kRoomOfVersion4 = 2048;
    const std::uint64_t known = ::nfs_get_writemax(nfs);
    return known > 0 ? known : kRoomOfVersion4;
}

}  // namespace

int OpenFile::with(const std::function<int(nfs_context*, nfsfh*)>& call) {
    return connection.repeat([&](nfs_context* nfs, std::uint64_t now) {
        if (handle == nullptr || epoch != now) {
            handle = nullptr;
            if (const int result = ::nfs_open(nfs, path.c_str(), flags, &handle); result < 0) return result;
            epoch = now;
        }
        return call(nfs, handle);
    });
}

int OpenFile::make(int wanted, mode_t mode) {
    const NfsConnection::Call call = [&](nfs_context* nfs, std::uint64_t now) {
        epoch = now;
        return make_file(nfs, path.c_str(), wanted, mode, &handle);
    };
    return (wanted & O_EXCL) != 0 ? connection.once(call) : connection.repeat(call);
}

int OpenFile::read(char* out, std::size_t size, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < size) {
        const int result = with([&](nfs_context* nfs, nfsfh* file) {
            const std::uint64_t most = std::min<std::uint64_t>(size - done, read_most(nfs));
            return ::nfs_pread(nfs, file, offset + done, most, out + done);
        });
        if (result < 0) return done > 0 ? static_cast<int>(done) : result;
        if (result == 0) break;
        done += static_cast<std::size_t>(result);
    }
    return static_cast<int>(done);
}

int OpenFile::write(const char* bytes, std::size_t size, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < size) {
        const int result = with([&](nfs_context* nfs, nfsfh* file) {
            const std::uint64_t most = std::min<std::uint64_t>(size - done, write_most(nfs));
            return ::nfs_pwrite(nfs, file, offset + done, most,
                                const_cast<char*>(bytes) + done);  // NOLINT: libnfs only reads it
        });
        if (result <= 0) return done > 0 ? static_cast<int>(done) : (result < 0 ? result : -EIO);
        done += static_cast<std::size_t>(result);
    }
    return static_cast<int>(done);
}

int OpenFile::sync() {
    return with([](nfs_context* nfs, nfsfh* file) { return ::nfs_fsync(nfs, file); });
}

// By NFS 4 libnfs does not end what it reads where the link ends, when that has a multiple of four bytes.
int read_link(NfsConnection& connection, const char* path, char* out, std::size_t size) {
    return connection.repeat([&](nfs_context* nfs, std::uint64_t) {
        nfs_stat_64 found{};
        if (const int result = ::nfs_lstat64(nfs, path, &found); result < 0) return result;
        if (const int result = ::nfs_readlink(nfs, path, out, static_cast<int>(size)); result < 0) return result;
        out[std::min<std::uint64_t>(found.nfs_size, size - 1)] = '\0';
        return 0;
    });
}

void OpenFile::close() {
    (void)connection.once([&](nfs_context* nfs, std::uint64_t now) {
        if (handle != nullptr && epoch == now) ::nfs_close(nfs, handle);
        handle = nullptr;
        return 0;
    });
}

}  // namespace pintle::nfs_mount
