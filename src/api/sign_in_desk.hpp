#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "api/executor.hpp"
#include "auth/sign_in_guard.hpp"
#include "base/synchronized.hpp"

namespace pintle::api {

/// An executor that refuses work when too much waits already, for work that takes long and that strangers can ask for.
///
/// Thread safe. stop() waits for what runs.
class LimitedExecutor {
public:
    LimitedExecutor(std::size_t threads, std::size_t limit) : limit_(limit), executor_(threads) {}

    /// False when `limit` are under way, or after stop().
    [[nodiscard]] bool post(std::function<void()> work);
    void stop() { executor_.stop(); }

private:
    const std::size_t limit_;
    std::atomic<std::size_t> under_way_{0};
    Executor executor_;
};

/// What signing in shares between requests. The hashing of a password takes a core and 64 MiB for a tenth of a second,
/// and a provider may take seconds to answer: neither may hold up the threads that answer everybody else, nor the
/// other.
///
/// Thread safe. The guard's failures are forgotten when the server ends.
struct SignInDesk {
    Synchronized<auth::SignInGuard> guard;
    LimitedExecutor hashing{2, 100};
    LimitedExecutor providers{4, 100};

    void stop() {
        hashing.stop();
        providers.stop();
    }
};

}  // namespace pintle::api
