#include "api/queue_view.hpp"

namespace pintle::api {
namespace {

// Five seconds for 10,000 jobs, nothing for one.
Duration kept_for(const QueueMoment& moment) {
    constexpr std::int64_t kJobsPerMs = 2;
    const std::size_t jobs = moment.snapshot.waiting() + moment.snapshot.running();
    return Duration(static_cast<std::int64_t>(jobs) / kJobsPerMs);
}

}  // namespace

std::optional<scheduling::Forecast> QueueMoment::forecast_of(const domain::JobId& job) const {
    const auto found = forecasts.find(job);
    return found == forecasts.end() ? std::nullopt : std::optional(found->second);
}

std::shared_ptr<const QueueMoment> QueueView::now() {
    return last_.with([&](std::shared_ptr<const QueueMoment>& last) {
        const Time now = clock_.now();
        // A clock that was set back makes everything old.
        if (last && now >= last->at && now - last->at < kept_for(*last)) return last;
        auto moment = std::make_shared<QueueMoment>();
        moment->at = now;
        runtime_.ask([&](const core::Core& core) {
            moment->snapshot = core.snapshot();
            moment->pools = core.pools();
        });
        moment->forecasts = scheduling::forecast(moment->snapshot, now);
        last = std::move(moment);
        return last;
    });
}

}  // namespace pintle::api
