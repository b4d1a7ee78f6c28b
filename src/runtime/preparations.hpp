#pragma once

#include <atomic>
#include <map>
#include <memory>

#include "base/synchronized.hpp"
#include "domain/ids.hpp"

namespace pintle::runtime {

/// The preparations of jobs that wait or are under way, so that one that nobody wants any more ends: what it fetches
/// may be large.
///
/// Thread safe.
class Preparations {
public:
    /// Of one preparation.
    struct Wish {
        std::atomic<bool> is_over{false};       ///< It ends as soon as it can.
        std::atomic<bool> is_forgotten{false};  ///< Its job is over too, and nothing of it may be left.
    };

    [[nodiscard]] std::shared_ptr<Wish> begin(const domain::JobId& job);
    void end(const domain::JobId& job, const std::shared_ptr<Wish>& wish);
    /// The job has ended.
    void forget(const domain::JobId& job);
    /// The server stops: all end, those that begin later too. Their jobs go on with the next start.
    void close();

private:
    struct State {
        std::multimap<domain::JobId, std::shared_ptr<Wish>> wishes;
        bool closed = false;
    };
    Synchronized<State> state_;
};

}  // namespace pintle::runtime
