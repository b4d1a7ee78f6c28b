#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>

#include "base/time.hpp"

namespace pintle {

/// Work that is due at some time, each item at most once: an item that is queued already keeps the earlier time. So it
/// holds no more than there are different items. Thread safe.
template <class T>
class TimedQueue {
public:
    using Moment = std::chrono::steady_clock::time_point;

    /// False when the queue is closed.
    bool add(const T& item, Duration from_now = {}) {
        {
            const std::lock_guard lock(mu_);
            if (closed_) return false;
            const Moment due = std::chrono::steady_clock::now() + from_now;
            const auto [at, added] = due_.try_emplace(item, due);
            if (!added && at->second <= due) return true;
            at->second = due;
        }
        ready_.notify_one();
        return true;
    }

    /// Waits until an item is due and takes it; nothing once the queue is closed, whatever is left.
    [[nodiscard]] std::optional<T> pop() {
        std::unique_lock lock(mu_);
        while (!closed_) {
            auto first = due_.begin();
            for (auto at = due_.begin(); at != due_.end(); ++at) {
                if (at->second < first->second) first = at;
            }
            if (first == due_.end()) {
                ready_.wait(lock);
            } else if (first->second > std::chrono::steady_clock::now()) {
                ready_.wait_until(lock, Moment(first->second));
            } else {
                T item = first->first;
                due_.erase(first);
                if (!due_.empty()) ready_.notify_one();
                return item;
            }
        }
        return std::nullopt;
    }

    /// Wakes every waiter; what is queued is dropped.
    void close() {
        {
            const std::lock_guard lock(mu_);
            closed_ = true;
        }
        ready_.notify_all();
    }

private:
    std::mutex mu_;
    std::condition_variable ready_;
    std::map<T, Moment> due_;  // guarded by mu_
    bool closed_ = false;      // guarded by mu_
};

}  // namespace pintle
