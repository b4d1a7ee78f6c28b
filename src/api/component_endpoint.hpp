#pragma once

#include <string>

#include "auth/identity.hpp"
#include "auth/tokens.hpp"
#include "core/core.hpp"

namespace pintle::api {

/// Where the server reaches a component that runs.
struct ComponentEndpoint {
    domain::JobId job;
    domain::EngineKind engine = domain::EngineKind::kProcess;
    std::string address;      ///< Of the host that it listens on.
    int port = 0;
    std::string token;        ///< By which it trusts the server; never told to anybody else.
    std::string path_prefix;  ///< "/projects/ID/components/NAME", without a slash behind it.
    domain::ComponentKind kind = domain::ComponentKind::kCustom;
    bool shared = false;      ///< See may_open().
    core::ComponentState state = core::ComponentState::kRunning;
};

/// Pure; on the core thread, within Runtime::ask().
/// Failure: kNotFound where there is no such component, kInvalid for one that has no port, and kUnavailable, with its
/// state and reason, for one that does not run.
[[nodiscard]] Result<ComponentEndpoint> find_component_endpoint(const core::Core& core, const auth::Tokens& tokens, const domain::ProjectId& project,
                                                                const std::string& name, Time now);

/// Whether somebody may open it: its owner, and where it is shared whoever may know of the project. Who opens a notebook
/// acts as its owner, so operators are no exception, and a job's program is nobody here.
[[nodiscard]] bool may_open(const auth::Identity& identity, const auth::Subject& subject, bool shared);

}  // namespace pintle::api
