// Stands in for explanations until they are merged.
#include "scheduling/explanation.hpp"
#include "scheduling/scheduler.hpp"

namespace pintle::scheduling {

std::string_view to_string(WaitCode) { return "behind"; }
Explanation explain(const Snapshot& snapshot, const domain::JobId& id, Time) {
    Explanation explanation;
    explanation.position = snapshot.position_of(id);
    explanation.reason = "it waits for its turn";
    return explanation;
}
Explanation what_if(const Snapshot&, const Workload&, Time) { return {}; }
std::map<domain::JobId, Forecast> forecast(const Snapshot&, Time) { return {}; }

}  // namespace pintle::scheduling
