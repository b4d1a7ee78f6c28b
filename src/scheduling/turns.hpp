#pragma once

#include <vector>

#include "scheduling/snapshot_impl.hpp"

namespace pintle::scheduling {

/// The pool's queue in the order in which turns come, as if each started when its turn comes: in a pool with fair
/// share that is why an owner's jobs alternate with those of others. Held and immediate ones have a turn like the
/// others. At most `most`.
[[nodiscard]] std::vector<const Waiting*> in_order_of_turns(const PoolState& pool, std::size_t most);

/// 1 is first.
[[nodiscard]] std::size_t position_in(const PoolState& pool, const Waiting* waiting);

/// Goes through the pool's ready workloads in the order of turns, while a pass starts some of them.
class Turns {
public:
    explicit Turns(const PoolState& pool, std::uint64_t pass);

    /// The next one; null: there is none. The same until pass_over() or drop() is called.
    [[nodiscard]] Waiting* next();
    /// Goes on after it.
    void pass_over();
    /// Passes over it and all of its shape (and owner, where share is fair).
    void drop();

private:
    struct Turn {
        int priority;
        Usage usage;
        std::int64_t rank;
        const Unit* unit;
        Queue::const_iterator at;
        bool operator<(const Turn& other) const;
    };
    [[nodiscard]] Usage usage_of(const Unit& unit) const;
    void push(const Unit& unit, Queue::const_iterator at);

    const PoolState& pool_;
    std::uint64_t pass_;
    std::vector<Turn> heap_;
};

}  // namespace pintle::scheduling
