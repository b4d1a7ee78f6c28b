#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "base/synchronized.hpp"

namespace pintle::runtime {

/// Tells waiting readers that the change log has grown. It carries only the number of the newest change; what
/// changed is read from the store, so a slow listener loses nothing. Thread safe.
class ChangeHub {
public:
    /// Called on the core thread with the newest number; must be quick. Listening ends when the returned number
    /// is given to forget(); a call that is under way may still arrive after that.
    using Listener = std::function<void(std::int64_t)>;

    [[nodiscard]] std::uint64_t listen(Listener listener);
    void forget(std::uint64_t id);
    void publish(std::int64_t sequence);
    [[nodiscard]] std::int64_t newest() const;

private:
    struct State {
        std::map<std::uint64_t, Listener> listeners;
        std::uint64_t next_id = 1;
        std::int64_t newest = 0;
    };
    Synchronized<State> state_;
};

}  // namespace pintle::runtime
