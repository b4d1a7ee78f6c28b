#include <algorithm>

#include "base/check.hpp"
#include "scheduling/explainer.hpp"
#include "scheduling/explanation.hpp"

namespace pintle::scheduling {

std::string_view to_string(WaitCode code) {
    switch (code) {
        case WaitCode::kStarting: return "starting";
        case WaitCode::kHeld: return "held";
        case WaitCode::kBehind: return "behind";
        case WaitCode::kGpus: return "gpus";
        case WaitCode::kCpu: return "cpu";
        case WaitCode::kMemory: return "memory";
        case WaitCode::kPlace: return "place";
        case WaitCode::kUnhealthy: return "unhealthy";
        case WaitCode::kPoolTooSmall: return "pool_too_small";
        case WaitCode::kQuota: return "quota";
    }
    unreachable();
}

Explanation explain(const Snapshot& snapshot, const domain::JobId& id, Time now) {
    const auto at = snapshot.impl().waiting.find(id);
    check(at != snapshot.impl().waiting.end(), "what is explained waits");
    const Workload workload = at->second.workload;
    return Explainer(snapshot, workload, now).explain();
}

Explanation what_if(const Snapshot& snapshot, const Workload& workload, Time now) {
    Workload last = workload;
    // Below the ids of all jobs, so that it is none of them.
    last.id = domain::JobId("0");
    last.rank = std::numeric_limits<std::int64_t>::max();
    Overlay overlay(snapshot);
    overlay.put(last);
    return Explainer(snapshot, last, now).explain();
}

}  // namespace pintle::scheduling
