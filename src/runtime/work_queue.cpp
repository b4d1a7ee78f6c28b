#include "runtime/work_queue.hpp"

#include <utility>

namespace pintle::runtime {

void WorkQueue::add(std::set<std::string> places, Work work) {
    {
        const std::lock_guard lock(mu_);
        if (closed_) return;
        const PreparationLanes::Id id = next_id_++;
        works_.emplace(id, std::move(work));
        lanes_.add(id, std::move(places));
    }
    changed_.notify_one();
}

void WorkQueue::run() {
    std::unique_lock lock(mu_);
    while (true) {
        // Somebody else, also of another process, may be done with what was in use without telling.
        if (lanes_.next_wake()) lanes_.wake(std::chrono::steady_clock::now());
        const auto id = lanes_.next();
        if (!id) {
            if (closed_ && lanes_.empty()) return;
            if (const auto wake = lanes_.next_wake()) changed_.wait_until(lock, *wake);
            else changed_.wait(lock);
            continue;
        }
        Work work = std::move(works_.extract(*id).mapped());
        lock.unlock();
        const Outcome outcome = work();
        lock.lock();
        if (outcome.again) {
            works_.emplace(*id, std::move(work));
            lanes_.postpone(*id, std::chrono::steady_clock::now() + rest_);
            if (closed_) {
                for (const PreparationLanes::Id dropped : lanes_.drop_waiting()) works_.erase(dropped);
            }
        } else if (outcome.failed) lanes_.failed(*id, outcome.place);
        else lanes_.succeeded(*id);
        // What a place has answered can let several others begin.
        changed_.notify_all();
    }
}

void WorkQueue::close() {
    {
        const std::lock_guard lock(mu_);
        closed_ = true;
        for (const PreparationLanes::Id id : lanes_.drop_waiting()) works_.erase(id);
    }
    changed_.notify_all();
}

}  // namespace pintle::runtime
