#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "base/bounded_queue.hpp"

namespace pintle::api {

/// A few threads for what must not run on the core thread, the feed's or the pump's: reading the store and answering.
/// Thread safe. Work is bounded by the requests under way, so none is refused before stop().
class Executor {
public:
    explicit Executor(std::size_t threads);
    ~Executor();

    /// False after stop().
    bool post(std::function<void()> work);
    /// Finishes what is queued and ends the threads.
    void stop();

private:
    BoundedQueue<std::function<void()>> queue_;
    std::vector<std::thread> threads_;
};

}  // namespace pintle::api
