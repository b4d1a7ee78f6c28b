#include "nfs_mount/nfs_connection.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <nfsc/libnfs.h>

#include <atomic>
#include <cerrno>
#include <ctime>
#include <cstring>

#include <fmt/core.h>

namespace pintle::nfs_mount {
namespace {

constexpr auto kRetryPause = std::chrono::seconds(3);

// libnfs answers with these where the connection, not the file, is at fault.
bool is_of_the_connection(int result) {
    return result == -EIO || result == -EINTR || result == -EFAULT || result == -ETIMEDOUT || result == -EPIPE ||
           result == -ECONNRESET || result == -ENOTCONN || result == -ECONNREFUSED || result == -ESTALE ||
           result == -EAGAIN || result == -ERANGE;
}

std::string in_plain_words(const std::string& fault) {
    if (fault.find("nfs_service failed") != std::string::npos) return "the connection is refused, or was lost";
    if (fault.find("Can not resolv") != std::string::npos) return "there is no such host";
    if (fault.find("timed out") != std::string::npos) return "it does not answer";
    return fault;
}

}  // namespace

NfsConnection::~NfsConnection() { drop(); }

void NfsConnection::drop() {
    if (nfs_ != nullptr) ::nfs_destroy_context(nfs_);
    nfs_ = nullptr;
    ++epoch_;
}

int NfsConnection::open_version(int version, std::string& fault) {
    drop();
    nfs_ = ::nfs_init_context();
    if (nfs_ == nullptr) return -ENOMEM;
    // Only its options are of interest here: a path in a URL could be taken for options.
    std::string url = fmt::format("nfs://host/?version={}&dircache=0&autoreconnect=0", version);
    if (export_.port != 0) url += fmt::format("&nfsport={}", export_.port);
    if (nfs_url* options = ::nfs_parse_url_dir(nfs_, url.c_str())) ::nfs_destroy_url(options);
    ::nfs_set_version(nfs_, version);
    // Servers of NFS 4 take two connections of one name for one client that has begun anew, and forget its files.
    static std::atomic<std::uint64_t> clients{0};
    const std::uint64_t client = ++clients;
    const std::string name = fmt::format("pintle {} {} {}", ::getpid(), ::time(nullptr), client);
    ::nfs4_set_client_name(nfs_, name.c_str());
    ::nfs4_set_verifier(nfs_, fmt::format("{:08x}", static_cast<std::uint32_t>(client)).c_str());
    ::nfs_set_dircache(nfs_, 0);
    ::nfs_set_autoreconnect(nfs_, 0);
    ::nfs_set_tcp_syncnt(nfs_, 3);
    ::nfs_set_timeout(nfs_, export_.patience_ms);
    const int result = ::nfs_mount(nfs_, export_.host.c_str(), export_.path.c_str());
    if (result == 0) {
        version_ = version;
        return 0;
    }
    const char* words = ::nfs_get_error(nfs_);
    fault = in_plain_words(words != nullptr && *words != '\0' ? words : std::strerror(-result));
    drop();
    // What fails before anything is sent has no number of its own.
    return result == -1 ? -EHOSTUNREACH : result;
}

int NfsConnection::open(std::string& fault) {
    if (version_ != 0) return open_version(version_, fault);
    if (export_.port != 0) return open_version(4, fault);
    const int result = open_version(3, fault);
    if (result == 0 || result == -EACCES || result == -ENOENT) return result;
    std::string other;
    const int second = open_version(4, other);
    if (second != 0 && other != fault) fault += "; by NFS 4: " + other;
    return second;
}

int NfsConnection::connect(std::string& fault) {
    const std::lock_guard lock(mu_);
    return open(fault);
}

int NfsConnection::run(const Call& call, bool may_repeat) {
    const std::lock_guard lock(mu_);
    for (int attempt = 0;; ++attempt) {
        if (nfs_ == nullptr) {
            if (Clock::now() < retry_at_) return -EIO;
            std::string fault;
            if (open(fault) != 0) {
                retry_at_ = Clock::now() + kRetryPause;
                return -EIO;
            }
        }
        const Clock::time_point began = Clock::now();
        const int result = call(nfs_, epoch_);
        if (!is_of_the_connection(result)) return result;
        const bool overran = Clock::now() - began >= std::chrono::milliseconds(export_.patience_ms) * 9 / 10;
        drop();
        if (overran) retry_at_ = Clock::now() + kRetryPause;
        if (overran || !may_repeat || attempt > 0) return result == -ESTALE ? -ESTALE : -EIO;
    }
}

}  // namespace pintle::nfs_mount
