#include "api/executor.hpp"

#include <limits>

namespace pintle::api {

Executor::Executor(std::size_t threads) : queue_(std::numeric_limits<std::size_t>::max()) {
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this] {
            while (auto work = queue_.pop()) (*work)();
        });
    }
}

Executor::~Executor() { stop(); }

bool Executor::post(std::function<void()> work) { return queue_.force(std::move(work)); }

void Executor::stop() {
    queue_.close();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

}  // namespace pintle::api
