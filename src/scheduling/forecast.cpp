#include <algorithm>

#include "scheduling/explanation.hpp"
#include "scheduling/future.hpp"
#include "scheduling/pass.hpp"

namespace pintle::scheduling {

std::map<domain::JobId, Forecast> forecast(const Snapshot& snapshot, Time now) {
    const Snapshot::Impl& impl = snapshot.impl();
    const Plan next = plan(snapshot, now);
    std::map<domain::JobId, Forecast> forecasts;
    Future future(impl, now, next, nullptr);
    const std::vector<const Waiting*> all = future.all();
    future.run(Future::Pace::kMedian);
    const std::vector<Key> median = future.starts_of_all();
    future.run(Future::Pace::kHigh);
    const std::vector<Key> high = future.starts_of_all();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (median[i] == kNever || high[i] == kNever) continue;
        forecasts.emplace(all[i]->workload.id,
                          Forecast{time_from_ms(median[i]), time_from_ms(std::max(median[i], high[i]))});
    }
    return forecasts;
}

std::optional<Forecast> forecast_of(const Snapshot::Impl& impl, const Waiting& waiting, const Plan& next, Time now) {
    Future future(impl, now, next, &waiting);
    future.run(Future::Pace::kMedian);
    const std::optional<Time> median = future.start_of_only();
    if (!median) return std::nullopt;
    future.run(Future::Pace::kHigh);
    const std::optional<Time> high = future.start_of_only();
    return high ? std::optional(Forecast{*median, std::max(*median, *high)}) : std::nullopt;
}

}  // namespace pintle::scheduling
