#pragma once

#include <deque>
#include <optional>

#include "base/time.hpp"
#include "domain/component.hpp"

namespace pintle::runtime {

/// What a replica used lately, look by look, for whoever wants to know whether it does anything. Times are those of a
/// clock that never jumps. A value; keeps a few minutes and no more.
class RecentLoad {
public:
    /// At most this much of the past is asked for.
    static constexpr Duration kKept{5 * 60 * 1000};

    void add(Duration since, const domain::ComponentLoad& load);
    /// The mean of the looks in the time before `now`, and of the last one in any case. Nothing when nobody has looked
    /// for so long that it may be doing anything by now.
    [[nodiscard]] std::optional<domain::ComponentLoad> mean(Duration now, Duration window) const;
    /// Whether anything could ever be measured.
    [[nodiscard]] bool is_measured() const { return measured_; }

private:
    struct Look {
        Duration since{};
        domain::ComponentLoad load;
    };
    std::deque<Look> looks_;
    bool measured_ = false;
};

}  // namespace pintle::runtime
