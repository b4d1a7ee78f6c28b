#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/time.hpp"
#include "gateway/directory.hpp"
#include "gateway/person_traffic.hpp"

namespace pintle::gateway {

/// Looks at every running component from time to time and reports how it is used: Jupyter is asked for its kernels and
/// terminals, of all others the traffic that people cause tells. One that cannot be asked is not reported, so that
/// nothing is paused because it is too busy to answer.
///
/// A thread of its own, ended by the destructor. Borrows what it is given.
class UseWatch {
public:
    UseWatch(Directory& directory, const PersonTraffic& traffic, Duration interval);
    ~UseWatch();
    UseWatch(const UseWatch&) = delete;
    UseWatch& operator=(const UseWatch&) = delete;

    /// The use of one component now.
    [[nodiscard]] static Result<Use> look(const Endpoint& endpoint, const PersonTraffic& traffic);

private:
    void run();
    void look_at_all();

    Directory& directory_;
    const PersonTraffic& traffic_;
    const Duration interval_;
    std::mutex mu_;
    std::condition_variable changed_;
    bool stopping_ = false;  // guarded by mu_
    std::thread thread_;
};

}  // namespace pintle::gateway
