#include "scheduling/scheduler.hpp"

#include "scheduling/pass.hpp"

namespace pintle::scheduling {

Plan plan(const Snapshot& snapshot, Time now) { return Pass(snapshot.impl(), now).run(); }

}  // namespace pintle::scheduling
