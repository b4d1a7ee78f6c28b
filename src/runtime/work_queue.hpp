#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "runtime/preparation_lanes.hpp"

namespace pintle::runtime {

/// Work that blocks: preparations of jobs, and files to be moved and removed. A few threads carry it out, in an order
/// in which servers that do not answer never hold all of them; see PreparationLanes.
///
/// Thread safe. Unbounded: what is in it is bounded by the jobs that live and the chores that are remembered.
class WorkQueue {
public:
    /// What came of it: the place that did not answer; empty when all did.
    struct Outcome {
        bool failed = false;
        std::string place{};  ///< Of what failed: the server that is to blame, if one is.
        bool again = false;   ///< What it needs is in use, or it failed for now: it is begun again later.
    };
    using Work = std::function<Outcome()>;

    /// `rest` is how long what is to be begun again waits, unless something that it shares a server with ends before.
    explicit WorkQueue(std::size_t threads, std::chrono::milliseconds rest = std::chrono::seconds(2))
        : rest_(rest), lanes_(threads) {}

    /// `places` are the servers that it needs. Dropped when the queue is closed.
    void add(std::set<std::string> places, Work work);
    /// Carries out one after the other until the queue is closed and empty: the whole life of one of the threads.
    void run();
    /// What needs servers and has not begun, or is to be begun again, is dropped, and is begun by the next start of the
    /// program; the rest is still done.
    void close();

private:
    const std::chrono::milliseconds rest_;
    std::mutex mu_;
    std::condition_variable changed_;
    // Guarded by mu_.
    PreparationLanes lanes_;
    std::map<PreparationLanes::Id, Work> works_;
    PreparationLanes::Id next_id_ = 1;
    bool closed_ = false;
};

}  // namespace pintle::runtime
