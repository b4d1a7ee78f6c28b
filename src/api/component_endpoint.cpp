#include "api/component_endpoint.hpp"

#include <algorithm>

namespace pintle::api {

Result<ComponentEndpoint> find_component_endpoint(const core::Core& core, const auth::Tokens& tokens, const domain::ProjectId& project,
                                                  const std::string& name, Time now) {
    const std::vector<core::ComponentView> views = core.components(project);
    const auto found = std::find_if(views.begin(), views.end(), [&](const core::ComponentView& view) { return view.component.name == name; });
    if (found == views.end()) return fail(ErrorCode::kNotFound, "there is no such component");
    const core::ComponentState state = core::state_of(*found);
    if (state != core::ComponentState::kRunning) {
        const std::string reason = core::reason_of(*found, now);
        return fail(ErrorCode::kUnavailable, "{} is {}{}", found->component.display_name, core::to_string(state), reason.empty() ? "" : ": " + reason);
    }
    const domain::Job& job = *found->job;
    const domain::Replica& replica = job.replicas.front();
    const int port = job.resource_of(replica).port;
    if (port == 0) return fail(ErrorCode::kInvalid, "{} has no port to open", found->component.display_name);
    ComponentEndpoint endpoint;
    endpoint.job = job.id;
    endpoint.engine = job.spec.engine;
    endpoint.address = replica.placement.address;
    endpoint.port = port;
    endpoint.token = tokens.component_secret(job.id);
    endpoint.path_prefix = domain::component_path(project, name);
    endpoint.kind = found->component.kind;
    endpoint.shared = found->component.shared.value_or(false);
    endpoint.state = state;
    return endpoint;
}

bool may_open(const auth::Identity& identity, const auth::Subject& subject, bool shared) {
    if (identity.kind != auth::Identity::Kind::kUser) return false;
    const bool is_owner = !subject.owner.empty() && identity.user == subject.owner;
    return (is_owner && identity.has(domain::Scope::kRun)) || (shared && auth::may(identity, auth::Permission::kSeeProject, subject));
}

}  // namespace pintle::api
