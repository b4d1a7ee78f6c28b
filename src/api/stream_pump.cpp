#include "api/stream_pump.hpp"

#include <algorithm>

namespace pintle::api {

struct Poke::Bell {
    std::mutex mu;
    std::condition_variable wake;
    bool rung = false;      // guarded by mu
    bool stopping = false;  // guarded by mu
};

void Poke::operator()() const {
    due_->store(true);
    const std::lock_guard lock(bell_->mu);
    bell_->rung = true;
    bell_->wake.notify_one();
}

StreamPump::StreamPump() : bell_(std::make_shared<Poke::Bell>()), thread_([this] { run(); }) {}

StreamPump::~StreamPump() { stop(); }

void StreamPump::add(std::unique_ptr<Producer> producer, const Poke& poke) {
    const std::lock_guard lock(bell_->mu);
    if (bell_->stopping) return;
    added_.push_back({std::move(producer), poke.due_, {}});
    bell_->rung = true;
    bell_->wake.notify_one();
}

void StreamPump::stop() {
    {
        const std::lock_guard lock(bell_->mu);
        bell_->stopping = true;
        bell_->wake.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

StreamPump::SteadyTime StreamPump::serve(std::vector<Entry>& entries) {
    SteadyTime next = SteadyTime::max();
    for (Entry& entry : entries) {
        const SteadyTime now = std::chrono::steady_clock::now();
        if (entry.poked->exchange(false) || entry.due <= now) {
            const Duration wait = entry.producer->step();
            if (wait == Producer::kDone) {
                entry.producer.reset();
                continue;
            }
            entry.due = now + wait;
        }
        next = std::min(next, entry.due);
    }
    std::erase_if(entries, [](const Entry& entry) { return !entry.producer; });
    return next;
}

void StreamPump::run() {
    std::vector<Entry> entries;
    SteadyTime next = SteadyTime::max();
    for (;;) {
        std::unique_lock lock(bell_->mu);
        const auto due = [this] { return bell_->stopping || bell_->rung; };
        if (next == SteadyTime::max()) {
            bell_->wake.wait(lock, due);
        } else {
            bell_->wake.wait_until(lock, next, due);
        }
        const bool stopping = bell_->stopping;
        bell_->rung = false;
        std::move(added_.begin(), added_.end(), std::back_inserter(entries));
        added_.clear();
        lock.unlock();
        if (stopping) return;  // The entries go, and their streams with them.
        next = serve(entries);
    }
}

}  // namespace pintle::api
