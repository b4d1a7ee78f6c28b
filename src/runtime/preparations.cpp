#include "runtime/preparations.hpp"

namespace pintle::runtime {

std::shared_ptr<Preparations::Wish> Preparations::begin(const domain::JobId& job) {
    auto wish = std::make_shared<Wish>();
    state_.with([&](State& state) {
        wish->is_over = state.closed;
        state.wishes.emplace(job, wish);
    });
    return wish;
}

void Preparations::end(const domain::JobId& job, const std::shared_ptr<Wish>& wish) {
    state_.with([&](State& state) {
        const auto [begin, end] = state.wishes.equal_range(job);
        for (auto one = begin; one != end; ++one) {
            if (one->second != wish) continue;
            state.wishes.erase(one);
            return;
        }
    });
}

void Preparations::forget(const domain::JobId& job) {
    state_.with([&](State& state) {
        const auto [begin, end] = state.wishes.equal_range(job);
        for (auto one = begin; one != end; ++one) one->second->is_forgotten = one->second->is_over = true;
    });
}

void Preparations::close() {
    state_.with([](State& state) {
        state.closed = true;
        for (auto& [job, wish] : state.wishes) wish->is_over = true;
    });
}

}  // namespace pintle::runtime
