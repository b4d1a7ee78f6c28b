#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "base/time.hpp"

namespace pintle {

/// A queue between threads with a limit. Producers are refused when it is full, so that nothing grows without
/// bound; what to do then is the producer's policy. Thread safe.
template <class T>
class BoundedQueue {
public:
    explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

    /// False when the queue is full or closed.
    [[nodiscard]] bool push(T item) {
        {
            const std::lock_guard lock(mu_);
            if (closed_ || items_.size() >= capacity_) return false;
            items_.push_back(std::move(item));
        }
        ready_.notify_one();
        return true;
    }

    /// Adds even when full: for what must never be dropped and is bounded elsewhere. False when closed.
    bool force(T item) {
        {
            const std::lock_guard lock(mu_);
            if (closed_) return false;
            items_.push_back(std::move(item));
        }
        ready_.notify_one();
        return true;
    }

    /// Waits for the next item; nothing when the queue was closed and is empty.
    [[nodiscard]] std::optional<T> pop() {
        std::unique_lock lock(mu_);
        ready_.wait(lock, [this] { return closed_ || !items_.empty(); });
        if (items_.empty()) return std::nullopt;
        T item = std::move(items_.front());
        items_.pop_front();
        return item;
    }

    /// Waits up to `patience` for items and takes at most `most` of them, in order.
    [[nodiscard]] std::vector<T> drain(std::size_t most, Duration patience) {
        std::unique_lock lock(mu_);
        ready_.wait_for(lock, patience, [this] { return closed_ || !items_.empty(); });
        std::vector<T> taken;
        while (!items_.empty() && taken.size() < most) {
            taken.push_back(std::move(items_.front()));
            items_.pop_front();
        }
        return taken;
    }

    /// Wakes every waiter; what is queued can still be taken, nothing can be added.
    void close() {
        {
            const std::lock_guard lock(mu_);
            closed_ = true;
        }
        ready_.notify_all();
    }

    [[nodiscard]] bool closed() const {
        const std::lock_guard lock(mu_);
        return closed_;
    }
    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(mu_);
        return items_.size();
    }

private:
    const std::size_t capacity_;
    mutable std::mutex mu_;
    std::condition_variable ready_;
    std::deque<T> items_;   // guarded by mu_
    bool closed_ = false;   // guarded by mu_
};

}  // namespace pintle
