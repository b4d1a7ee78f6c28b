#include "runtime/change_hub.hpp"

#include <vector>

namespace pintle::runtime {

std::uint64_t ChangeHub::listen(Listener listener) {
    return state_.with([&](State& state) {
        const std::uint64_t id = state.next_id++;
        state.listeners.emplace(id, std::move(listener));
        return id;
    });
}

void ChangeHub::forget(std::uint64_t id) {
    state_.with([&](State& state) { state.listeners.erase(id); });
}

void ChangeHub::publish(std::int64_t sequence) {
    // Listeners are called outside the lock, so that one may forget itself.
    std::vector<Listener> called;
    state_.with([&](State& state) {
        state.newest = sequence;
        for (const auto& [id, listener] : state.listeners) called.push_back(listener);
    });
    for (const Listener& listener : called) listener(sequence);
}

std::int64_t ChangeHub::newest() const {
    return state_.with([](const State& state) { return state.newest; });
}

}  // namespace pintle::runtime
