#include "api/job_events.hpp"

#include "api/discretion.hpp"

namespace pintle::api {

Result<std::vector<domain::JobEvent>> events_of(store::StoreReader& reader, const domain::JobId& job) {
    constexpr std::size_t kMost = 50'000;
    std::vector<domain::JobEvent> events;
    while (events.size() < kMost) {
        auto more = TRY(reader.job_events(job, static_cast<std::int64_t>(events.size()), store::kPageMost));
        if (more.empty()) break;
        for (domain::JobEvent& event : more) events.push_back(std::move(event));
    }
    return events;
}

std::optional<RequeuedAt> last_requeue_of(Call& call, const domain::Job& job) {
    if (job.requeues == 0) return std::nullopt;
    const auto events =
        call.services.deps.readers.with([&](store::StoreReader& reader) { return events_of(reader, job.id); });
    if (!events) return std::nullopt;
    auto last = last_requeue(*events);
    if (last) last->reason = Discretion(call, job.display_name()).apply(last->reason);
    return last;
}

}  // namespace pintle::api
