#include "runtime/work_queue.hpp"

#include <chrono>
#include <utility>

namespace pintle::runtime {
namespace {

// Somebody else, also of another process, may be done with what was in use without telling.
constexpr std::chrono::seconds kRest{2};

}  // namespace

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
        const auto id = lanes_.next();
        if (!id) {
            if (closed_ && lanes_.empty()) return;
            if (!lanes_.anyone_rests()) changed_.wait(lock);
            else if (changed_.wait_for(lock, kRest) == std::cv_status::timeout) lanes_.wake();
            continue;
        }
        Work work = std::move(works_.extract(*id).mapped());
        lock.unlock();
        const Outcome outcome = work();
        lock.lock();
        if (outcome.again) {
            works_.emplace(*id, std::move(work));
            lanes_.postpone(*id);
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
