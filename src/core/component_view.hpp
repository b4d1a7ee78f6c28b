#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/component.hpp"
#include "domain/project.hpp"
#include "domain/job.hpp"

namespace pintle::core {

/// A component at one moment: what was decided of it, and the job that carries it out. A value.
struct ComponentView {
    domain::Component component;  ///< Complete, with as many GPUs as it would be started with.
    domain::ComponentRecord record;
    std::shared_ptr<const domain::Job> job;  ///< Null while none runs or waits.
    std::optional<domain::ComponentUse> use; ///< What was last seen of its use, in this life of the server.
    bool project_disabled = false;
    bool is_outdated = false;  ///< It runs with what the project said before.
};

enum class ComponentState {
    kDisabled,
    kPaused,
    kWaiting,   ///< For its turn, or for GPUs.
    kStarting,  ///< Its sources and packages are prepared.
    kRunning,
    kStopping,
    kCrashLoopBackOff,  ///< It ended by itself and is started again later.
};
[[nodiscard]] std::string_view to_string(ComponentState state);  ///< "Waiting", as people see it.

/// Pure.
[[nodiscard]] ComponentState state_of(const ComponentView& view);
/// Why it is in that state, in a sentence without its end; empty where there is nothing to say.
[[nodiscard]] std::string reason_of(const ComponentView& view, Time now);

}  // namespace pintle::core
