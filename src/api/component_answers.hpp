#pragma once

#include <string>
#include <vector>

#include "api/call.hpp"
#include "core/component_view.hpp"
#include "scheduling/explanation.hpp"

namespace pintle::api {

/// A component at one moment, with what its reader may know of why it waits.
struct ComponentSeen {
    core::ComponentView view;
    std::optional<scheduling::Explanation> waiting;
    std::string reason;
};

/// Every component of the call's project. Not on the core thread.
[[nodiscard]] std::vector<ComponentSeen> see_components(Call& call);
/// Component.
[[nodiscard]] json::Value component_value(Call& call, const ComponentSeen& seen);

}  // namespace pintle::api
