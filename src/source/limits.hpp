#pragma once

#include <atomic>
#include <chrono>
#include <optional>

namespace pintle::source {

/// What ends work for a job before it is done, however well it goes.
struct Limits {
    const std::atomic<bool>* give_up = nullptr;  ///< Once true, nobody wants it any more. Outlives the work.
    std::optional<std::chrono::steady_clock::time_point> deadline{};
    /// How long it is waited until others are done with what is used by one at a time; then it fails with kConflict and
    /// may be begun again. Empty: until the deadline.
    std::optional<std::chrono::milliseconds> patience{};
};

}  // namespace pintle::source
