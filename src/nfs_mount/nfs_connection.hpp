#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

struct nfs_context;

namespace pintle::nfs_mount {

struct Export {
    std::string host;
    int port = 0;  ///< 0: NFS 3 by the server's port mapper, else NFS 4 at its usual port; otherwise NFS 4 at this one.
    std::string path;
    int patience_ms = 10'000;  ///< How long one request may take.
};

/// One connection to a server. libnfs serves one thread per connection, so calls wait for each other.
///
/// Threading: any thread. Failure: negative error numbers, as FUSE wants them. After a request that nobody answered the
/// connection is made anew; while that fails, calls fail at once, and it is tried again every few seconds.
class NfsConnection {
public:
    explicit NfsConnection(Export where) : export_(std::move(where)) {}
    ~NfsConnection();
    NfsConnection(const NfsConnection&) = delete;
    NfsConnection& operator=(const NfsConnection&) = delete;

    /// 0, or why not; `fault` then says it in words.
    [[nodiscard]] int connect(std::string& fault);

    /// Runs the call with the connection. `epoch` counts the connections: what was opened in another one is void.
    using Call = std::function<int(nfs_context* nfs, std::uint64_t epoch)>;
    /// A call that may be made twice, when the first one met a dead connection.
    [[nodiscard]] int repeat(const Call& call) { return run(call, true); }
    /// A call whose second run could find the work of the first, such as making a folder.
    [[nodiscard]] int once(const Call& call) { return run(call, false); }

private:
    using Clock = std::chrono::steady_clock;
    [[nodiscard]] int run(const Call& call, bool may_repeat);
    [[nodiscard]] int open(std::string& fault);
    [[nodiscard]] int open_version(int version, std::string& fault);
    void drop();

    const Export export_;
    std::mutex mu_;
    nfs_context* nfs_ = nullptr;  // guarded by mu_
    std::uint64_t epoch_ = 0;     // guarded by mu_
    Clock::time_point retry_at_{};  // guarded by mu_
    int version_ = 0;             // guarded by mu_; 0: not known yet
};

}  // namespace pintle::nfs_mount
