#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "base/bounded_queue.hpp"

namespace pintle::engine_process {

/// Removes whatever is put into a folder, so that nobody else has to wait for a disk that takes its time over it.
///
/// Threading: a thread of its own; sweep() from any thread. Ownership: what has not been removed when it ends is left
/// for the next one on the same folder. Failure: what cannot be removed is logged and left.
class Sweeper {
public:
    /// Begins with what is there.
    explicit Sweeper(std::string folder);
    ~Sweeper();
    Sweeper(const Sweeper&) = delete;
    Sweeper& operator=(const Sweeper&) = delete;

    /// Says that there is something new.
    void sweep();

private:
    void run();

    const std::string folder_;
    BoundedQueue<bool> wakes_{1};
    std::atomic<bool> ending_ = false;
    std::thread thread_;
};

}  // namespace pintle::engine_process
