#pragma once

#include <map>
#include <memory>

#include "base/synchronized.hpp"
#include "runtime/runtime.hpp"
#include "scheduling/explanation.hpp"

namespace pintle::api {

/// What ran and what waited at one moment, and when that which waits will probably start.
struct QueueMoment {
    Time at{};
    scheduling::Snapshot snapshot;
    std::map<domain::PoolId, domain::Pool> pools;
    std::map<domain::JobId, scheduling::Forecast> forecasts;

    /// Nothing for a job that did not wait, or whose start nobody can tell.
    [[nodiscard]] std::optional<scheduling::Forecast> forecast_of(const domain::JobId& job) const;
};

/// The queue for those who read it: a copy, so that neither the forecasts of everything that waits nor many readers
/// hold up the core thread. Copying costs some six microseconds for each job there, and the forecasts two on the
/// reader's thread. A copy is therefore used again for a while that grows with the number of jobs, and with few jobs
/// always made anew: about one percent of the core thread's time goes into copies.
///
/// Threading: any thread but the core's; one makes the copy while others wait for it. Failure: none.
class QueueView {
public:
    QueueView(runtime::Runtime& runtime, const Clock& clock) : runtime_(runtime), clock_(clock) {}

    [[nodiscard]] std::shared_ptr<const QueueMoment> now();

private:
    runtime::Runtime& runtime_;
    const Clock& clock_;
    Synchronized<std::shared_ptr<const QueueMoment>> last_;
};

}  // namespace pintle::api
