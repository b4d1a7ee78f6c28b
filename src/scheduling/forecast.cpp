#include <algorithm>

#include "scheduling/explanation.hpp"
#include "scheduling/future.hpp"
#include "scheduling/pass.hpp"

namespace pintle::scheduling {

std::map<domain::JobId, Forecast> forecast(const Snapshot& snapshot, Time now) {
    const Snapshot::Impl& impl = snapshot.impl();
    const Plan next = plan(snapshot, now);
    std::map<domain::JobId, Forecast> forecasts;
    Future median(impl, now, next);
    Future high(median);
    median.run(nullptr);
    high.run(nullptr);
    for (const auto& [id, waiting] : impl.waiting) {
        if (const auto forecast = forecast_from(median, high, waiting)) forecasts.emplace(id, *forecast);
    }
    return forecasts;
}

std::optional<Forecast> forecast_from(const Future& median, const Future& high, const Waiting& waiting) {
    const std::optional<Time> early = median.start_of(waiting);
    const std::optional<Time> late = high.start_of(waiting);
    if (!early || !late) return std::nullopt;
    return Forecast{*early, std::max(*early, *late)};
}

}  // namespace pintle::scheduling
