#pragma once

#include <mutex>
#include <utility>

namespace pintle {

/// A value that can only be reached while its lock is held: `shared.with([](auto& value) { … });`
template <class T>
class Synchronized {
public:
    Synchronized() = default;
    explicit Synchronized(T value) : value_(std::move(value)) {}

    template <class F>
    decltype(auto) with(F&& use) {
        const std::lock_guard lock(mu_);
        return std::forward<F>(use)(value_);
    }
    template <class F>
    decltype(auto) with(F&& use) const {
        const std::lock_guard lock(mu_);
        return std::forward<F>(use)(value_);
    }

private:
    mutable std::mutex mu_;
    T value_{};  // guarded by mu_
};

}  // namespace pintle
