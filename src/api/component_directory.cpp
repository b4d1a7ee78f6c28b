#include "api/component_directory.hpp"

#include <optional>
#include <set>

#include "api/access.hpp"
#include "base/check.hpp"

namespace pintle::api {
namespace {

using gateway::Endpoint;
using gateway::Pass;
using Via = auth::Identity::Via;

Endpoint::State state_from(core::ComponentState state) {
    switch (state) {
        case core::ComponentState::kDisabled: return Endpoint::State::kDisabled;
        case core::ComponentState::kPaused: return Endpoint::State::kPaused;
        case core::ComponentState::kWaiting: return Endpoint::State::kWaiting;
        case core::ComponentState::kStarting: return Endpoint::State::kStarting;
        case core::ComponentState::kRunning: return Endpoint::State::kRunning;
        case core::ComponentState::kStopping: return Endpoint::State::kStopping;
        case core::ComponentState::kCrashLoopBackOff: return Endpoint::State::kFailing;
    }
    unreachable();
}

Error ended() {
    return Error{ErrorCode::kUnauthorized, "the sign-in by which this browser was let in has ended", {}, {}};
}

auth::Identity identity_of(const domain::User& user, Via via) {
    auth::Identity identity;
    identity.kind = auth::Identity::Kind::kUser;
    identity.via = via;
    identity.user = user.id;
    identity.name = user.name;
    identity.role = user.role;
    identity.group = user.group;
    return identity;
}

}  // namespace

ComponentDirectory::Known ComponentDirectory::known_from(const core::ComponentView& view,
                                                         const domain::Project& project, const auth::Tokens& tokens,
                                                         Time now) {
    Known found;
    found.shared = view.component.shared.value_or(false);
    Endpoint& endpoint = found.endpoint;
    endpoint.state = state_from(core::state_of(view));
    endpoint.project = project.id;
    endpoint.name = view.component.name;
    endpoint.project_name = project.spec.name;
    endpoint.is_jupyter = view.component.kind == domain::ComponentKind::kJupyter;
    if (endpoint.state != Endpoint::State::kRunning) {
        // Why a job waits can name others' jobs; the project's page tells it to whom it may be told.
        if (endpoint.state != Endpoint::State::kWaiting) endpoint.reason = core::reason_of(view, now);
        return found;
    }
    const domain::Replica& replica = view.job->replicas.front();
    endpoint.job = view.job->id;
    endpoint.started_at = view.job->running_at;
    endpoint.host = replica.placement.address;
    endpoint.port = static_cast<std::uint16_t>(view.job->resource_of(replica).port);
    endpoint.token = tokens.component_secret(view.job->id);
    if (view.job->spec.engine != domain::EngineKind::kProcess)
        found.elsewhere = engine::AttemptId{view.job->id, replica.name(), replica.attempt};
    return found;
}

std::optional<ComponentDirectory::Known> ComponentDirectory::look_up(const domain::ProjectId& project,
                                                                     const std::string& name) {
    const std::pair key{project, name};
    // Before the core is asked: what changes meanwhile is then found to be newer.
    const std::uint64_t generation = deps_.runtime.component_generation();
    auto known = remembered_.with([&](const Remembered& all) -> std::optional<Known> {
        const auto found = all.components.find(key);
        return all.generation != generation || found == all.components.end() ? std::nullopt
                                                                             : std::optional(found->second);
    });
    if (known) return known;
    const Time now = deps_.clock.now();
    deps_.runtime.ask([&](const core::Core& core) {
        const domain::Project* found = core.find_project(project);
        if (found == nullptr) return;
        for (const core::ComponentView& view : core.components(project)) {
            if (view.component.name == name) known = known_from(view, *found, deps_.tokens, now);
        }
    });
    if (!known || known->endpoint.state != Endpoint::State::kRunning) return known;
    remembered_.with([&](Remembered& all) {
        if (all.generation > generation) return;
        if (all.generation < generation) all = {generation, {}};
        all.components.insert_or_assign(key, *known);
    });
    return known;
}

Result<std::string> ComponentDirectory::address_of(const engine::AttemptId& id) {
    const auto known = addresses_.with([&](const Addresses& all) {
        const auto at = all.find(id);
        return at == all.end() ? std::string() : at->second;
    });
    if (!known.empty()) return known;
    std::string address = TRY(deps_.engine.own_address(id));
    if (address.empty())
        return fail(ErrorCode::kUnavailable, "what runs its container has not given it an address yet");
    addresses_.with([&](Addresses& all) { all[id] = address; });
    return address;
}

Result<Endpoint> ComponentDirectory::find(const domain::ProjectId& project, const std::string& name) {
    std::optional<Known> found = look_up(project, name);
    if (!found) return fail(ErrorCode::kNotFound, "there is no such component");
    if (found->elsewhere) found->endpoint.host = TRY(address_of(*found->elsewhere));
    return std::move(found->endpoint);
}

Result<auth::Identity> ComponentDirectory::identity_behind(const Pass& pass) {
    const Time now = deps_.clock.now();
    return deps_.readers.with([&](store::StoreReader& reader) -> Result<auth::Identity> {
        std::optional<domain::User> user;
        std::vector<domain::Scope> scopes;
        if (pass.via == Via::kSession) {
            const auto known = TRY(reader.find_session(pass.credential));
            if (known && known->session.expires_at > now) user = known->user;
        } else if (pass.via == Via::kToken) {
            const auto known = TRY(reader.find_token(pass.credential));
            const bool good = known && (known->token.expires_at == Time{} || known->token.expires_at > now);
            if (good) user = known->user;
            if (good) scopes = known->token.scopes;
        } else {
            user = TRY(reader.find_first_operator());
        }
        if (!user || user->id != pass.user || user->status == domain::UserStatus::kOffboarded) return fail(ended());
        auth::Identity identity = identity_of(*user, pass.via);
        identity.scopes = std::move(scopes);
        return identity;
    });
}

Result<auth::Identity> ComponentDirectory::admitted(const Pass& pass) {
    auth::Identity identity = TRY(identity_behind(pass));
    const auto subject =
        TRY(deps_.readers.with([&](store::StoreReader& reader) { return subject_of_project(reader, pass.project); }));
    if (!subject || !auth::may_know(identity, *subject))
        return fail(ErrorCode::kNotFound, "there is no such component");
    // The sign-in and whose project it is were just read; the core is asked for the document alone.
    const std::optional<Known> known = look_up(pass.project, pass.component);
    if (may_open(identity, *subject, known && known->shared)) return identity;
    return fail(ErrorCode::kDenied, "only the project's owner may open this: who does acts in their name");
}

Result<void> ComponentDirectory::admit(const Pass& pass) {
    TRY(admitted(pass));
    return {};
}

Result<void> ComponentDirectory::resume(const Pass& pass) {
    const auth::Identity identity = TRY(admitted(pass));
    TRY(deps_.runtime.call(core::input::ResumeComponent{pass.project, pass.component}, auth::actor_of(identity, "")));
    return {};
}

std::vector<Endpoint> ComponentDirectory::running() {
    std::vector<Known> all;
    const Time now = deps_.clock.now();
    deps_.runtime.ask([&](const core::Core& core) {
        for (const core::ComponentView& view : core.running_components()) {
            const domain::Project* project = core.find_project(view.record.project);
            if (project != nullptr) all.push_back(known_from(view, *project, deps_.tokens, now));
        }
    });
    std::set<engine::AttemptId> elsewhere;
    std::vector<Endpoint> endpoints;
    for (Known& found : all) {
        if (found.endpoint.state != Endpoint::State::kRunning || found.endpoint.port == 0) continue;
        if (found.elsewhere) {
            elsewhere.insert(*found.elsewhere);
            const auto address = address_of(*found.elsewhere);
            // It cannot be looked at now; that is no use of it.
            if (!address) continue;
            found.endpoint.host = *address;
        }
        endpoints.push_back(std::move(found.endpoint));
    }
    addresses_.with([&](Addresses& known) {
        std::erase_if(known, [&](const auto& one) { return !elsewhere.contains(one.first); });
    });
    return endpoints;
}

void ComponentDirectory::seen(const gateway::Use& use) {
    constexpr Duration kWindow = std::chrono::minutes(1);
    // Who pauses it soon looks no further back than that.
    Duration window = kWindow;
    deps_.runtime.ask([&](const core::Core& core) {
        const auto job = core.find_job(use.job);
        const domain::Project* project = job == nullptr ? nullptr : core.find_project(job->project_id);
        const auto component = project == nullptr ? std::nullopt : project->spec.find_component(job->spec.task.name);
        if (component && component->idle_pause.count() > 0) window = std::min(window, component->idle_pause);
    });
    const auto load = deps_.runtime.sampler().load_of(use.job, window);
    // What may be computing without anybody having seen it is not said to be idle.
    if (!load) return;
    // One that cannot be taken is followed by another.
    deps_.runtime.post(core::input::ComponentActivity{use.job, use.last_activity, use.busy, *load}, {},
                       [](const Result<std::string>&) {});
}

}  // namespace pintle::api
